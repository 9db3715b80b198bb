"""Serving arithmetic: demand, GPUs, energy and money per token."""

from __future__ import annotations

SECONDS_PER_WEEK = 604_800.0
SECONDS_PER_HOUR = 3600.0


def requests_per_second(requests_per_week: float) -> float:
    """Mean request rate."""
    return requests_per_week / SECONDS_PER_WEEK


def peak_tokens_per_second(
    requests_per_week: float, tokens_per_request: float, peak_factor: float
) -> float:
    """Output tokens per second to plan for: mean request rate x tokens x peak over mean."""
    return requests_per_second(requests_per_week) * tokens_per_request * peak_factor


def serving_gpus(demand: float, tokens_per_gpu: float, target_utilisation: float) -> float:
    """GPUs that a demand in tokens per second needs, not rounded."""
    return demand / (tokens_per_gpu * target_utilisation)


def tokens_per_joule(tokens_per_second: float, watts: float) -> float:
    """Tokens per joule: rate over power."""
    return tokens_per_second / watts


def usd_per_million_tokens(
    usd_per_gpu_hour: float, tokens_per_second: float, gpus: float = 1.0
) -> float:
    """`$/GPU-h x GPUs x 1e6 / (3600 x tokens/s)`; the rate is that of all the GPUs together."""
    return usd_per_gpu_hour * gpus * 1e6 / (SECONDS_PER_HOUR * tokens_per_second)

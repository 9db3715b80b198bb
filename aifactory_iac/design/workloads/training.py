"""Training arithmetic: floating-point work, time, and the GPUs that a deadline needs.

`6 N D` after Kaplan (2020) and Hoffmann (2022); utilisation of model FLOPS after PaLM
(arXiv 2204.02311). Peaks are dense, never sparse.
"""

from __future__ import annotations

from aifactory_iac.design.estimate import Range

SECONDS_PER_DAY = 86_400.0
FLOP_PER_PARAMETER_AND_TOKEN = 6.0
"""Two for the forward pass, four for the backward pass."""


def training_flops(parameters: float, tokens: float) -> float:
    """Floating-point operations of one training: `6 N D`."""
    return FLOP_PER_PARAMETER_AND_TOKEN * parameters * tokens


def training_days(
    flops: float, gpus: float, peak_tflops: float, mfu: float, goodput: float = 1.0
) -> float:
    """Days of wall time: `flops / (GPUs x dense peak x MFU) / goodput`; `peak_tflops` per GPU."""
    return flops / (gpus * peak_tflops * 1e12 * mfu) / goodput / SECONDS_PER_DAY


def gpus_for(
    flops: float, deadline_days: float, peak_tflops: float, mfu: float, goodput: float = 1.0
) -> float:
    """GPUs that finish the work in `deadline_days`; the inverse of `training_days`, not rounded."""
    return training_days(flops, 1.0, peak_tflops, mfu, goodput) / deadline_days


def days_range(flops: float, gpus: int, peak_tflops: float, mfu: Range, goodput: Range) -> Range:
    """`training_days` over ranges: the best utilisation and goodput give the low end."""
    return Range.point(training_days(flops, gpus, peak_tflops, 1.0)).over(mfu.times(goodput))


def mfu_ceiling(achievable_tflops: float, peak_tflops: float) -> float:
    """Highest utilisation that hardware allows: measured achievable matmul FLOPS over peak."""
    return achievable_tflops / peak_tflops

"""Accelerator memory: what a model takes, and what software can see of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from aifactory_iac.catalog.facts import Accelerator

BYTES_PER_VALUE: Mapping[str, float] = MappingProxyType(
    {"fp32": 4.0, "tf32": 4.0, "bf16": 2.0, "fp8": 1.0, "fp6": 0.75, "fp4": 0.5, "int8": 1.0}
)
"""Bytes that one number of a precision takes in memory; by definition of the format."""


def visible_gb(accelerator: Accelerator) -> float:
    """Memory that a driver reports, in decimal gigabytes; the label where no report is known."""
    if accelerator.memory_visible_mib is None:
        return accelerator.memory_gb
    return accelerator.memory_visible_mib * 2**20 / 1e9


def visible_field(accelerator: Accelerator) -> str:
    """The field of the record that `visible_gb` reads."""
    return "memory_gb" if accelerator.memory_visible_mib is None else "memory_visible_mib"


def training_gb_per_gpu(parameters: float, bytes_per_parameter: float, gpus: int) -> float:
    """Model, gradient and optimizer state of one GPU when sharded over all, in gigabytes."""
    return parameters * bytes_per_parameter / gpus / 1e9


def weights_gb(parameters: float, precision: str) -> float:
    """Weights of a model in service, in gigabytes; the KV cache comes on top."""
    return parameters * BYTES_PER_VALUE[precision] / 1e9


def gpus_for_weights(weights: float, memory: float) -> int:
    """Fewest GPUs that hold the weights; both in gigabytes."""
    return max(1, math.ceil(weights / memory))

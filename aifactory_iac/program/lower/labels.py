"""Node labels that the cloud and the on-prem side set alike, and that quotas and drivers select by.

The prefix is the toolkit's own; `nvidia.com/*` labels are read by NVIDIA's operators.
"""

from __future__ import annotations

POOL = "aifactory/pool"
SCALABLE_UNIT = "aifactory/scalable-unit"
RACK = "aifactory/rack"
TENANT = "aifactory/tenant"
HOSTNAME = "kubernetes.io/hostname"
MIG_CONFIG = "nvidia.com/mig.config"
SHARING_CONFIG = "nvidia.com/device-plugin.config"

GPU_RESOURCES = {"NVIDIA": "nvidia.com/gpu", "AMD": "amd.com/gpu"}
"""Extended resource that a vendor's device plugin advertises."""


def gpu_resource(vendor: str) -> str:
    """The extended resource of the vendor's accelerators; also the key of the taint."""
    return GPU_RESOURCES.get(vendor, f"{vendor.lower()}.com/gpu")

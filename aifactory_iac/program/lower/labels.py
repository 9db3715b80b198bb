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

RESOURCES = {
    "nvidia": "nvidia.com/gpu",
    "amd": "amd.com/gpu",
    "aws": "aws.amazon.com/neuron",
    "intel": "habana.ai/gaudi",
    "google": "google.com/tpu",
}
"""Extended resource that a vendor's device plugin advertises; also the key of the taint."""

"""Upstream charts, each pinned to one version of one repository.

Versions are those that research 02 read and whose reference files the tests check our values and
custom resources against; a change here is a change of every cluster's platform.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NGC = "https://helm.ngc.nvidia.com/nvidia"


@dataclass(frozen=True, slots=True)
class Pin:
    """One chart in one version."""

    chart: str
    version: str
    repository: str | None
    namespace: str
    """As the project's own documentation installs it."""
    pod_security: str = "baseline"

    def args(self, **values: Any) -> dict[str, Any]:
        """Arguments of a `kubernetes.chart:Chart` component."""
        found: dict[str, Any] = {
            "chart": self.chart,
            "version": self.version,
            "namespace": self.namespace,
            "pod_security": self.pod_security,
            "values": values,
        }
        return found if self.repository is None else {**found, "repository": self.repository}


GPU_OPERATOR = Pin("gpu-operator", "v26.7.0", NGC, "gpu-operator", "privileged")
NETWORK_OPERATOR = Pin("network-operator", "26.4.1", NGC, "network-operator", "privileged")
KUEUE = Pin("oci://registry.k8s.io/kueue/charts/kueue", "0.19.2", None, "kueue-system")
EFA_PLUGIN = Pin(
    "aws-efa-k8s-device-plugin", "v0.5.29", "https://aws.github.io/eks-charts", "kube-system"
)
TOPOGRAPH = Pin("topograph", "1.0.0", "https://NVIDIA.github.io/topograph", "topograph")
PROMETHEUS = Pin(
    "kube-prometheus-stack",
    "84.4.0",
    "https://prometheus-community.github.io/helm-charts",
    "monitoring",
    "privileged",
)
CERT_MANAGER = Pin("cert-manager", "v1.20.2", "https://charts.jetstack.io", "cert-manager")

NETWORK_OPERANDS = "network-operator-v26.4.1"
"""Tag of the network operator's own images (its chart's values)."""
DOCA_DRIVER = "doca3.4.1-26.04-1.1.0.0-1"
"""DOCA driver of network operator v26.4.1 (its `hack/release.yaml`)."""
GPU_DRIVER = "595.91.07"
"""Driver of GPU operator v26.7.0 (its chart's values), for pools that name none."""

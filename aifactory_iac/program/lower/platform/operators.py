"""Operators and services of one cluster as components."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aifactory_iac.findings import Finding
from aifactory_iac.program.lower import labels
from aifactory_iac.program.lower.platform import charts
from aifactory_iac.program.lower.platform.cluster import ClusterView
from aifactory_iac.program.lower.quotas import TIME_SLICES
from aifactory_iac.program.rules import found
from aifactory_iac.program.unit import Call

SHARED_ADAPTER = 63
"""Pods that may share an RDMA adapter: the figure of the network operator's own examples."""

SOCKETS = {
    "k3s": "/run/k3s/containerd/containerd.sock",
    "rke2": "/run/k3s/containerd/containerd.sock",
}
"""Distributions that bring a containerd of their own (docs.rke2.io, reference, CLI tools)."""

_TOLERATE_GPU = ({"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"},)


def operators(view: ClusterView) -> tuple[Call, ...]:
    """Components for the services that the blueprint asks for and this version installs."""
    makers = {
        "gpu": _gpu,
        "network": _network,
        "topology": _topology,
        "metrics": _metrics,
        "certificates": _certificates,
    }
    return tuple(
        call for service, make in makers.items() if service in view.services for call in make(view)
    )


def left_out(view: ClusterView) -> Iterator[Finding]:
    """What the blueprint asks of the cluster and these programs leave to people."""
    for service in sorted(view.services & {"logs", "model-registry", "storage"}):
        yield found(
            "AIF-PRG-082",
            f"These programs do not install service `{service}` on cluster `{view.name}`.",
            view.origin,
            hint="install it once the cluster is up, or take it out of `orchestration.services`",
        )
    if "gpu" in view.services:
        for pool in view.accelerated:
            if pool not in view.with_nvidia:
                yield found(
                    "AIF-PRG-083",
                    f"These programs do not install the device plugin of pool `{pool.name}` "
                    f"(`{view.resource(pool)}`) on cluster `{view.name}`: they install only "
                    "NVIDIA's GPU operator.",
                    view.origin,
                    hint="install the vendor's device plugin once the cluster is up",
                )
    if "topology" in view.services and _topology_source(view) is None:
        yield found(
            "AIF-PRG-084",
            f"The topology of cluster `{view.name}` comes from rack labels alone: topograph reads "
            "InfiniBand and AWS.",
            view.origin,
            hint="label the nodes with the switches that they hang on, or leave out `topology`",
        )


def _gpu(view: ClusterView) -> Iterator[Call]:
    if not view.with_nvidia:
        return
    rdma = bool(view.rdma) and "network" in view.services
    drivers: dict[str, dict[str, Any]] = {}
    for pool in view.with_nvidia:
        if not view.driver_in_image(pool):
            image = view.asked(pool).image
            branch = image.driver if image is not None else None
            drivers[pool.name] = {
                "version": str(branch) if branch is not None else charts.GPU_DRIVER,
                "precompiled": branch is not None,
                "rdma": rdma,
            }
    ways = sorted({view.asked(pool).sharing for pool in view.with_nvidia} - {"none"})
    yield Call(
        component="kubernetes.gpu_operator:GpuOperator",
        name=f"{view.name}-gpu-operator",
        args={
            "repository": charts.GPU_OPERATOR.repository,
            "version": charts.GPU_OPERATOR.version,
            "pool_label": labels.POOL,
            "drivers": drivers,
            "toolkit": not view.on_aws,
            "sharing": dict.fromkeys(ways, TIME_SLICES),
            "service_monitor": "metrics" in view.services,
            "containerd_socket": SOCKETS.get(view.distribution),
        },
        options=view.options(*_after(view, "metrics")),
        origin=view.origin,
    )


def _network(view: ClusterView) -> Iterator[Call]:
    if view.efa:
        yield Call(
            component="kubernetes.chart:Chart",
            name=f"{view.name}-efa",
            args={
                **charts.EFA_PLUGIN.args(tolerations=_TOLERATE_GPU),
                "create_namespace": False,
            },
            options=view.options(),
            origin=view.origin,
        )
    if view.rdma:
        carries = {network.technology.startswith("infiniband") for network in view.rdma}
        # Where both are there, the compute fabric is the one that pods need.
        compute = [network for network in view.rdma if network.role == "compute"] or view.rdma
        infiniband = (
            compute[0].technology.startswith("infiniband") if len(carries) > 1 else carries.pop()
        )
        owned = any(not view.driver_in_image(pool) for pool in view.pools)
        yield Call(
            component="kubernetes.network_operator:NetworkOperator",
            name=f"{view.name}-network-operator",
            args={
                "repository": charts.NETWORK_OPERATOR.repository,
                "version": charts.NETWORK_OPERATOR.version,
                "operands": charts.NETWORK_OPERANDS,
                "link": "infiniband" if infiniband else "ether",
                "devices": SHARED_ADAPTER,
                "driver": charts.DOCA_DRIVER if owned else None,
                "own_discovery": not ("gpu" in view.services and view.with_nvidia),
            },
            options=view.options(*_after(view, "gpu")),
            origin=view.origin,
        )


def _topology(view: ClusterView) -> Iterator[Call]:
    source = _topology_source(view)
    if source is not None:
        yield Call(
            component="kubernetes.chart:Chart",
            name=f"{view.name}-topograph",
            args=charts.TOPOGRAPH.args(provider={"name": source}, engine={"name": "k8s"}),
            options=view.options(),
            origin=view.origin,
        )


def _topology_source(view: ClusterView) -> str | None:
    if view.on_aws:
        return "aws"
    infiniband = any(network.technology.startswith("infiniband") for network in view.rdma)
    return "infiniband-k8s" if infiniband else None


def _metrics(view: ClusterView) -> Iterator[Call]:
    yield Call(
        component="kubernetes.chart:Chart",
        name=f"{view.name}-metrics",
        args=charts.PROMETHEUS.args(),
        options=view.options(),
        origin=view.origin,
    )


def _certificates(view: ClusterView) -> Iterator[Call]:
    yield Call(
        component="kubernetes.chart:Chart",
        name=f"{view.name}-certificates",
        args=charts.CERT_MANAGER.args(crds={"enabled": True}),
        options=view.options(),
        origin=view.origin,
    )


def _after(view: ClusterView, service: str) -> tuple[str, ...]:
    """The component of another service, where the cluster has it."""
    if service not in view.services:
        return ()
    if service == "gpu":
        return (f"{view.name}-gpu-operator",) if view.with_nvidia else ()
    return (f"{view.name}-{service}",)

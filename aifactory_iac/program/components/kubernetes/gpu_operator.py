"""NVIDIA's GPU operator: driver where the image has none, device plugin, MIG and metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from .chart import ChartArgs, release

TOLERATIONS = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]


class Driver(TypedDict):
    """The driver of one pool. A branch such as `580` needs `precompiled` images."""

    version: str
    precompiled: bool
    rdma: bool


@dataclass(frozen=True)
class GpuOperatorArgs:
    """Who owns the driver, and how accelerators are cut and shared."""

    repository: str
    version: str
    pool_label: str
    """Node label that holds the name of the pool."""
    drivers: Mapping[str, Driver]
    """By pool, where the operator installs the driver; the images of the others carry theirs."""
    toolkit: bool
    """Whether the operator installs the container toolkit."""
    sharing: Mapping[str, int]
    """Pods that share an accelerator, by way of sharing: `time-slicing`, `mps`."""
    service_monitor: bool
    """Whether metrics are announced to a Prometheus operator."""
    containerd_socket: str | None = None
    """Where the distribution keeps containerd's socket, if not in the usual place."""
    namespace: str = "gpu-operator"


class GpuOperator(pulumi.ComponentResource):
    """The operator, and one driver object for each pool that it installs the driver on."""

    def __init__(
        self, name: str, args: GpuOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the release, then the drivers, whose definitions it brings."""
        super().__init__("aifactory:kubernetes:GpuOperator", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        operator = release(
            name,
            ChartArgs(
                chart="gpu-operator",
                version=args.version,
                namespace=args.namespace,
                repository=args.repository,
                values=_values(args),
                pod_security="privileged",
            ),
            child,
        )
        after = pulumi.ResourceOptions(
            parent=self,
            depends_on=[operator],
            # Immutable by the definition, and the name is the pool's.
            replace_on_changes=["spec.usePrecompiled"],
            delete_before_replace=True,
        )
        for pool, driver in args.drivers.items():
            k8s.apiextensions.CustomResource(
                f"{name}.driver.{pool}",
                api_version="nvidia.com/v1alpha1",
                kind="NVIDIADriver",
                metadata={"name": pool},
                spec={
                    "default": False,
                    "driverType": "gpu",
                    "repository": "nvcr.io/nvidia",
                    "image": "driver",
                    "version": driver["version"],
                    "usePrecompiled": driver["precompiled"],
                    "kernelModuleType": "auto",
                    "rdma": {"enabled": driver["rdma"]},
                    "nodeSelector": {args.pool_label: pool},
                    "tolerations": TOLERATIONS,
                },
                opts=after,
            )
        self.register_outputs({})


def _values(args: GpuOperatorArgs) -> dict[str, Any]:
    """Chart values; what is not named here keeps the chart's own default."""
    owns_driver = bool(args.drivers)
    toolkit: dict[str, Any] = {"enabled": args.toolkit}
    if args.toolkit and args.containerd_socket is not None:
        toolkit["env"] = [{"name": "CONTAINERD_SOCKET", "value": args.containerd_socket}]
    values: dict[str, Any] = {
        "driver": {
            "enabled": owns_driver,
            "nvidiaDriverCRD": {"enabled": owns_driver, "deployDefaultCR": False},
        },
        "toolkit": toolkit,
        "mig": {"strategy": "single"},
        "dcgmExporter": {"serviceMonitor": {"enabled": args.service_monitor}},
        # On by default since v26.7.0, for confidential containers alone.
        "ccManager": {"enabled": False},
    }
    if args.sharing:
        values["devicePlugin"] = {
            "config": {
                "create": True,
                "name": "gpu-sharing",
                "default": "none",
                "data": {
                    "none": json.dumps({"version": "v1"}),
                    **{way: _sharing(way, pods) for way, pods in args.sharing.items()},
                },
            }
        }
    return values


def _sharing(way: str, pods: int) -> str:
    """A device plugin configuration; nodes choose one by label."""
    key = {"time-slicing": "timeSlicing", "mps": "mps"}[way]
    resources = [{"name": "nvidia.com/gpu", "replicas": pods}]
    return json.dumps({"version": "v1", "sharing": {key: {"resources": resources}}})

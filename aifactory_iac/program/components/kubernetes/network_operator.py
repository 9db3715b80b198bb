"""NVIDIA's network operator: RDMA devices for pods, and the network driver where needed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as k8s

from .chart import ChartArgs, release

REGISTRY = "nvcr.io/nvidia/mellanox"


@dataclass(frozen=True)
class NetworkOperatorArgs:
    """Which links carry RDMA, and who owns their driver."""

    repository: str
    version: str
    operands: str
    """Tag of the operator's own images, such as `network-operator-v26.4.1`."""
    link: Literal["infiniband", "ether"]
    devices: int
    """Pods that may share an adapter."""
    driver: str | None
    """Version of the DOCA driver that the operator installs; `None` where the image carries it."""
    own_discovery: bool
    """Whether it brings node feature discovery; a cluster bears only one."""
    namespace: str = "network-operator"


class NetworkOperator(pulumi.ComponentResource):
    """The operator and its one policy, which must be named `nic-cluster-policy`."""

    def __init__(
        self, name: str, args: NetworkOperatorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the release, then the policy, whose definition it brings."""
        super().__init__("aifactory:kubernetes:NetworkOperator", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        operator = release(
            name,
            ChartArgs(
                chart="network-operator",
                version=args.version,
                namespace=args.namespace,
                repository=args.repository,
                values={"nfd": {"enabled": args.own_discovery}},
                pod_security="privileged",
            ),
            child,
        )
        k8s.apiextensions.CustomResource(
            f"{name}.policy",
            api_version="mellanox.com/v1alpha1",
            kind="NicClusterPolicy",
            metadata={"name": "nic-cluster-policy"},
            spec=_policy(args),
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[operator])),
        )
        self.register_outputs({})


def _policy(args: NetworkOperatorArgs) -> dict[str, Any]:
    shared = {
        "configList": [
            {
                "resourceName": "rdma_shared_device",
                "rdmaHcaMax": args.devices,
                "selectors": {"vendors": ["15b3"], "linkTypes": [args.link]},
            }
        ]
    }
    policy: dict[str, Any] = {
        "rdmaSharedDevicePlugin": {
            "repository": REGISTRY,
            "image": "k8s-rdma-shared-dev-plugin",
            "version": args.operands,
            "config": json.dumps(shared),
        },
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }
    if args.driver is not None:
        policy["ofedDriver"] = {
            "repository": REGISTRY,
            "image": "doca-driver",
            "version": args.driver,
            "upgradePolicy": {
                "autoUpgrade": True,
                "maxParallelUpgrades": 1,
                "drain": {"enable": True, "timeoutSeconds": 3600},
            },
        }
    return policy

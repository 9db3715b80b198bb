"""Kueue, and what all tenants' queues share: flavors, topology and workload priorities."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from .chart import ChartArgs, release

API = "kueue.x-k8s.io/v1beta2"


class Flavor(TypedDict):
    """Like nodes that a quota is counted on."""

    labels: Mapping[str, str]
    topology: str | None
    taints: Sequence[str]
    """Keys of `NoSchedule` taints that workloads of the flavor get a toleration for."""


@dataclass(frozen=True)
class QueueingArgs:
    """What is shared by all queues of a cluster."""

    chart: str
    version: str
    frameworks: Sequence[str]
    """Kinds of jobs that wait in queues."""
    uncounted: Sequence[str]
    """Prefixes of resources that no quota counts, so that workloads that ask for them still run."""
    flavors: Mapping[str, Flavor]
    topologies: Mapping[str, Sequence[str]]
    """Node labels from the widest level to the node itself, by name of the topology."""
    priorities: Mapping[str, int]
    namespace: str = "kueue-system"


class Queueing(pulumi.ComponentResource):
    """The controller first, since it brings the definitions of everything else."""

    def __init__(
        self, name: str, args: QueueingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the release, then topologies, flavors and priorities."""
        super().__init__("aifactory:kubernetes:Queueing", name, dict(vars(args)), opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        controller = release(
            name,
            ChartArgs(
                chart=args.chart,
                version=args.version,
                namespace=args.namespace,
                values=_values(args),
            ),
            child,
        )
        after = pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[controller]))
        # Levels, labels, tolerations and topology are immutable by the definitions.
        fixed = pulumi.ResourceOptions.merge(
            after,
            pulumi.ResourceOptions(replace_on_changes=["spec"], delete_before_replace=True),
        )
        topologies = {
            topology: k8s.apiextensions.CustomResource(
                f"{name}.topology.{topology}",
                api_version=API,
                kind="Topology",
                metadata={"name": topology},
                spec={"levels": [{"nodeLabel": label} for label in levels]},
                opts=fixed,
            )
            for topology, levels in args.topologies.items()
        }
        for flavor, content in args.flavors.items():
            self._flavor(flavor, content, topologies, fixed)
        for priority, value in args.priorities.items():
            self._priority(priority, value, after)
        self.register_outputs({})

    def _flavor(
        self,
        flavor: str,
        content: Flavor,
        topologies: Mapping[str, pulumi.Resource],
        fixed: pulumi.ResourceOptions,
    ) -> None:
        topology = content["topology"]
        spec: dict[str, Any] = {"nodeLabels": dict(content["labels"])}
        if content["taints"]:
            spec["tolerations"] = [
                {"key": key, "operator": "Exists", "effect": "NoSchedule"}
                for key in content["taints"]
            ]
        if topology is not None:
            spec["topologyName"] = topology
            fixed = pulumi.ResourceOptions.merge(
                fixed, pulumi.ResourceOptions(depends_on=[topologies[topology]])
            )
        k8s.apiextensions.CustomResource(
            f"{self._name}.flavor.{flavor}",
            api_version=API,
            kind="ResourceFlavor",
            metadata={"name": flavor},
            spec=spec,
            opts=fixed,
        )

    def _priority(self, priority: str, value: int, after: pulumi.ResourceOptions) -> None:
        # The value stands beside `metadata`, where the SDK's own class has no room for it.
        pulumi.CustomResource(
            f"kubernetes:{API}:WorkloadPriorityClass",
            f"{self._name}.priority.{priority}",
            {
                "apiVersion": API,
                "kind": "WorkloadPriorityClass",
                "metadata": {"name": priority},
                "value": value,
                "description": f"Workloads of {priority} priority.",
            },
            after,
        )


def _values(args: QueueingArgs) -> dict[str, Any]:
    """Chart values; the controller's own configuration is a document inside a string."""
    configuration = {
        "apiVersion": "config.kueue.x-k8s.io/v1beta2",
        "kind": "Configuration",
        "health": {"healthProbeBindAddress": ":8081"},
        "metrics": {"bindAddress": ":8443"},
        "webhook": {"port": 9443},
        "leaderElection": {"leaderElect": True, "resourceName": "c1f6bfd2.kueue.x-k8s.io"},
        "clientConnection": {"qps": 300, "burst": 500},
        "integrations": {"frameworks": list(args.frameworks)},
        "resources": {"excludeResourcePrefixes": list(args.uncounted)},
    }
    return {
        "controllerManager": {"replicas": 2},
        "managerConfig": {"controllerManagerConfigYaml": json.dumps(configuration, indent=2)},
    }

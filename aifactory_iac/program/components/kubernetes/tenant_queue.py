"""A tenant's queue: what is guaranteed, what may be borrowed, and the door to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from .queueing import API


@dataclass(frozen=True)
class TenantQueueArgs:
    """Guaranteed amounts by resource and flavor."""

    queue: str
    namespace: pulumi.Input[str]
    namespace_selector: Mapping[str, str]
    cohort: str
    """Queues of one cohort lend each other what they do not use."""
    quotas: Mapping[str, Mapping[str, int]]
    """By resource and then by flavor."""
    borrows: bool
    door: str = "default"
    """Name of the queue inside the namespace; `default` takes jobs that name none."""


class TenantQueue(pulumi.ComponentResource):
    """A cluster queue and the local queue that leads to it."""

    def __init__(
        self, name: str, args: TenantQueueArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the cluster queue, then the local one."""
        super().__init__("aifactory:kubernetes:TenantQueue", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        queue = k8s.apiextensions.CustomResource(
            name,
            api_version=API,
            kind="ClusterQueue",
            metadata={"name": args.queue},
            spec={
                "cohortName": args.cohort,
                "namespaceSelector": {"matchLabels": dict(args.namespace_selector)},
                "queueingStrategy": "BestEffortFIFO",
                "preemption": {
                    "withinClusterQueue": "LowerPriority",
                    "reclaimWithinCohort": "Any",
                },
                "resourceGroups": [
                    {
                        "coveredResources": [resource],
                        "flavors": [
                            {"name": flavor, "resources": [_amount(resource, amount, args)]}
                            for flavor, amount in flavors.items()
                        ],
                    }
                    for resource, flavors in args.quotas.items()
                ],
            },
            opts=child,
        )
        k8s.apiextensions.CustomResource(
            f"{name}.door",
            api_version=API,
            kind="LocalQueue",
            metadata={"name": args.door, "namespace": args.namespace},
            spec={"clusterQueue": args.queue},
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[queue])),
        )
        self.register_outputs({})


def _amount(resource: str, amount: int, args: TenantQueueArgs) -> dict[str, Any]:
    """Without a limit a queue may borrow all that the cohort leaves idle."""
    limit = {} if args.borrows else {"borrowingLimit": 0}
    return {"name": resource, "nominalQuota": amount, **limit}

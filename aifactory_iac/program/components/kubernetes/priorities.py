"""Priority classes of pods, with the names that workloads use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s


@dataclass(frozen=True)
class PriorityClassesArgs:
    """Values by name; a higher one preempts a lower one."""

    values: Mapping[str, int]


class PriorityClasses(pulumi.ComponentResource):
    """Cluster-wide priority classes; none is the default, so system pods stay above all."""

    def __init__(
        self, name: str, args: PriorityClassesArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers one class a name."""
        super().__init__("aifactory:kubernetes:PriorityClasses", name, dict(vars(args)), opts)
        for priority, value in args.values.items():
            k8s.scheduling.v1.PriorityClass(
                f"{name}.{priority}",
                metadata={"name": priority},
                value=value,
                global_default=False,
                preemption_policy="PreemptLowerPriority",
                description=f"Workloads of {priority} priority.",
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})

"""A pool of machines: one node group for each scalable unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

import pulumi

from aifactory_iac.providers.metal import (
    Bmc,
    Boot,
    Disks,
    GroupBudget,
    GroupCluster,
    GroupInstall,
    Image,
    NodeGroup,
    RackedMachine,
    Rollout,
)


class ScalableUnit(TypedDict):
    """Machines of one scalable unit, by host name."""

    number: int
    machines: Mapping[str, RackedMachine]
    rack: int
    """Most machines of one rack that are disturbed at once."""


@dataclass(frozen=True)
class NodePoolArgs:
    """The machines of one pool and the state they are kept in."""

    site: pulumi.Input[str]
    pool: pulumi.Input[str]
    system: pulumi.Input[str]
    domain: pulumi.Input[str]
    units: Mapping[str, ScalableUnit]
    """By a name that growth does not change, such as `su01`."""
    boot: Boot
    disks: Disks
    rollout: Rollout
    image: Image | None = None
    bmc: Bmc | None = None
    provisioning_server: pulumi.Input[str] | None = None
    install: GroupInstall | None = None
    cluster: GroupCluster | None = None
    """Whose scheduler drains the machines."""
    watts: float | None = None
    """Most that one machine draws."""
    ramp: float | None = None
    """Most watts that come on in a minute, over the whole site."""


class NodePool(pulumi.ComponentResource):
    """Like machines at one site; growing by a scalable unit adds one resource."""

    group_ids: Mapping[str, pulumi.Output[str]]
    """Ids of the node groups by name of the scalable unit."""

    def __init__(
        self,
        name: str,
        args: NodePoolArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers one node group a scalable unit."""
        # The machines stand in the groups; here they would be there twice.
        summary = {**vars(args), "units": list(args.units)}
        super().__init__("aifactory:onprem:NodePool", name, summary, opts)
        groups = {
            unit: NodeGroup(
                f"{name}-{unit}",
                site=args.site,
                pool=args.pool,
                scalable_unit=content["number"],
                system=args.system,
                machines=content["machines"],
                boot=args.boot,
                disks=args.disks,
                rollout=args.rollout,
                domain=args.domain,
                image=args.image,
                bmc=args.bmc,
                provisioning_server=args.provisioning_server,
                install=args.install,
                budget=_budget(content["rack"], args.ramp),
                watts=args.watts,
                cluster=args.cluster,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for unit, content in args.units.items()
        }
        # One by one: a group that is yet to be made leaves the others' ids known.
        self.group_ids = {unit: group.id for unit, group in groups.items()}
        self.register_outputs({"groupIds": self.group_ids})


def _budget(rack: int, ramp: float | None) -> GroupBudget:
    return {"rack": rack} if ramp is None else {"rack": rack, "watts": ramp}

"""Planning a site that was applied before: what is known then, and what stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aifactory_iac.program import Lowered, Unit
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Applied = Callable[[Unit], Mapping[str, PlannedResource]]


def test_the_clusters_own_group_stays_unknown_while_its_network_settings_change(
    cloud: Document, lowered: Lower, applied: Applied
) -> None:
    """EKS fills the group into the block that we give; a new block does not have it yet."""
    found = applied(lowered(cloud).unit("cloud/cluster"))
    template = found["aws:ec2/launchTemplate:LaunchTemplate::system-eks-template"]
    assert template.inputs["vpcSecurityGroupIds"] == [UNKNOWN]


def test_every_unit_can_be_planned_again(cloud: Document, lowered: Lower, applied: Applied) -> None:
    for unit in lowered(cloud).units:
        assert applied(unit)

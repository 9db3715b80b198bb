"""Planning a site that was applied before: what follows from a change, and what does not."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import Change, Op
from aifactory_iac.program import Lowered

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Anew = Callable[[Lowered, Lowered], Mapping[str, Change]]

CLUSTER = "aws:eks/cluster:Cluster::cluster-eks-control-plane"
NODES = "aws:eks/nodeGroup:NodeGroup::train-nodes"
SYSTEM = "aws:eks/nodeGroup:NodeGroup::system-eks-nodes"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate::train-template"
TOPIC = "aws:sns/topic:Topic::alerts-topic"


@pytest.fixture
def changed(cloud: Document, lowered: Lower, planned_anew: Anew) -> Callable[..., Any]:
    """Plans the cloud factory anew after a change of its document."""

    def after(change: Callable[[Document], Any]) -> Mapping[str, Change]:
        before = copy.deepcopy(cloud)
        change(cloud)
        return planned_anew(lowered(before), lowered(cloud))

    return after


def test_without_a_change_nothing_changes(changed: Any) -> None:
    assert changed(lambda document: None) == {}


def test_another_version_of_the_cluster_leaves_its_nodes_alone(changed: Any) -> None:
    """Address, keys and group of a control plane outlive its upgrade."""

    def upgrade(document: Document) -> None:
        document["orchestration"]["clusters"][0]["version"] = "1.35"

    found = changed(upgrade)
    assert {name: (change.op, change.impact) for name, change in found.items()} == {
        "aifactory:aws:Cluster::cluster-eks": (Op.UPDATE, Impact.IN_PLACE),
        CLUSTER: (Op.UPDATE, Impact.ROLLING),
    }


def test_other_networks_at_the_endpoint_leave_the_clusters_own_group_known(changed: Any) -> None:
    """EKS fills the group into the very block that changes."""

    def opened(document: Document) -> None:
        document["orchestration"]["clusters"][0]["endpoint"] = {
            "public": True,
            "allowed": ["198.51.100.0/24"],
        }

    found = changed(opened)
    assert found[CLUSTER].op is Op.UPDATE
    assert sorted(found) == ["aifactory:aws:Cluster::cluster-eks", CLUSTER]


def test_another_tag_rolls_the_nodes(changed: Any) -> None:
    """Instances take their tags from the launch template: a new version of it makes new nodes."""
    found = changed(lambda document: document["governance"]["tags"].update({"cost-center": "43"}))
    assert (found[TEMPLATE].op, found[TEMPLATE].impact) == (Op.UPDATE_MAYBE, Impact.IN_PLACE)
    for group in (NODES, SYSTEM):
        assert (found[group].op, found[group].impact) == (Op.UPDATE, Impact.ROLLING)
        assert [change.path for change in found[group].properties] == [
            ("launchTemplate", "version"),
            ("tags", "cost-center"),
        ]
    replaced = {name for name, change in found.items() if change.op.replaces}
    assert replaced == set()


def test_another_tag_leaves_every_identity_known(changed: Any) -> None:
    """Every resource changes, and still no argument but versions of templates is unknown."""
    found = changed(lambda document: document["governance"]["tags"].update({"cost-center": "43"}))
    uncertain = {
        path
        for change in found.values()
        for path, kind in ((each.path, each.kind) for each in change.properties)
        if not kind.certain
    }
    assert uncertain == {("launchTemplate", "version")}

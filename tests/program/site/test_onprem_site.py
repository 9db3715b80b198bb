"""Provisioning and clusters of a site, and how its units hang together."""

from __future__ import annotations

from dataclasses import replace

import pulumi
import pytest

from aifactory_iac.deploy import Setting, construct
from aifactory_iac.deploy.ports import as_inputs, taken
from aifactory_iac.program.lower.onprem.cluster import servers
from aifactory_iac.program.lower.onprem.slurm import slurm_shapes
from aifactory_iac.program.planned import UNKNOWN
from aifactory_iac.program.run import run_unit
from aifactory_iac.providers.resources.cluster import TYPE as cluster_type  # noqa: N811
from aifactory_iac.providers.resources.cluster_membership import (
    TYPE as cluster_membership,  # noqa: N811
)


def test_units_of_a_site_go_from_the_network_up(lowered, document):
    found = lowered(document)
    assert found.needs["fra1/provisioning"] == ()
    assert found.needs["fra1/fabric"] == ()
    assert found.needs["fra1/compute"] == ("fra1/provisioning",)
    assert found.needs["fra1/cluster"] == ("fra1/compute",)
    assert found.needs["fra1/platform"] == ("fra1/cluster",)


def test_every_port_is_wired(lowered, document):
    assert [item for item in lowered(document).findings if item.rule < "AIF-PRG-020"] == []


def test_the_provisioning_server_knows_subnets_and_images(metal, engineer, document):
    _, design = engineer(document)
    cidr = {subnet.purpose: subnet.cidr for subnet in design.subnets if subnet.site == "fra1"}
    assert metal("provisioning")["ProvisioningServer:fra1-provisioning"].inputs == {
        "site": "fra1",
        "domain": "fra1.internal",
        "subnets": {
            "in-band": {"cidr": cidr["in-band"]},
            "out-of-band": {"cidr": cidr["out-of-band"]},
        },
        "images": {"train": {"os": "ubuntu-24.04"}},
        "bootMethods": ["http", "media"],
    }


def test_a_cluster_has_three_servers_and_keeps_nodes_for_its_tenants(metal):
    item = metal("cluster")["Cluster:metal"]
    assert item.additional_secret_outputs == ("kubeconfig",)
    assert item.inputs == {
        "site": "fra1",
        "kind": "kubernetes",
        "distribution": "rke2",
        "version": "1.34",
        "servers": ["train-su001-n01", "train-su001-n02", "train-su001-n03"],
        "encryptSecrets": True,
        "auditLogs": True,
        "allowed": [],
        "reservations": {"clinic": [{"pool": "train", "nodes": 8}]},
    }


def test_a_control_plane_prefers_machines_without_accelerators(engineer, changed):
    document = changed()
    document["compute"].append(
        {"name": "mgmt", "site": "fra1", "system": "dell-r760xa", "count": 3}
    )
    document["orchestration"]["clusters"][0]["pools"] = ["train", "mgmt"]
    blueprint, design = engineer(document)
    cluster = blueprint.orchestration.clusters[0]
    pools = {**design.pools, "mgmt": replace(design.pools["mgmt"], accelerator=None)}
    assert servers(cluster, replace(design, pools=pools)) == (
        "mgmt-n0001",
        "mgmt-n0002",
        "mgmt-n0003",
    )


def test_two_machines_have_a_control_plane_of_one(units, changed):
    document = changed()
    document["compute"][0].pop("scalable_units")
    document["compute"][0] |= {"count": 2, "spares": None}
    (call,) = units(document)["fra1/cluster"].calls
    assert call.args["servers"] == ("train-su001-n01",)


def test_every_node_group_joins_with_its_labels_and_taint(metal):
    item = metal("cluster")["ClusterMembership:metal.train-su002"]
    assert item.inputs == {
        "cluster": UNKNOWN,
        "nodeGroup": UNKNOWN,
        "labels": {"aifactory/pool": "train", "aifactory/scalable-unit": "train-su002"},
        "taints": ["nvidia.com/gpu=present:NoSchedule"],
        "rackLabel": "aifactory/rack",
        "drainSeconds": 3600,
        "kind": "kubernetes",
        "nodes": item.inputs["nodes"],
    }
    assert list(item.inputs["nodes"]) == [f"train-su002-n{n:02d}" for n in range(1, 33)]
    assert all(set(node) == {"rack"} for node in item.inputs["nodes"].values())


def test_nodes_kept_for_a_tenant_are_labelled_and_tainted_beside_the_control_plane(metal, units):
    nodes = metal("cluster")["ClusterMembership:metal.train-su001"].inputs["nodes"]
    kept = [name for name, node in nodes.items() if "labels" in node]
    assert kept == [f"train-su001-n{n:02d}" for n in range(4, 12)]
    node = nodes["train-su001-n04"]
    assert node["labels"] == {"aifactory/tenant": "clinic"}
    assert list(node["taints"]) == ["aifactory/tenant=clinic:NoSchedule"]


def test_a_slurm_controller_is_told_of_shapes_and_of_one_leaf_a_unit(units, changed):
    document = changed()
    document["orchestration"]["clusters"][0] |= {"kind": "slurm", "scheduler": "slurm"}
    (call,) = units(document)["fra1/cluster"].calls
    shape = dict(call.args["pools"]["train"])
    assert len(shape.pop("nodes")) == 127
    assert shape == {
        "sockets": 2,
        "cores": 56,
        "threads": 1,
        "memory": 1992294,
        "gpus": 8,
        "devices": "/dev/nvidia[0-7]",
    }
    switches = call.args["switches"]
    assert list(switches) == [*(f"train-su{n:03d}" for n in range(1, 5)), "fabric"]
    assert switches["fabric"] == {"switches": tuple(f"train-su{n:03d}" for n in range(1, 5))}
    assert switches["train-su001"]["nodes"][0] == "train-su001-n01"
    member = call.args["members"]["train-su001"]
    assert member["taints"] == ()
    assert all(set(node) == {"rack"} for node in member["nodes"].values())


def test_a_slurm_cluster_of_a_system_without_published_cores_has_no_shapes(
    engineer, changed, catalog
):
    _, design = engineer(changed())
    pool = replace(design.pools["train"], system="unheard-of")
    assert slurm_shapes([pool], design, catalog) == {}


@pytest.mark.parametrize("kind", ["kubernetes", "slurm"])
def test_the_provider_finds_nothing_wrong_with_what_it_is_told(units, changed, kind):
    document = changed()
    if kind == "slurm":
        document["orchestration"]["clusters"][0] |= {"kind": "slurm", "scheduler": "slurm"}
        document["orchestration"]["clusters"][0].pop("version")
    unit = units(document)["fra1/cluster"]
    found = construct(
        lambda: run_unit(unit, {"fra1/compute.train_groups": {}}) and None,
        Setting("hybrid", "dev.fra1.cluster"),
    )
    types = {"Cluster": cluster_type, "ClusterMembership": cluster_membership}
    asked = [each for each in found.resources if each.type.startswith("aifactory:metal:")]
    assert len(asked) == 5
    for each in asked:
        checked = types[each.type.rpartition(":")[2]].check(None, each.inputs)
        assert (each.name, checked.failures) == (each.name, ())


def test_mig_and_sharing_are_labels_of_the_nodes(units, changed):
    document = changed(compute__0__mig="1g.10gb", compute__0__sharing="mps")
    (call,) = units(document)["fra1/cluster"].calls
    labels = call.args["members"]["train-su001"]["labels"]
    assert labels["nvidia.com/mig.config"] == "all-1g.10gb"
    assert labels["nvidia.com/device-plugin.config"] == "mps"


def test_a_slurm_cluster_gives_no_kubeconfig(units, changed):
    document = changed()
    document["orchestration"]["clusters"][0] |= {"kind": "slurm", "scheduler": "slurm"}
    unit = units(document)["fra1/cluster"]
    assert [give.name for give in unit.gives] == ["metal_endpoint"]
    assert unit.calls[0].args["distribution"] == "slurm"
    assert "fra1/platform" not in units(document)


def test_the_kubeconfig_leaves_the_unit_as_a_secret(units, document):
    gives = {give.name: give for give in units(document)["fra1/cluster"].gives}
    assert gives["metal_kubeconfig"].secret
    assert gives["metal_kubeconfig"].type == "Kubeconfig"


def test_what_serves_production_is_protected(metal):
    assert metal("compute")["NodePool:fra1-train"].protect
    assert metal("cluster")["Cluster:metal"].protect
    assert metal("fabric")["SwitchConfig:compute-spine-001"].protect


def test_outside_production_nothing_is(units, changed):
    found = units(changed(governance__environment="staging"))
    assert not any(
        call.options.protect
        for name in found
        if name.startswith("fra1")
        for call in found[name].calls
    )


def test_a_pool_that_grew_previews_before_its_machines_are_up(units, document):
    cluster = units(document)["fra1/cluster"]
    known = {"su001": "ng-1", "su002": "ng-2"}
    for groups in (lambda: known, lambda: pulumi.Output.from_input(known)):
        found = construct(
            lambda groups=groups: (
                run_unit(cluster, {"fra1/compute.train_groups": groups()}) and None
            ),
            Setting("hybrid", "dev.fra1.cluster"),
        )
        assert found.findings == ()
        joined = [
            resource.inputs["nodeGroup"]
            for resource in found.resources
            if resource.type == "aifactory:metal:ClusterMembership"
        ]
        assert joined == ["ng-1", "ng-2", UNKNOWN, UNKNOWN]


def test_a_group_that_is_yet_to_be_made_leaves_the_others_known(units, document):
    """What the planner has of a pool that grows: the ids of the last state, and one to come."""
    compute = construct(
        lambda: run_unit(units(document)["fra1/compute"], {}) and None,
        Setting("hybrid", "dev.fra1.compute"),
    )
    assert compute.outputs["train_groups"] == dict.fromkeys(
        ("su001", "su002", "su003", "su004"), UNKNOWN
    )
    cluster = units(document)["fra1/cluster"]
    groups = {"su001": "ng-1", "su002": "ng-2", "su003": "ng-3", "su004": UNKNOWN}
    found = construct(
        lambda: (
            run_unit(cluster, as_inputs({"fra1/compute.train_groups": groups}, taken(cluster)))
            and None
        ),
        Setting("hybrid", "dev.fra1.cluster"),
    )
    resources = {resource.name: resource for resource in found.resources}
    assert resources["metal.train-su001"].inputs["nodeGroup"] == "ng-1"
    assert resources["metal.train-su004"].inputs["nodeGroup"] is UNKNOWN
    (whole,) = [each for each in found.resources if each.type == "aifactory:onprem:MetalCluster"]
    assert whole.inputs["groups"] == {"train": groups}


def test_storage_and_lines_of_ones_own_are_left_to_people(lowered, changed):
    document = changed()
    document["sites"].append({**document["sites"][0], "name": "fra2", "addresses": "10.32.0.0/16"})
    document["links"] = [
        {"name": "ring", "between": ["fra1", "fra2"], "kind": "dark-fiber", "bandwidth": "1 Tb/s"}
    ]
    document["storage"] = {
        "tiers": [
            {"name": "home", "site": "fra1", "kind": "nfs", "capacity": "1 PB"},
            {
                "name": "scratch",
                "site": "fra1",
                "kind": "parallel",
                "system": "ddn-ai400x2",
                "capacity": "2 PB",
            },
        ]
    }
    vendors = "is not provisioned: storage at one's own site is installed by its vendor."
    carriers = "is not provisioned: it joins two of one's own sites by a carrier's line."
    said = [item for item in lowered(document).findings if "060" <= item.rule[-3:] < "080"]
    assert [(item.rule, item.path, item.message) for item in said] == [
        (
            "AIF-PRG-060",
            ("storage", "tiers", "home"),
            f"Storage tier `home` {vendors}",
        ),
        (
            "AIF-PRG-060",
            ("storage", "tiers", "scratch"),
            f"Storage tier `scratch` (`ddn-ai400x2`) {vendors}",
        ),
        (
            "AIF-PRG-061",
            ("links", "ring"),
            f"Link `ring` (dark-fiber) {carriers}",
        ),
    ]

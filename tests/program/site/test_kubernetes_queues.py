"""Kueue: flavors by pool, a queue for each tenant, quotas derived and never asked for."""

from __future__ import annotations

import json

import pytest

GPU_TOLERATION = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
TENANT_TOLERATION = {"key": "aifactory/tenant", "operator": "Exists", "effect": "NoSchedule"}


@pytest.fixture(scope="module")
def platform(metal):
    return metal("platform")


def named(found, kind):
    return {
        item.inputs["metadata"]["name"]: item.inputs
        for item in found.values()
        if item.type == f"kubernetes:kueue.x-k8s.io/v1beta2:{kind}"
    }


def test_flavors_are_pools_and_reserved_parts_of_them(platform):
    assert {name: item["spec"] for name, item in named(platform, "ResourceFlavor").items()} == {
        "train": {
            "nodeLabels": {"aifactory/pool": "train"},
            "topologyName": "site",
            "tolerations": [GPU_TOLERATION],
        },
        "train.clinic": {
            "nodeLabels": {"aifactory/pool": "train", "aifactory/tenant": "clinic"},
            "topologyName": "site",
            "tolerations": [GPU_TOLERATION, TENANT_TOLERATION],
        },
    }


def test_topology_ends_at_the_node(platform, resources, document):
    site = named(platform, "Topology")["site"]["spec"]["levels"]
    assert [level["nodeLabel"] for level in site] == [
        "aifactory/scalable-unit",
        "aifactory/rack",
        "kubernetes.io/hostname",
    ]
    cloud = named(resources(document, "aws-fra/platform"), "Topology")
    assert [level["nodeLabel"] for level in cloud["aws-network"]["spec"]["levels"]] == [
        "topology.k8s.aws/network-node-layer-1",
        "topology.k8s.aws/network-node-layer-2",
        "topology.k8s.aws/network-node-layer-3",
        "kubernetes.io/hostname",
    ]


def test_a_tenant_that_borrows_has_no_limit(platform):
    assert named(platform, "ClusterQueue")["research"]["spec"] == {
        "cohortName": "metal",
        "namespaceSelector": {"matchLabels": {"aifactory/tenant": "research"}},
        "queueingStrategy": "BestEffortFIFO",
        "preemption": {"withinClusterQueue": "LowerPriority", "reclaimWithinCohort": "Any"},
        "resourceGroups": [
            {
                "coveredResources": ["nvidia.com/gpu"],
                "flavors": [
                    {
                        "name": "train",
                        "resources": [{"name": "nvidia.com/gpu", "nominalQuota": 184}],
                    }
                ],
            }
        ],
    }


def test_a_tenant_with_nodes_of_its_own_is_counted_on_them(platform):
    (group,) = named(platform, "ClusterQueue")["clinic"]["spec"]["resourceGroups"]
    assert group["flavors"] == [
        {
            "name": "train.clinic",
            "resources": [{"name": "nvidia.com/gpu", "nominalQuota": 64, "borrowingLimit": 0}],
        }
    ]


def test_a_local_queue_named_default_takes_jobs_that_name_none(platform):
    doors = [item for item in platform.values() if item.type.endswith(":LocalQueue")]
    assert sorted(
        (
            item.inputs["metadata"]["namespace"],
            item.inputs["metadata"]["name"],
            item.inputs["spec"]["clusterQueue"],
        )
        for item in doors
    ) == [("tenant-clinic", "default", "clinic"), ("tenant-research", "default", "research")]


def test_workload_priorities_stand_beside_their_metadata(platform):
    assert {
        name: item["value"] for name, item in named(platform, "WorkloadPriorityClass").items()
    } == {"low": 100, "normal": 1_000, "high": 10_000}


def test_quotas_count_accelerators_alone(platform):
    values = platform["Release:metal-queueing"].inputs["values"]
    configuration = json.loads(values["managerConfig"]["controllerManagerConfigYaml"])
    assert configuration["resources"]["excludeResourcePrefixes"] == [
        "cpu",
        "ephemeral-storage",
        "hugepages-",
        "memory",
        "rdma/",
        "vpc.amazonaws.com/efa",
    ]
    assert "batch/job" in configuration["integrations"]["frameworks"]


def test_a_gpu_cut_by_mig_counts_as_its_instances(units, catalog, changed):
    document = changed(compute__0__mig="1g.10gb")
    call = next(c for c in units(document)["fra1/platform"].calls if c.name == "metal.clinic.queue")
    instances = catalog.accelerators["nvidia-h100-sxm"].mig_profiles["1g.10gb"]
    assert instances == 7
    assert call.args["quotas"] == {"nvidia.com/gpu": {"train.clinic": 64 * instances}}


def test_quotas_of_all_tenants_add_up_to_what_was_promised(units, document):
    total = 0
    for name in ("fra1/platform", "aws-fra/platform"):
        for call in units(document)[name].calls:
            if call.component.endswith(":TenantQueue"):
                total += sum(call.args["quotas"]["nvidia.com/gpu"].values())
    assert total == 192 + 64


def test_a_new_tenant_leaves_the_queues_of_others_alone(units, changed):
    document = changed()
    document["governance"]["tenants"].append({"name": "apps", "quota": {"gpus": 16}})
    before = {call.name: call for call in units(changed())["fra1/platform"].calls}
    after = {call.name: call for call in units(document)["fra1/platform"].calls}
    assert {name for name in after if after[name] != before.get(name)} == {
        "metal.apps",
        "metal.apps.queue",
    }


def test_what_kueue_does_not_let_change_is_replaced(platform):
    for kind in ("ResourceFlavor", "Topology"):
        for item in platform.values():
            if item.type.endswith(f":{kind}"):
                assert item.replace_on_changes == ("spec",)
                assert item.delete_before_replace

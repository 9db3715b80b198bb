"""Accelerated node groups: interfaces, placement, capacity, disks, taints."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.catalog import Catalog
from aifactory_iac.program import FromEnvironment, Lowered, Take
from aifactory_iac.program.lower.aws.compute import image, interfaces
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]
Lower = Callable[[Document], Lowered]
Registered = Callable[..., Mapping[str, PlannedResource]]

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate::train-template"
GROUP = "aws:eks/nodeGroup:NodeGroup::train-nodes"
PLACEMENT = "aws:ec2/placementGroup:PlacementGroup::train-placement"


@pytest.fixture
def compute(lowered: Lower, registered: Registered) -> Callable[[Document], Any]:
    def of(document: Document) -> Mapping[str, PlannedResource]:
        return registered(lowered(document).unit("cloud/compute"))

    return of


def cards(instance: str, catalog: Catalog) -> list[tuple[int, int, str]]:
    return [
        (item["network_card_index"], item["device_index"], item["interface_type"])
        for item in interfaces(catalog.aws_instances[instance])
    ]


def test_p5_has_ena_on_card_0_and_efa_on_all_32_cards(catalog: Catalog) -> None:
    """EC2 User Guide, "Maximize network bandwidth": the example with 32 EFA and one ENA device."""
    assert cards("p5.48xlarge", catalog) == [
        (0, 0, "interface"),
        (0, 1, "efa-only"),
        *((card, 0, "efa-only") for card in range(1, 32)),
    ]


def test_p6_b300_has_no_efa_on_card_0(catalog: Catalog) -> None:
    """17 cards and 16 EFA adapters: an EFA on card 0 is refused by EC2."""
    assert cards("p6-b300.48xlarge", catalog) == [
        (0, 0, "interface"),
        *((card, 0, "efa-only") for card in range(1, 17)),
    ]


def test_p6e_has_efa_on_the_odd_cards(catalog: Catalog) -> None:
    """Facts, `efa.p6e_gb200`: card indexes 1, 3, 5, ..., 15."""
    assert cards("p6e-gb200.36xlarge", catalog) == [
        (0, 0, "interface"),
        *((card, 0, "efa-only") for card in (1, 3, 5, 7, 9, 11, 13, 15)),
    ]


def test_every_type_with_efa_uses_each_adapter_once(catalog: Catalog) -> None:
    for name, instance in catalog.aws_instances.items():
        if instance.efa:
            found = cards(name, catalog)
            assert found[0] == (0, 0, "interface")
            assert len(found) == len(set(found)) == instance.efa + 1
            assert {kind for _, _, kind in found[1:]} == {"efa-only"}


def test_the_template_of_an_efa_pool(cloud: Document, compute: Any) -> None:
    found = compute(cloud)
    inputs = dict(found[TEMPLATE].inputs)
    tags = inputs.pop("tags")
    assert (tags["Name"], tags["zone"], tags["tenant"]) == ("train-template", "compute", "shared")
    network = inputs.pop("networkInterfaces")
    assert len(network) == 33
    assert network[0] == {
        "networkCardIndex": 0,
        "deviceIndex": 0,
        "interfaceType": "interface",
        "securityGroups": [UNKNOWN, UNKNOWN],
        "deleteOnTermination": "true",
    }
    specified = inputs.pop("tagSpecifications")
    assert [item["resourceType"] for item in specified] == [
        "instance",
        "network-interface",
        "volume",
    ]
    assert {item["tags"]["Name"] for item in specified} == {"train"}
    user_data = base64.b64decode(inputs.pop("userData")).decode()
    assert "kind: NodeConfig" in user_data
    assert "strategy: RAID0" in user_data
    assert inputs == {
        "description": "Nodes of train",
        "updateDefaultVersion": True,
        "instanceType": "p5.48xlarge",
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
        },
        "monitoring": {"enabled": True},
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": 200,
                    "encrypted": "true",
                    "kmsKeyId": UNKNOWN,
                    "deleteOnTermination": "true",
                },
            }
        ],
        "placement": {"groupName": UNKNOWN},
    }


def test_the_node_group_of_an_efa_pool(cloud: Document, compute: Any) -> None:
    inputs = dict(compute(cloud)[GROUP].inputs)
    inputs.pop("tags")
    assert inputs == {
        "clusterName": UNKNOWN,
        "nodeRoleArn": UNKNOWN,
        "subnetIds": UNKNOWN,
        "amiType": "AL2023_x86_64_NVIDIA",
        "capacityType": "ON_DEMAND",
        "launchTemplate": {"id": UNKNOWN, "version": UNKNOWN},
        "scalingConfig": {"minSize": 4, "desiredSize": 4, "maxSize": 4},
        "updateConfig": {"maxUnavailable": 1},
        "nodeRepairConfig": {"enabled": True},
        "labels": {"aifactory/pool": "train"},
        "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
    }


def test_efa_nodes_stand_together_in_one_zone(
    cloud: Document, lowered: Lower, compute: Any
) -> None:
    calls = {item.name: item.args for item in lowered(cloud).unit("cloud/compute").calls}
    assert calls["train"]["subnet_ids"] == Take("cloud/network.first_zone_subnet_ids", "SubnetIds")
    assert calls["serve"]["subnet_ids"] == Take("cloud/network.private_subnet_ids", "SubnetIds")
    assert compute(cloud)[PLACEMENT].inputs["strategy"] == "cluster"


def test_nodes_are_in_the_clusters_group_and_in_their_pools(
    cloud: Document, lowered: Lower
) -> None:
    calls = {item.name: item.args for item in lowered(cloud).unit("cloud/compute").calls}
    assert calls["train"]["security_group_ids"] == (
        Take("cloud/cluster.eks_security_group_id", "SecurityGroupId"),
        Take("cloud/network.pool_train_security_group_id", "SecurityGroupId"),
    )


def test_a_pool_that_no_network_serves_has_plain_interfaces(cloud: Document, compute: Any) -> None:
    cloud["fabric"] = []
    found = compute(cloud)
    assert PLACEMENT not in found
    assert found[TEMPLATE].inputs["vpcSecurityGroupIds"] == [UNKNOWN, UNKNOWN]
    assert "networkInterfaces" not in found[TEMPLATE].inputs


def test_a_spot_pool_scales_to_zero_and_keeps_what_the_autoscaler_set(
    cloud: Document, compute: Any
) -> None:
    group = compute(cloud)["aws:eks/nodeGroup:NodeGroup::serve-nodes"]
    assert group.inputs["capacityType"] == "SPOT"
    assert group.inputs["scalingConfig"] == {"minSize": 0, "desiredSize": 2, "maxSize": 2}
    assert group.ignore_changes == ("scalingConfig.desiredSize",)
    assert compute(cloud)[GROUP].ignore_changes == ()


def test_a_capacity_block_is_targeted_and_never_placed(
    cloud: Document, lowered: Lower, compute: Any
) -> None:
    """Facts, `capacity_blocks`: do not combine with a cluster placement group."""
    cloud["compute"][0]["purchase"] = {
        "capacity_block": {"start": "2027-02-01T11:30:00Z", "duration": "14 d"}
    }
    calls = {item.name: item.args for item in lowered(cloud).unit("cloud/compute").calls}
    assert calls["train"]["reservation_id"] == FromEnvironment("AIFACTORY_CAPACITY_BLOCK_TRAIN")
    found = compute(cloud)
    assert PLACEMENT not in found
    assert found[GROUP].inputs["capacityType"] == "CAPACITY_BLOCK"
    template = found[TEMPLATE].inputs
    assert template["instanceMarketOptions"] == {"marketType": "capacity-block"}
    assert template["capacityReservationSpecification"] == {
        "capacityReservationTarget": {"capacityReservationId": UNKNOWN}
    }
    assert "placement" not in template
    assert len(template["networkInterfaces"]) == 33


def test_a_reservation_of_ones_own_is_targeted_on_demand(cloud: Document, compute: Any) -> None:
    cloud["compute"][0]["purchase"] = {"reservation": "cr-0123456789abcdef0"}
    found = compute(cloud)
    assert PLACEMENT not in found
    assert found[GROUP].inputs["capacityType"] == "ON_DEMAND"
    assert "instanceMarketOptions" not in found[TEMPLATE].inputs
    assert found[TEMPLATE].inputs["capacityReservationSpecification"] == {
        "capacityReservationTarget": {"capacityReservationId": "cr-0123456789abcdef0"}
    }


def test_trainium_nodes_are_tainted_by_their_own_key(cloud: Document, compute: Any) -> None:
    cloud["compute"][0]["instance"] = "trn1.32xlarge"
    group = compute(cloud)[GROUP].inputs
    assert group["taints"] == [
        {"key": "aws.amazon.com/neuron", "value": "present", "effect": "NO_SCHEDULE"}
    ]
    assert group["amiType"] == "AL2023_x86_64_NEURON"


def test_images_fit_the_architecture(catalog: Catalog) -> None:
    assert image(catalog.aws_instances["p6e-gb200.36xlarge"]) == "AL2023_ARM_64_NVIDIA"
    assert image(catalog.aws_instances["p5en.48xlarge"]) == "AL2023_x86_64_NVIDIA"

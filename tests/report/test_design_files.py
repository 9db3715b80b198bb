"""The design as files: they can be read back, and their sums are the design's."""

from __future__ import annotations

import csv
import ipaddress
import json
from collections import Counter
from dataclasses import replace

import pytest

from aifactory_iac.api import design, load
from aifactory_iac.design import document
from aifactory_iac.library import volumes
from aifactory_iac.report.design_files import design_files


@pytest.fixture(scope="module", params=[volume.name for volume in volumes()])
def factory(request):
    return design(load(request.param))


@pytest.fixture(scope="module")
def files(factory):
    return design_files(factory)


def rows(text: str) -> list[dict[str, str]]:
    assert "\r" not in text
    return list(csv.DictReader(text.splitlines()))


def test_the_files_have_names_that_say_what_is_in_them(files):
    assert set(files) == {
        "design.json", "inventory.csv", "racks.csv", "networks.csv", "devices.csv",
        "addresses.csv", "bill-of-materials.csv",
    }  # fmt: skip


def test_the_json_is_the_document_that_design_prints(factory, files):
    assert json.loads(files["design.json"]) == document(factory)


def test_equal_designs_give_equal_bytes(factory, files):
    assert design_files(factory) == files


def test_the_inventory_reads_back_as_the_nodes(factory, files):
    back = [
        (row["name"], row["site"], row["pool"], row["system"], row["role"], row["rack"] or None,
         int(row["unit"]) if row["unit"] else None, int(row["scalable_unit"]), int(row["slot"]),
         row["spare"] == "yes")
        for row in rows(files["inventory.csv"])
    ]  # fmt: skip
    assert back == [
        (node.name, node.site, node.pool, node.system, node.role, node.rack, node.unit,
         node.scalable_unit, node.slot, node.spare)
        for node in factory.each_node()
    ]  # fmt: skip


def test_the_racks_read_back_and_hold_the_nodes_that_the_inventory_says(factory, files):
    racks = rows(files["racks.csv"])
    assert [row["name"] for row in racks] == list(factory.racks.name)
    held = Counter(row["rack"] for row in rows(files["inventory.csv"]) if row["rack"])
    assert {row["name"]: int(row["nodes"]) for row in racks if int(row["nodes"])} == dict(held)
    for row in racks:
        assert int(row["used_units"]) <= int(row["units"])
        assert float(row["power_kw"]) <= float(row["limit_kw"]) + 1e-3


def test_the_devices_read_back_and_stand_where_the_design_put_them(factory, files):
    back = [
        (row["name"], row["site"], row["kind"], row["owner"], row["tier"], row["model"],
         row["rack"] or None, int(row["unit"]) if row["unit"] else None)
        for row in rows(files["devices.csv"])
    ]  # fmt: skip
    assert back == [
        (each.name, each.site, each.kind, each.owner, each.tier, each.model, each.rack, each.unit)
        for each in factory.each_device()
    ]


def test_the_switches_are_as_many_as_the_networks_count(factory, files):
    devices = rows(files["devices.csv"])
    listed = Counter(row["owner"] for row in devices if row["kind"] == "switch")
    assert dict(listed) == {
        name: each.switches.total for name, each in factory.networks.items() if each.switches.total
    }
    for row in rows(files["networks.csv"]):
        network = factory.networks[row["name"]]
        cables = network.cables
        assert [int(row[tier]) for tier in ("leaf", "spine", "core")] == [
            network.switches.leaf, network.switches.spine, network.switches.core,
        ]  # fmt: skip
        assert [int(row[f"{kind}_cables"]) for kind in ("host", "leaf_spine", "spine_core")] == [
            cables.host, cables.leaf_spine, cables.spine_core,
        ]  # fmt: skip


def test_the_addresses_are_blocks_with_room_for_what_is_used(factory, files):
    listed = rows(files["addresses.csv"])
    assert len(listed) == len(factory.subnets)
    for row in listed:
        block = ipaddress.ip_network(row["cidr"])
        assert int(row["used"]) <= int(row["capacity"]) <= block.num_addresses


def test_the_bill_is_what_the_design_counts(factory, files):
    bill = rows(files["bill-of-materials.csv"])
    count = Counter()
    for row in bill:
        count[row["kind"]] += int(row["count"])
    ours = [pool for pool in factory.pools.values() if pool.site in factory.power]
    wired = [each for each in factory.networks.values() if each.switch is not None]
    assert count["system"] == sum(pool.machines for pool in ours)
    assert count["switch"] == sum(each.switches.total for each in wired)
    assert count["cable"] == sum(
        each.cables.host + each.cables.leaf_spine + each.cables.spine_core for each in wired
    )
    assert count["storage"] == sum(
        tier.appliances for tier in factory.storage.values() if tier.system is not None
    )
    assert count["rack"] == len(factory.racks)
    assert sum(int(row["spare"]) for row in bill) == sum(pool.spares for pool in ours)
    assert [(row["kind"], row["item"]) for row in bill] == sorted(
        {(row["kind"], row["item"]) for row in bill}
    )


def test_a_rented_factory_buys_nothing():
    assert rows(design_files(design(load("startup-cloud")))["bill-of-materials.csv"]) == []


def test_like_items_of_several_pools_are_one_line(tiny_design):
    twin = replace(tiny_design.pools["train"], name="twin", nodes=2, spares=0)
    bill = design_files(replace(tiny_design, pools={**tiny_design.pools, "twin": twin}))
    lines = bill["bill-of-materials.csv"].splitlines()
    assert lines[:3] == [
        "item,kind,count,spare",
        '"400 Gb/s cable, infiniband-ndr",cable,48,0',
        "compute rack,rack,1,0",
    ]
    assert "dgx-h100,system,6,1" in lines

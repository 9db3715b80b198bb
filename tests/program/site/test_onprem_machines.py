"""Node groups: one resource for each scalable unit, every machine at its place."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.program.lower import onprem
from aifactory_iac.providers.schema import package_schema


def groups(found):
    return {key: item for key, item in found.items() if key.startswith("NodeGroup:")}


def test_127_nodes_are_four_groups_of_31_and_32_machines(metal):
    found = groups(metal("compute"))
    assert {key: len(item.inputs["machines"]) for key, item in found.items()} == {
        "NodeGroup:fra1-train-su001": 31,
        "NodeGroup:fra1-train-su002": 32,
        "NodeGroup:fra1-train-su003": 32,
        "NodeGroup:fra1-train-su004": 32,
    }


def test_a_machine_stands_where_the_design_put_it(metal, engineer, document):
    _, design = engineer(document)
    nodes = {node.name: node for node in design.each_node()}
    for item in groups(metal("compute")).values():
        for name, machine in item.inputs["machines"].items():
            node = nodes.pop(name)
            assert (machine["rack"], machine["unit"], machine["slot"]) == (
                node.rack,
                node.unit,
                node.slot,
            )
            assert machine.get("spare", False) is node.spare
    assert {node.pool for node in nodes.values()} == {"burst"}


def test_the_first_machine_in_full(metal):
    item = metal("compute")["NodeGroup:fra1-train-su001"]
    assert item.type == "aifactory:metal:NodeGroup"
    assert item.version == "0.1.0"
    assert item.protect
    assert {key: value for key, value in item.inputs.items() if key != "machines"} == {
        "bmc": {
            "credentials": {"path": "secrets/bmc.age", "store": "file"},
            "tls": "site-ca",
        },
        "boot": {"method": "http", "secure": True},
        "budget": {"rack": 2},
        "cluster": {"id": "fra1/metal", "kind": "kubernetes"},
        "disks": {"encrypt": True, "wipe": "never"},
        "domain": "fra1.internal",
        "image": {"driver": 580, "os": "ubuntu-24.04"},
        "pool": "train",
        "provisioningServer": item.inputs["provisioningServer"],
        "rollout": {"drain": True, "unavailable": 1},
        "scalableUnit": 1,
        "site": "fra1",
        "system": "dgx-h100",
        "watts": 10_200,
    }
    assert repr(item.inputs["provisioningServer"]) == "<unknown>"
    name, machine = next(iter(sorted(item.inputs["machines"].items())))
    assert name == "train-su001-n01"
    assert machine["rack"] == "train-c01-01"
    assert machine["unit"] == 1


def test_addresses_are_in_the_site_and_differ(metal):
    machines = [
        machine
        for item in groups(metal("compute")).values()
        for machine in item.inputs["machines"].values()
    ]
    addresses = [machine[key] for machine in machines for key in ("bmc", "address")]
    assert len(set(addresses)) == len(addresses) == 254
    assert all(address.startswith("10.") for address in addresses)


def test_growing_by_a_scalable_unit_only_adds_a_group(resources, changed):
    small = groups(resources(changed(compute__0__scalable_units=3), "fra1/compute"))
    large = groups(resources(changed(compute__0__scalable_units=4), "fra1/compute"))
    assert set(large) - set(small) == {"NodeGroup:fra1-train-su004"}
    for key, item in small.items():
        before = {name: _place(machine) for name, machine in item.inputs["machines"].items()}
        after = {name: _place(machine) for name, machine in large[key].inputs["machines"].items()}
        assert before == after


def _place(machine):
    return {key: value for key, value in machine.items() if key != "spare"}


@settings(max_examples=12, deadline=None)
@given(st.randoms(use_true_random=False))
def test_permuting_any_list_changes_no_unit(units, document, random):
    def shuffled(value):
        if isinstance(value, dict):
            return {key: shuffled(item) for key, item in value.items()}
        if isinstance(value, list):
            return random.sample([shuffled(item) for item in value], len(value))
        return value

    assert units(shuffled(document)) == units(document)


def test_a_system_without_scalable_units_is_cut_into_groups_of_64(units, changed):
    grown = changed(
        compute__0__system="pcie-8x-l40s", compute__0__scalable_units=None, compute__0__count=130
    )
    grown["compute"][0].pop("scalable_units")
    grown["fabric"] = [network for network in grown["fabric"] if network["name"] == "efa"]
    (call,) = units(grown)["fra1/compute"].calls
    assert {name: len(group["machines"]) for name, group in call.args["units"].items()} == {
        "g001": 64,
        "g002": 64,
        "g003": 2,
    }


def test_a_pool_without_image_and_bmc_is_watched_only(units, changed):
    bare = changed()
    del bare["compute"][0]["image"], bare["compute"][0]["bmc"]
    (call,) = units(bare)["fra1/compute"].calls
    assert "image" not in call.args
    assert "bmc" not in call.args


def test_a_pool_of_no_cluster_is_drained_by_nobody(units, changed):
    document = changed()
    document["orchestration"]["clusters"] = document["orchestration"]["clusters"][1:]
    (call,) = units(document)["fra1/compute"].calls
    assert "cluster" not in call.args


def test_the_ramp_of_a_site_bounds_what_comes_on_in_a_minute(resources, changed):
    found = groups(resources(changed(sites__0__facility__ramp="100 kW"), "fra1/compute"))
    assert {tuple(item.inputs["budget"].items()) for item in found.values()} == {
        (("rack", 2), ("watts", 100_000))
    }


def test_without_a_figure_of_its_power_nothing_bounds_it(engineer, changed, catalog):
    blueprint, design = engineer(changed(sites__0__facility__ramp="100 kW"))
    unknown = replace(design.pools["train"], node_power_kw=None)
    design = replace(design, pools={**design.pools, "train": unknown})
    call = onprem.pools.compute_unit(blueprint.sites[0], blueprint, design).calls[0]
    assert not {"watts", "ramp"} & set(call.args)


def test_pinned_controllers_have_their_fingerprints(resources, changed):
    pins = {"train-su001-n01": "ab" * 32}
    bmc = {"credentials": {"secret": "env", "path": "BMC"}, "tls": "pinned", "pins": pins}
    item = resources(changed(compute__0__bmc=bmc), "fra1/compute")["NodeGroup:fra1-train-su001"]
    assert item.inputs["machines"]["train-su001-n01"]["fingerprint"] == "ab" * 32
    assert "fingerprint" not in item.inputs["machines"]["train-su001-n02"]


def test_credentials_are_references_by_schema():
    field = package_schema()["types"]["aifactory:metal:Bmc"]["properties"]["credentials"]
    assert field["$ref"] == "#/types/aifactory:metal:SecretReference"


@pytest.mark.parametrize("scalable_units", [390])
def test_twelve_thousand_nodes_lower_within_a_second(engineer, catalog, changed, scalable_units):
    document = changed(compute__0__scalable_units=scalable_units, sites__0__addresses="10.0.0.0/8")
    document["fabric"] = [network for network in document["fabric"] if network["name"] == "efa"]
    blueprint, design = engineer(document)
    started = time.process_time()
    found = {unit.name: unit for unit in onprem.units(blueprint, design, catalog)}
    elapsed = time.process_time() - started
    (call,) = found["fra1/compute"].calls
    assert len(call.args["units"]) == 390
    assert sum(len(group["machines"]) for group in call.args["units"].values()) == 12_480
    assert elapsed < 1.0

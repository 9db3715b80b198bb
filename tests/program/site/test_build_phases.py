"""A pool of a later phase changes nothing that is lowered for the pools that are there.

Its name sorts before theirs, so that any order by name alone would show.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from aifactory_iac.program.lower.onprem.cluster import servers
from aifactory_iac.program.lower.quotas import shares

LATER = {"name": "aaa", "site": "fra1", "system": "dgx-h100", "count": 40, "phase": 2}


@pytest.fixture
def larger(changed):
    """The factory with a pool more, on every network and in the cluster of its site."""
    document = changed()
    document["compute"].append(LATER)
    for network in document["fabric"]:
        if network["name"] != "efa":
            network["serves"] = ["aaa", *network["serves"]]
    document["fabric"][0]["grows_to"] = {"scalable_units": 8}
    document["orchestration"]["clusters"][0]["pools"] = ["aaa", "train"]
    return document


@pytest.fixture
def smaller(changed):
    return changed(fabric__0__grows_to={"scalable_units": 8})


def changes(before, after):
    """Resources that are there before and are others after, or gone."""
    return {
        key: (item.inputs, after[key].inputs if key in after else None)
        for key, item in before.items()
        if key not in after or after[key].inputs != item.inputs
    }


def test_no_machine_changes(resources, smaller, larger):
    assert changes(resources(smaller, "fra1/compute"), resources(larger, "fra1/compute")) == {}


def test_switches_and_partitions_stay(resources, smaller, larger):
    moved = changes(resources(smaller, "fra1/fabric"), resources(larger, "fra1/fabric"))
    summaries = {key for key in moved if key.startswith("SiteNetwork:")}

    assert set(moved) == summaries  # they say how many switches there are


def test_the_control_plane_stays_where_it_is(units, smaller, larger):
    (before,), (after,) = (units(document)["fra1/cluster"].calls for document in (smaller, larger))

    assert after.args["servers"] == before.args["servers"]
    assert before.args["servers"][0] == "train-su001-n01"
    assert after.args["reservations"] == before.args["reservations"]


def test_servers_without_accelerators_that_come_later_take_no_control_plane_over(engineer, changed):
    document = changed()
    document["compute"].append(
        {"name": "aaa", "site": "fra1", "system": "dell-r760xa", "count": 3, "phase": 2}
    )
    document["orchestration"]["clusters"][0]["pools"] = ["train", "aaa"]
    blueprint, design = engineer(document)
    plain = replace(design.pools["aaa"], accelerator=None)
    with_plain = replace(design, pools={**design.pools, "aaa": plain})

    assert servers(blueprint.orchestration.clusters[0], with_plain)[0] == "train-su001-n01"


def test_what_the_first_phase_holds_is_asked_of_no_later_one(engineer, larger):
    """256 GPUs are guaranteed; the first phase has 992 in service, and 32 in the cloud."""
    spread = shares(*engineer(larger))

    assert [(part.pool, part.gpus) for part in spread.of("metal", "clinic")] == [
        ("train", 64),
        ("aaa", 0),
    ]


def test_what_the_first_phase_cannot_hold_goes_to_the_next(engineer, changed):
    """320 GPUs of two tenants on 192 in service: three fifths of each, in whole nodes."""
    document = changed(
        compute__0__scalable_units=1,
        governance__tenants=[
            {"name": "a", "quota": {"gpus": 160}, "on": ["metal"]},
            {"name": "b", "quota": {"gpus": 160}, "on": ["metal"]},
        ],
    )
    document["compute"][0] |= {"spares": {"count": 7}}
    document["compute"].append({**LATER, "count": 20})
    document["orchestration"]["clusters"][0]["pools"] = ["aaa", "train"]
    spread = shares(*engineer(document))

    for tenant in ("a", "b"):
        parts = {part.pool: part.gpus for part in spread.of("metal", tenant)}
        assert parts == {"train": 96, "aaa": 64}


def test_a_tenants_nodes_stay_on_the_pool_that_holds_them(units, larger):
    call = next(c for c in units(larger)["fra1/fabric"].calls if c.name == "fra1-compute")

    assert call.args["subnet_manager"]["partitions"]["tenant-clinic"]["nodes"] == {"train": 8}

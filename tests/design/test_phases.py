"""What is built stays where it is: a later phase adds, and changes nothing that stands.

A pool, a network, a storage tier or a site is added to every blueprint of the library and to
invented ones. Its name sorts before all others, so that any order by name alone would show.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aifactory_iac import shipped
from aifactory_iac.blueprint import Request, load
from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design import design

LIBRARY = sorted(path.parent.name for path in shipped.folder("blueprints").glob("*/blueprint.yaml"))
SMALLER = {"colossus-100k": {"nodes": "96"}}
LATER = {"phase": 2}


def standing(made) -> dict[tuple[str, ...], Any]:
    """Everything that has a place, a name or a number, by what it is."""
    nodes = made.nodes
    facts: dict[tuple[str, ...], Any] = {
        ("rack", name): made.racks.sites[at]
        for name, at in zip(made.racks.name, made.racks.site, strict=True)
    }
    for row, node in enumerate(made.each_node()):
        facts["node", node.name] = (
            node.site,
            node.rack,
            node.unit,
            node.spare,
            int(nodes.in_band[row]),
            int(nodes.out_of_band[row]),
        )
    for device in made.each_device():
        facts["device", device.name] = (device.owner, device.model, device.rack, device.unit)
    for subnet in made.subnets:
        facts["subnet", subnet.site, subnet.purpose] = subnet.cidr
    for name, network in made.networks.items():
        for purpose, cidr in network.subnets.items():
            facts["network", name, purpose] = cidr
        for switch in network.switch_names:
            facts["switch", switch] = (name, network.site, network.switch)
        facts["ports", name] = (network.port_gbps, network.leaf_down, network.leaf_up)
    return facts


def moved(before, after) -> dict[tuple[str, ...], Any]:
    """What stood before and is gone or elsewhere, with both places; later things are no change."""
    old, new = standing(before), standing(after)
    return {key: (value, new.get(key)) for key, value in old.items() if new.get(key) != value}


def document_of(name: str, catalog) -> dict[str, Any]:
    loaded = load(Request(name, parameters=SMALLER.get(name, {})), catalog)
    assert loaded.blueprint is not None
    return loaded.blueprint.model_dump(mode="json", by_alias=True, exclude_unset=True)


def made_of(document, catalog):
    return design(Blueprint.model_validate(document), catalog)


def home(document) -> str:
    """The site that everything is added to."""
    kinds = {site["name"]: site["kind"] for site in document["sites"]}
    return next((name for name, kind in kinds.items() if kind != "aws"), next(iter(kinds)))


def another_pool(document, **phase):
    site = next(site for site in document["sites"] if site["name"] == home(document))
    machine = {"instance": "p5.48xlarge"} if site["kind"] == "aws" else {"system": "pcie-8x-l40s"}
    pool = {"name": "aaa", "site": site["name"], "count": 5, **machine, **phase}
    document["compute"] = [*document["compute"], pool]
    at_home = {each["name"] for each in document["compute"] if each["site"] == site["name"]}
    for network in document.get("fabric", []):
        if at_home & set(network["serves"]):
            network["serves"] = [*network["serves"], "aaa"]
    for cluster in document["orchestration"]["clusters"]:
        if cluster["site"] == site["name"]:
            cluster["pools"] = [*cluster["pools"], "aaa"]


def another_network(document, **phase):
    at_home = [p["name"] for p in document["compute"] if p["site"] == home(document)]
    for role in ("compute", "storage", "in-band", "out-of-band"):
        document.setdefault("fabric", []).append(
            {
                "name": f"aaa-{role}",
                "serves": at_home,
                "role": role,
                "technology": "ethernet-roce",
                "oversubscription": {"at_most": 12},
                **({"switch": "SN2201"} if role == "out-of-band" else {}),
                **phase,
            }
        )


def another_tier(document, **phase):
    document["storage"].setdefault("tiers", []).append(
        {
            "name": "aaa",
            "site": home(document),
            "kind": "parallel",
            "system": "ddn-ai400x2",
            "appliances": 3,
            "appliance_power": "2.5 kW",
            **phase,
        }
    )


def another_site(document, **phase):
    document["sites"].append(
        {
            "name": "aaa-site",
            "kind": "on-prem",
            "location": {"country": "DE"},
            "facility": {"envelope": "1 MW", "cooling": ["rear-door"]},
            "addresses": "172.16.0.0/12",
        }
    )
    document["compute"].append(
        {"name": "aaa-pool", "site": "aaa-site", "system": "dgx-h100", "count": 4, **phase}
    )
    document.setdefault("fabric", []).append(
        {"name": "aaa-net", "serves": ["aaa-pool"], "technology": "infiniband-ndr", **phase}
    )


ADDITIONS = [another_pool, another_network, another_tier, another_site]


@pytest.mark.parametrize("name", LIBRARY)
@pytest.mark.parametrize("adds", ADDITIONS)
def test_a_later_phase_changes_nothing_that_stands_in_the_library(name, adds, catalog):
    document = document_of(name, catalog)
    larger = copy.deepcopy(document)
    adds(larger, **LATER)

    assert moved(made_of(document, catalog), made_of(larger, catalog)) == {}


@pytest.mark.parametrize("name", LIBRARY)
def test_a_site_of_the_same_phase_changes_nothing_either(name, catalog):
    document = document_of(name, catalog)
    larger = copy.deepcopy(document)
    another_site(larger)

    assert moved(made_of(document, catalog), made_of(larger, catalog)) == {}


SYSTEMS = ("dgx-h100", "dgx-b200", "dgx-b300", "gb200-nvl72", "pcie-8x-l40s", "hgx-mi300x-8")
NETWORKS = ("compute", "storage", "in-band", "out-of-band")


@st.composite
def pools(draw, names: str):
    return [
        {
            "name": f"{name}-pool",
            "site": "dc1",
            "system": draw(st.sampled_from(SYSTEMS)),
            "count": draw(st.integers(1, 70)),
            "zone": draw(st.sampled_from(["compute", "management", "access"])),
        }
        for name in names
    ]


@st.composite
def networks(draw, serves: list[str], names: str):
    return [
        {
            "name": f"{name}-net",
            "role": draw(st.sampled_from(NETWORKS)),
            "serves": sorted(draw(st.sets(st.sampled_from(serves), min_size=1))),
            "technology": draw(st.sampled_from(["infiniband-ndr", "ethernet-roce"])),
            "topology": draw(st.sampled_from(["rail-optimized", "fat-tree"])),
            "oversubscription": {"at_most": draw(st.sampled_from([1.0, 1.34, 4.0]))},
            "planes": draw(st.sampled_from([1, 1, 2])),
        }
        for name in names
    ]


@st.composite
def tiers(draw, names: str):
    return [
        {
            "name": f"{name}-tier",
            "site": "dc1",
            "kind": "parallel",
            "system": "ddn-ai400x2",
            "appliances": draw(st.integers(1, 30)),
            "appliance_power": "2.5 kW",
        }
        for name in names
    ]


@st.composite
def growing_factories(draw):
    """A factory, and the same with a later phase; the later names sort before, between, after."""
    kind = draw(st.sampled_from(["on-prem", "edge"]))
    addresses = draw(st.sampled_from(["10.0.0.0/8", "10.0.0.0/12", "10.0.0.0/20", "10.0.0.0/25"]))
    cooling = ["direct-to-chip", "rear-door", "contained-air"]
    first, later = draw(pools("bdf")), draw(pools("ace"))
    old = [pool["name"] for pool in first]
    every = old + [pool["name"] for pool in later]
    wired = draw(networks(old, "bd"))
    joined = draw(networks(every, "ace"))
    stored, added = draw(tiers("b")), draw(tiers("ac"))

    def document(compute, fabric, storage):
        site = {
            "name": "dc1",
            "kind": kind,
            "location": {"country": "DE"},
            "facility": {"envelope": "900 MW", "cooling": cooling},
            "addresses": addresses,
        }
        return {
            "apiVersion": "aifactory/v1",
            "kind": "Blueprint",
            "metadata": {"name": "grown", "version": "1.0.0"},
            "sites": [site],
            "compute": compute,
            "fabric": fabric,
            "storage": {"tiers": storage},
        }

    also = draw(st.booleans())
    extended = [
        {**network, "serves": network["serves"] + [pool["name"] for pool in later if also]}
        for network in wired
    ]
    return document(first, wired, stored), document(
        first + [{**pool, "phase": 2} for pool in later],
        extended + [{**network, "phase": 2} for network in joined],
        stored + [{**tier, "phase": 2} for tier in added],
    )


@given(growing_factories())
@settings(max_examples=150, deadline=None)
def test_a_later_phase_changes_nothing_that_stands(catalog, factories):
    before, after = (made_of(document, catalog) for document in factories)
    said = {(finding.rule, *finding.path[1:2]) for finding in after.findings}
    too_large = {name for name in before.networks if name not in after.networks}
    assert {("AIF-DSN-015", name) for name in too_large} <= said
    # Two tiers that become three are another fabric.
    rebuilt = {
        name
        for name, network in before.networks.items()
        if name not in too_large and after.networks[name].tiers > network.tiers > 1
    }
    assert {("AIF-DSN-031", name) for name in rebuilt} <= said
    assume(not too_large and not rebuilt)

    assert moved(before, after) == {}


@st.composite
def factories_that_grow_inside_their_reserve(draw):
    """Two phases with room for 96 nodes more on every network; then a pool of the first grows."""
    before, after = draw(growing_factories())
    del before
    reserved = [{**network, "grows_to": {"nodes": 6000}} for network in after["fabric"]]
    sizes = {pool["name"]: pool["count"] + draw(st.integers(0, 96)) for pool in after["compute"]}
    larger = [
        {**pool, "count": sizes[pool["name"]]} if pool.get("phase", 1) == 1 else pool
        for pool in after["compute"]
    ]
    return {**after, "fabric": reserved}, {**after, "fabric": reserved, "compute": larger}


@given(factories_that_grow_inside_their_reserve())
@settings(max_examples=150, deadline=None)
def test_a_pool_that_grows_inside_its_reserve_moves_nothing(catalog, factories):
    before, after = (made_of(document, catalog) for document in factories)
    assume(not {"AIF-DSN-015", "AIF-DSN-031"} & {finding.rule for finding in after.findings})

    assert moved(before, after) == {}

"""Which part of a factory a lab takes, and what keeps it from being one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.findings import Severity
from aifactory_iac.lab.inventory import Cluster, Inventory
from aifactory_iac.lab.selection import Selection, faults_of, selected


def test_all_is_taken_when_nothing_is_said(stock):
    whole = stock("edge-inference")
    assert selected(whole, Selection()) == whole
    assert faults_of(whole, Selection()) == ()


def test_a_limit_takes_of_every_pool_in_turn_and_keeps_the_order(stock):
    chosen = selected(stock("edge-inference"), Selection(limit=3))
    assert [each.host for each in chosen.machines] == ["lyo-n0001", "lyo-n0002", "muc-n0001"]
    assert [(each.name, each.hosts) for each in chosen.clusters] == [
        ("lyo", ("lyo-n0001", "lyo-n0002")), ("muc", ("muc-n0001",)),
    ]  # fmt: skip


def test_a_limit_counts_switches_for_themselves_and_takes_some_of_every_network(stock):
    chosen = selected(stock("superpod-h100", scalable_units="1"), Selection(limit=3))
    assert [each.network for each in chosen.switches] == ["compute", "in-band", "out-of-band"]
    assert len(chosen.machines) == 3


def test_a_site_takes_its_machines_clusters_and_cloud_only(stock):
    chosen = selected(stock("edge-inference"), Selection(sites=("plant-muc",)))
    assert {each.site for each in chosen.machines} == {"plant-muc"}
    assert [each.name for each in chosen.clusters] == ["muc"]
    assert chosen.clouds == ()


def test_a_pool_leaves_out_clusters_without_a_machine(stock):
    chosen = selected(stock("edge-inference"), Selection(pools=("lyo",)))
    assert {each.pool for each in chosen.machines} == {"lyo"}
    assert [each.name for each in chosen.clusters] == ["lyo"]


def test_a_cluster_that_has_no_members_anyway_stays(stock):
    whole = replace(
        stock("edge-inference"), clusters=(Cluster("empty", "plant-muc", "slurm", None, ()),)
    )
    assert selected(whole, Selection(limit=1)).clusters == whole.clusters


@given(st.integers(1, 40))
def test_no_limit_is_exceeded_and_none_is_missed(stock, limit):
    whole = stock("superpod-h100", scalable_units="1")
    chosen = selected(whole, Selection(limit=limit))
    assert len(chosen.machines) == min(limit, 31)
    assert len(chosen.switches) == min(limit, len(whole.switches))
    assert set(chosen.machines) <= set(whole.machines)


def test_more_than_a_host_can_bear_is_a_finding_with_the_ways_out(stock):
    whole = stock("superpod-h100")
    many = replace(whole, machines=whole.machines * 3, switches=whole.switches * 4)
    first, second, *_ = faults_of(many, Selection())
    assert (first.rule, first.severity, first.path) == ("AIF-LAB-002", Severity.HIGH, ("compute",))
    assert first.message == (
        "A lab of this would have 381 machines; without a limit it takes up to 256"
    )
    assert first.hint == "choose some with `--limit 256`, `--pool dgx` or `--site NAME`"
    assert (second.path, second.message) == (
        ("fabric",), "A lab of this would have 296 switches; without a limit it takes up to 256",
    )  # fmt: skip
    assert [each.rule for each in faults_of(whole, Selection(limit=1000))] == []


def test_nothing_to_emulate_is_a_finding():
    (only,) = faults_of(Inventory("b"), Selection())
    assert (only.rule, only.path) == ("AIF-LAB-001", ("sites",))


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"bmc": "10.17.0.4"}, "address 10.17.0.4"),
        ({"identity": None}, "serial number BTKT3QFU81D0"),
    ],
)
def test_two_machines_that_cannot_be_told_apart_are_a_finding(stock, changed, what):
    whole = stock("edge-inference")
    first, _, third, *_ = whole.machines
    if "identity" in changed:
        changed = {"identity": replace(third.identity, serial=first.identity.serial)}
    twin = replace(whole, machines=(first, replace(third, **changed)))
    (only,) = faults_of(twin, Selection())
    assert only.rule == "AIF-LAB-003"
    assert only.message == f"lyo-n0001 and muc-n0001 both have the {what}"
    assert (only.path, only.related) == (("sites", "plant-lyo"), (("sites", "plant-muc"),))


@pytest.mark.parametrize("address", ["", "0.0.0.0"])
def test_a_machine_without_an_address_is_a_finding(stock, address):
    whole = stock("edge-inference")
    bare = replace(whole, machines=(replace(whole.machines[0], bmc=address),))
    (only,) = faults_of(bare, Selection())
    assert (only.rule, only.path) == ("AIF-LAB-004", ("compute", "lyo"))
    assert only.message == "lyo-n0001 has no address for its controller"

"""Drift: each kind by an example, the same for every order, and nothing where nothing differs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.providers.inventory.drift import KINDS, Drift, drift
from aifactory_iac.providers.inventory.values import Device, Intended, Inventory
from aifactory_iac.providers.machine.identity import Identity


def device(number: int = 1, **changed) -> Device:
    made = Device(
        id=str(number),
        name=f"n{number:04}",
        site="hall",
        role="gpu-node",
        rack=f"R{number:02}",
        unit=3,
        serial=f"SN{number:04}",
        status="active",
        address=f"10.1.0.{number}",
        controller=f"10.0.0.{number}",
        macs={"eno1": f"02:00:00:00:00:{number:02x}"},
    )
    return replace(made, **changed)


def machine(number: int = 1, **changed) -> Intended:
    made = Intended(
        name=f"n{number:04}",
        site="hall",
        pool="train",
        rack=f"r{number:02}",
        unit=3,
        controller=f"10.0.0.{number}",
        address=f"10.1.0.{number}",
    )
    return replace(made, **changed)


def found(devices, machines):
    return drift(Inventory("https://netbox", tuple(devices)), machines)


def test_no_difference_is_no_drift():
    report = found([device(1), device(2)], [machine(2), machine(1)])
    assert (report.drifts, report.intended, report.compared, report.aside) == ((), 2, 2, 0)


@pytest.mark.parametrize(
    ("devices", "machines", "expected"),
    [
        ([], [machine()], [Drift("missing", "n0001", "r01 U3")]),
        (
            [device(1), device(2)],
            [machine(1)],
            [Drift("surplus", "n0002", "", "R02 U3")],
        ),
        (
            [device(1, name="old-name")],
            [machine(1)],
            [Drift("renamed", "n0001", "n0001", "old-name")],
        ),
        ([device(1, rack="R09")], [machine(1)], [Drift("moved", "n0001", "r01 U3", "R09 U3")]),
        ([device(1, unit=7)], [machine(1)], [Drift("moved", "n0001", "r01 U3", "R01 U7")]),
        (
            [device(1, rack="", unit=0)],
            [machine(1)],
            [Drift("moved", "n0001", "r01 U3", "in no rack")],
        ),
        (
            [device(1)],
            [machine(1, declared=Identity.of("SN9999"))],
            [Drift("serial", "n0001", "SN9999", "SN0001")],
        ),
        (
            [device(1)],
            [machine(1, seen=Identity.of("SN7777"))],
            [Drift("serial", "n0001", "SN7777", "SN0001", "controller")],
        ),
        (
            [device(1)],
            [machine(1, declared=Identity.of(uuid="a"), seen=Identity.of("SN0001", uuid="b"))],
            [Drift("uuid", "n0001", "a", "b", "controller")],
        ),
        (
            [device(1)],
            [machine(1, declared=Identity.of(macs=["02:00:00:00:00:99"]))],
            [Drift("macs", "n0001", "02:00:00:00:00:99", "02:00:00:00:00:01")],
        ),
        (
            [device(1)],
            [machine(1, seen=Identity.of("SN0001", macs=["02:00:00:00:00:99"]))],
            [Drift("macs", "n0001", "02:00:00:00:00:99", "02:00:00:00:00:01", "controller")],
        ),
        (
            [device(1, controller="10.0.0.9")],
            [machine(1)],
            [Drift("controller", "n0001", "10.0.0.1", "10.0.0.9")],
        ),
        (
            [device(1, address="")],
            [machine(1)],
            [Drift("address", "n0001", "10.1.0.1", "")],
        ),
        (
            [device(1, status="decommissioning")],
            [machine(1)],
            [Drift("status", "n0001", "active", "decommissioning")],
        ),
        (
            [device(1), device(2, serial="SN0001")],
            [machine(1), machine(2)],
            [
                Drift("duplicate", "n0001", "", "serial SN0001", "inventory"),
                Drift("duplicate", "n0002", "", "serial SN0001", "inventory"),
            ],
        ),
        (
            [device(1), device(2, macs={"eno1": "02:00:00:00:00:01"})],
            [machine(1), machine(2)],
            [
                Drift("duplicate", "n0001", "", "mac 02:00:00:00:00:01", "inventory"),
                Drift("duplicate", "n0002", "", "mac 02:00:00:00:00:01", "inventory"),
            ],
        ),
        (
            [device(1), device(2, rack="R01")],
            [machine(1), machine(2, rack="r01")],
            [
                Drift("duplicate", "n0001", "", "place hall R01 U3", "inventory"),
                Drift("duplicate", "n0002", "", "place hall R01 U3", "inventory"),
            ],
        ),
    ],
    ids=lambda value: value[0].kind if isinstance(value, list) and value
    and isinstance(value[0], Drift) else "",
)  # fmt: skip
def test_each_kind(devices, machines, expected):
    assert list(found(devices, machines).drifts) == expected


def test_back_to_back_is_no_duplicate():
    devices = [device(1, face="front"), device(2, face="rear", rack="R01")]
    assert found(devices, [machine(1), machine(2, rack="r01")]).drifts == ()


def test_devices_of_other_sites_and_roles_are_left_aside_and_counted():
    beside = [device(7, site="annex"), device(8, role="leaf")]
    report = found([device(1), *beside], [machine(1)])
    assert (report.drifts, report.aside) == ((), 2)


def test_a_name_wins_over_a_serial_number_that_another_device_has():
    devices = [device(1, serial="SN0002"), device(2, serial="SN0001")]
    machines = [machine(number, declared=Identity.of(f"SN000{number}")) for number in (1, 2)]
    assert [each.kind for each in found(devices, machines).drifts] == ["serial", "serial"]


PLANT = [
    device(1),
    device(2, rack="R09"),
    device(3, name="other"),
    device(4, serial="SN0001"),
    device(5, site="annex"),
    device(6, status="failed"),
]
MACHINES = [machine(number) for number in (1, 2, 3, 6, 7)]


@given(st.permutations(PLANT), st.permutations(MACHINES))
def test_no_order_changes_the_report(devices, machines):
    assert found(devices, machines) == found(PLANT, MACHINES)


def test_counts_are_in_the_order_of_kinds():
    counts = found(PLANT, MACHINES).counts
    assert list(counts) == [kind for kind in KINDS if kind in counts]
    assert [*counts.items()] == [
        ("missing", 1), ("surplus", 1), ("duplicate", 2), ("renamed", 1), ("moved", 1),
        ("status", 1),
    ]  # fmt: skip

"""Adoption: controllers are read and never written, and two machines never become one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of, machine
from aifactory_iac.providers.inventory.adopting import Adopted, asked, recorded, with_seen
from aifactory_iac.providers.inventory.drift import Drift, drift
from aifactory_iac.providers.inventory.values import Device, Intended, Inventory
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import Controller
from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Lab, Settings, Surroundings


@pytest.fixture(scope="module")
def fleet():
    spec = fleet_of(3)
    spec = replace(spec, machines=(*spec.machines, machine(4, serial="SN0003")))
    with Fleet(spec) as running:
        yield running


def ask(fleet, tmp_path, machines, password=LOGIN.password):
    around = Surroundings(
        settings=Settings(tmp_path, lab=Lab(fleet.endpoints)),
        secrets=SecretReader({"env": lambda _path: f"{LOGIN.username}:{password}"}),
    )

    async def asking() -> Adopted:
        provisioner = RedfishProvisioner(around)
        reached = Controller("", {"store": "env", "path": "BMC"}, "insecure")
        try:
            return await asked(machines, reached, provisioner)
        finally:
            await provisioner.close()

    return asyncio.run(asking())


def intended(fleet, *numbers):
    return [
        Intended(spec.name, "hall", controller=spec.address, address=f"10.1.0.{number}")
        for number in numbers
        for spec in [fleet.machines[f"n{number:04}"].spec]
    ]


def test_machines_say_who_they_are_and_nothing_is_written(fleet, tmp_path):
    adopted = ask(fleet, tmp_path, intended(fleet, 1, 2))
    one = fleet.machines["n0001"].spec
    assert adopted.failures == {}
    assert adopted.entries()["n0001"] == {
        "serial": "SN0001", "uuid": one.uuid, "macs": sorted(one.macs),
    }  # fmt: skip
    writes = [
        (record["method"], record["path"])
        for record in fleet.journal.records
        if record["kind"] == "request" and record["method"] not in ("GET", "HEAD")
    ]
    assert {path.partition("Sessions")[0] for _method, path in writes} <= {
        "/redfish/v1/SessionService/"
    }


def test_two_machines_with_one_serial_number_are_both_left_out(fleet, tmp_path):
    adopted = ask(fleet, tmp_path, intended(fleet, 1, 3, 4))
    assert sorted(adopted.machines) == ["n0001"]
    assert adopted.failures == {
        "n0003": "has the serial number SN0003 of n0004",
        "n0004": "has the serial number SN0003 of n0003",
    }


def test_what_cannot_be_asked_is_told_by_name(fleet, tmp_path):
    machines = [Intended("lost"), *intended(fleet, 2)]
    adopted = ask(fleet, tmp_path, machines, password="wrong-horse-1")
    assert adopted.machines == {}
    assert adopted.failures["lost"] == "has no controller's address"
    assert "401" in adopted.failures["n0002"]


def test_a_record_is_taken_where_there_is_one(fleet):
    devices = (
        Device("1", "n0001", serial=" SN0001 ", macs={"eno1": "02-00-00-00-00-01"}),
        Device("2", "n0002"),
    )
    adopted = recorded(Inventory("https://netbox", devices), intended(fleet, 1, 2, 3))
    assert adopted.entries() == {"n0001": {"serial": "SN0001", "macs": ["02:00:00:00:00:01"]}}
    assert sorted(adopted.failures) == ["n0002", "n0003"]


def test_what_controllers_said_goes_into_the_report():
    machines = with_seen([Intended("n1", "hall")], Adopted({"n1": Identity.of("SN2")}))
    device = Device("1", "n1", "hall", serial="SN1", status="active")
    report = drift(Inventory("https://netbox", (device,)), machines)
    assert report.drifts == (Drift("serial", "n1", "SN2", "SN1", "controller"),)

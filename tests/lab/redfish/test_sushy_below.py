"""sushy-tools underneath: one application a process, and our machines in it."""

from __future__ import annotations

from typing import Any

import pytest
from sushy_tools import error

from aifactory_iac.lab.redfish.plant.refusal import RefusalError
from aifactory_iac.lab.redfish.sushy.application import Below
from aifactory_iac.lab.redfish.sushy.driver import DIRECTORY, LabDriver

SYSTEM = "/redfish/v1/Systems/System.1"


def _below(lab: Any) -> tuple[Below, Any]:
    return lab.fleet._running().below, lab.fleet.machines["n0001"]


def test_two_fleets_in_one_process_do_not_meet(plant: Any) -> None:
    """Their machines have the same names; each answers for itself."""
    one, other = plant(serial="ONE"), plant(serial="OTHER", power="On")

    assert one.client().get(SYSTEM)["SerialNumber"] == "ONE"
    assert other.client().get(SYSTEM)["SerialNumber"] == "OTHER"
    assert one.client().get(SYSTEM)["PowerState"] == "Off"
    assert other.client().get(SYSTEM)["PowerState"] == "On"


def test_a_fleet_that_stops_leaves_no_system_behind(plant: Any) -> None:
    before = set(DIRECTORY.systems)
    lab = plant(count=3, model="dgx-h100")
    assert len(set(DIRECTORY.systems) - before) == 6
    lab.fleet.stop()
    assert set(DIRECTORY.systems) == before


def test_what_it_says_no_to_comes_back_as_a_refusal(plant: Any) -> None:
    below, machine = _below(plant())
    with pytest.raises(RefusalError) as caught:
        below.get(machine, "System.1", "/Nothing")
    assert (caught.value.status, caught.value.message) == (404, "ResourceNotFound")
    with pytest.raises(RefusalError) as caught:
        below.send(machine, "System.1", "PATCH", "", {})
    assert caught.value.text == "PATCH only works for Boot and IndicatorLED elements"
    with pytest.raises(RefusalError) as caught:
        below.send(machine, "System.1", "DELETE", "", {})
    assert (caught.value.status, caught.value.message) == (405, "OperationNotAllowed")


def test_it_can_be_asked_for_everything_that_the_fake_driver_lacks(plant: Any) -> None:
    lab = plant(model="dgx-h100", bios={"SriovSupport": "Disabled"})
    below, machine = _below(lab)
    identity = below._identities["n0001", "DGX"]
    baseboard = below._identities["n0001", "HGX_Baseboard_0"]
    driver = LabDriver()

    assert identity in driver.systems
    assert driver.uuid(identity) == identity
    assert driver.get_bios(identity)["SriovSupport"] == "Disabled"
    assert driver.get_total_cpus(identity) == 2
    assert driver.get_versions(identity) == {"BiosVersion": "01.05.03"}
    assert driver.get_versions(baseboard) == {}
    assert below.get(machine, "DGX")["ProcessorSummary"]["Count"] == 2
    with pytest.raises(error.NotSupportedError):
        driver.get_bios(baseboard)
    with pytest.raises(error.NotFound):
        driver.uuid("nobody")

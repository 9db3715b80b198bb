"""Boot order, one boot and images that are declared for their own sake."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.machine.intent import BootOnce

RESCUE = "http://127.0.0.1:9/rescue.iso"


def images(lab) -> list[str]:
    return [slot.image for slot in lab.fleet.machines["n0001"].slots.values() if slot.image]


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("generic", "PATCH /redfish/v1/Systems/System.1"),
        ("dgx-h100", "PATCH /redfish/v1/Systems/DGX/SD"),
        ("dgx-gb200", "PATCH /redfish/v1/Systems/System_0/Settings"),
    ],
)
def test_the_order_goes_where_the_vendor_takes_it(bench, model, path):
    lab = bench(model=model)
    last = lab.fleet.machines["n0001"].host.boot_order[-1]
    found = lab.converge(lab.intent(boot_order=(last,)))
    assert found.error == ""
    assert lab.writes() == [path]
    assert lab.converge(lab.intent(boot_order=(last,)), before=found).did == ()
    assert len(lab.writes()) == 1


def test_a_boot_option_that_it_does_not_have_is_named(bench):
    lab = bench()
    found = lab.converge(lab.intent(boot_order=("Boot0009",)))
    assert found.error == ("it has no boot option Boot0009; it has Boot0001, Boot0002, Boot0003")
    assert lab.writes() == []


def test_one_boot_is_an_event_and_not_a_state(bench):
    lab = bench()
    first = lab.intent(boot_once=BootOnce("rescue on Monday", "Pxe"))
    assert lab.converge(first).error == ""
    assert lab.fleet.machines["n0001"].host.override.target == "Pxe"
    assert lab.effects("reset") == []
    lab.converge(lab.intent(boot_once=BootOnce("rescue on Monday", "Pxe"), power="On"))
    lab.fleet.advance(600)
    assert lab.fleet.machines["n0001"].host.override.target == "None"
    before = len(lab.writes())
    assert lab.converge(first).did == ()
    assert len(lab.writes()) == before
    lab.converge(lab.intent(boot_once=BootOnce("rescue on Tuesday", "Pxe")))
    assert lab.fleet.machines["n0001"].host.override.target == "Pxe"


def test_a_source_that_it_does_not_take_is_named(bench):
    lab = bench()
    found = lab.converge(lab.intent(boot_once=BootOnce("e", "Floppy")))
    assert found.error.startswith("its BMC does not boot from Floppy; it takes None, Pxe, Cd")
    assert lab.writes() == []


def test_an_image_stays_while_it_is_declared_and_goes_with_its_declaration(bench):
    lab = bench()
    found = lab.converge(lab.intent(media=(RESCUE,)))
    assert (found.error, images(lab)) == ("", [RESCUE])
    assert lab.converge(lab.intent(media=(RESCUE,))).did == ()
    assert lab.converge(lab.intent()).error == ""
    assert images(lab) == []


def test_a_release_takes_a_declared_image_out(bench):
    lab = bench(power="On")
    intent = lab.intent(media=(RESCUE,))
    lab.converge(intent)
    released = lab.run("release", intent)
    assert (released.state, images(lab)) == ("detached", [])
    assert lab.effects("reset") == []

"""An installation: attached for one boot, booted once, heard of, and nothing left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.machine.intent import Approval
from aifactory_iac.providers.provisioning.seeds import Seeds


def story(lab) -> list[str]:
    told = ("media-inserted", "reset", "disk-erased", "installed", "media-ejected")
    return [each["effect"] for each in lab.effects(*told)]


def complaints(lab, **allowed: int) -> list[str]:
    return Witness.of(lab.fleet.journal.records).complaints(**allowed)


def test_a_machine_is_installed_once_and_nothing_stays_attached(ready_to_install, site):
    lab = ready_to_install()
    found = lab.converge(lab.intent(install=site.installation()))
    assert found.error == ""
    assert (found.state, found.installed) == ("installed", site.digest)
    assert story(lab) == [
        "media-inserted",
        "media-inserted",
        "reset",
        "disk-erased",
        "installed",
        "media-ejected",
        "media-ejected",
    ]
    assert complaints(lab) == []
    assert Seeds.of(site.folder, lab.hands).live("n0001") is None


def test_a_second_run_reads_and_leaves_it_alone(ready_to_install, site):
    lab = ready_to_install()
    intent = lab.intent(install=site.installation())
    first = lab.converge(intent)
    before = len(lab.writes())
    again = lab.converge(intent, before=first)
    assert (again.error, again.did, again.state) == ("", (), "installed")
    assert len(lab.writes()) == before


def test_state_that_is_lost_erases_nothing(ready_to_install, site):
    """The record on disk knows what Pulumi's state has forgotten."""
    lab = ready_to_install()
    intent = lab.intent(install=site.installation())
    lab.converge(intent)
    assert lab.converge(intent, before=None).installed == site.digest
    assert len(lab.effects("disk-erased")) == 1


def test_http_boot_leaves_no_override(ready_to_install, site):
    lab = ready_to_install()
    parts = {}
    for role, name in (("kernel", "vmlinuz"), ("initrd", "initrd"), ("loader", "grubx64.efi")):
        place = site.image.with_name(name)
        place.write_bytes(site.image.read_bytes())
        parts[role] = {"url": f"file://{place}", "digest": site.digest}
    image = {"os": "ubuntu-24.04", "url": f"file://{site.image}", "digest": site.digest}
    wanted = site.installation(image={**image, "media": "http", **parts})
    found = lab.converge(lab.intent(install=wanted))
    assert found.error == ""
    assert "media-inserted" not in story(lab)
    assert len(lab.effects("disk-erased")) == 1
    assert lab.fleet.machines["n0001"].host.override.enabled == "Disabled"
    assert complaints(lab) == []


def test_a_machine_that_runs_something_is_not_erased(ready_to_install, site):
    lab = ready_to_install(power="On", installed="sha256:aa")
    found = lab.converge(lab.intent(install=site.installation()))
    assert found.error == (
        "is on, and nothing proves that nobody uses it: drain it, turn it off, or approve `install`"
    )
    assert lab.effects("disk-erased") == []
    assert complaints(lab) == []


def test_another_image_takes_an_approval(ready_to_install, site):
    lab = ready_to_install()
    wanted = site.installation()
    first = lab.converge(lab.intent(install=wanted))
    other = site.installation(timezone="Europe/Berlin")
    refused = lab.converge(lab.intent(install=other), before=first)
    assert refused.error.startswith("runs sha256:")
    assert refused.error.endswith("that takes an approval of `install`")
    assert len(lab.effects("disk-erased")) == 1
    approval = Approval("ops", lab.hands() + 3600, frozenset({"install"}))
    allowed = lab.converge(lab.intent(install=other, approval=approval), before=refused)
    assert allowed.error == ""
    assert len(lab.effects("disk-erased")) == 2
    assert complaints(lab, resets=3, erasures=2) == []  # the second shuts down first


def test_a_machine_that_does_not_call_back_is_left_with_nothing_attached(ready_to_install, site):
    lab = ready_to_install(callback="http://127.0.0.1:9/nobody")
    found = lab.converge(lab.intent(install=site.installation()))
    assert found.error == "did not call back in 90 minutes"
    assert found.state == "quarantined"
    assert complaints(lab) == []
    assert Seeds.of(site.folder, lab.hands).live("n0001") is None


def test_without_a_provisioning_service_nothing_is_begun(ready_to_install, site):
    lab = ready_to_install()
    lab.options["provisioning"] = None
    found = lab.converge(lab.intent(install=site.installation()))
    assert found.error == "is to be installed, and there is no provisioning service"
    assert lab.writes() == []


def test_an_image_with_other_bytes_is_not_booted(ready_to_install, site):
    lab = ready_to_install()
    site.image.write_bytes(b"another installer")
    found = lab.converge(lab.intent(install=site.installation()))
    assert "is not the image" in found.error
    assert lab.writes() == []


def test_what_somebody_else_attached_stays(ready_to_install, site):
    lab = ready_to_install()
    machine = lab.fleet.machines["n0001"]

    def attach() -> None:
        for slot in machine.slots.values():
            slot.image = "http://127.0.0.1/rescue.iso"

    lab.fleet.call(attach)
    found = lab.converge(lab.intent(install=site.installation()))
    assert found.error == "somebody has attached rescue.iso, rescue.iso: detach it first"
    assert lab.writes() == []


@pytest.mark.parametrize("owner", ["observed", "external"])
def test_a_machine_that_is_not_ours_is_never_erased(ready_to_install, site, owner):
    lab = ready_to_install()
    lab.converge(lab.intent(install=site.installation(), owner=owner))
    assert lab.writes() == []


def test_release_detaches_what_is_ours_and_touches_nothing_else(ready_to_install, site):
    lab = ready_to_install()
    intent = lab.intent(install=site.installation())
    around = lab.around()

    real = around.clock.sleep
    slept = 0

    async def sleep(seconds: float) -> None:
        nonlocal slept
        slept += 1
        if slept == 12:
            around.cancelled.set()
        await real(seconds)

    around = replace(
        around,
        clock=type("C", (), {"now": lambda _s: lab.hands(), "sleep": lambda _s, t: sleep(t)})(),
    )
    stopped = lab.converge(intent, around=around)
    assert stopped.error == "the run was asked to stop; the next one goes on"
    before = lab.fleet.machines["n0001"].host.power
    released = lab.run("release", intent, before=stopped)
    assert (released.state, released.error) == ("detached", "")
    assert lab.fleet.machines["n0001"].host.power == before
    assert "media_left" not in str(complaints(lab))
    assert Witness.of(lab.fleet.journal.records).media_left() == {}

"""Installing: what boots an installer loses its disk, and what is left in place does it again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aifactory_iac.lab.redfish.numbered import fleet_of

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
SLOT = "/redfish/v1/Managers/Manager.1/VirtualMedia/CD1/Actions/VirtualMedia"
ISO = "http://10.0.0.1/os.iso"
DIGEST = "sha256:1234"


def _fleet(**differences: Any) -> Any:
    return replace(fleet_of(1, pace=1.0, **differences), images={ISO: DIGEST})


def _override(client: Any, enabled: str, target: str, uri: str | None = None) -> None:
    boot = {
        "BootSourceOverrideEnabled": enabled,
        "BootSourceOverrideTarget": target,
        "HttpBootUri": uri,
    }
    assert client("PATCH", SYSTEM, {"Boot": boot}).status == 204


def _install(lab: Any, enabled: str = "Once", eject: bool = True) -> None:
    client = lab.client()
    assert client("POST", f"{SLOT}.InsertMedia", {"Image": ISO}).status == 204
    _override(client, enabled, "Cd")
    client("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(4 + 180)
    if eject:
        lab.fleet.advance(300)
        client("POST", f"{SLOT}.EjectMedia", {})
        lab.fleet.advance(300)


def test_media_and_once_install_once_and_then_boot_the_disk(plant: Any) -> None:
    lab = plant(_fleet())
    _install(lab)
    assert lab.fleet.machines["n0001"].host.disk == DIGEST
    lab.fleet.advance(180 + 60)

    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"
    assert lab.effects().count("disk-erased") == 1
    lab.client()("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(10_000)
    assert lab.effects().count("disk-erased") == 1


def test_media_that_stays_installs_again_at_the_next_reset(plant: Any) -> None:
    lab = plant(_fleet())
    _install(lab, eject=False)
    lab.fleet.advance(600 + 180 + 60)
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"
    assert lab.effects().count("disk-erased") == 1

    lab.client()("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(180)
    erased = [r for r in lab.fleet.records if r.get("effect") == "disk-erased"]
    assert [(r.get("held"), r["image"]) for r in erased] == [(None, ISO), (DIGEST, ISO)]


def test_of_media_that_stays_the_disc_comes_first(plant: Any) -> None:
    """A seed on a stick beside it is no installer."""
    lab = plant(_fleet(model="hpe-like"))
    client, system = lab.client(), "/redfish/v1/Systems/1"
    for slot, image in (("1", "http://10.0.0.1/seed.iso"), ("2", ISO)):
        path = f"/redfish/v1/Managers/1/VirtualMedia/{slot}/Actions/VirtualMedia.InsertMedia"
        assert client("POST", path, {"Image": image}).status == 204
    client("POST", f"{system}/Actions/ComputerSystem.Reset", {"ResetType": "On"})
    lab.fleet.advance(4 + 240)
    erased = [r for r in lab.fleet.records if r.get("effect") == "disk-erased"]
    assert [record["image"] for record in erased] == [ISO]


def test_an_override_that_stays_installs_for_ever(plant: Any) -> None:
    lab = plant(_fleet())
    _install(lab, enabled="Continuous", eject=False)
    lab.fleet.advance(3 * (600 + 180))
    assert lab.effects().count("disk-erased") == 4


def test_http_boot_installs_from_its_uri(plant: Any) -> None:
    lab = plant(_fleet())
    _override(lab.client(), "Once", "UefiHttp", ISO)
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(4 + 180 + 600)

    assert lab.fleet.machines["n0001"].host.disk == DIGEST
    assert lab.client().get(SYSTEM)["Boot"]["HttpBootUri"] is None


@pytest.mark.parametrize("target", ["Pxe", "UefiHttp"])
def test_a_network_boot_installs_what_the_network_offers(plant: Any, target: str) -> None:
    lab = plant(_fleet(network_image=ISO))
    _override(lab.client(), "Once", target)
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(4 + 180 + 600)
    assert lab.fleet.machines["n0001"].host.disk == DIGEST


def test_a_reset_in_the_middle_leaves_no_system(plant: Any) -> None:
    lab = plant(_fleet(installed="sha256:old"))
    _install(lab, eject=False)
    client = lab.client()
    client("POST", f"{SLOT}.EjectMedia", {})
    client("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(1000)

    assert lab.fleet.machines["n0001"].host.disk is None
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "SetupEntered"
    assert "install-interrupted" in lab.effects()


def test_an_image_that_nobody_gave_a_digest_is_known_by_its_url(plant: Any) -> None:
    lab = plant(fleet_of(1, pace=1.0))
    _install(lab)
    assert lab.fleet.machines["n0001"].host.disk == ISO


def _call(lab: Any) -> Any:
    return next(r for r in lab.fleet.records if r.get("effect") == "called-back")


def test_a_finished_installer_calls_home(plant: Any, shelf: Any) -> None:
    lab = plant(_fleet(callback=shelf.base + "/done/{name}?serial={serial}&mac={mac}"))
    _install(lab)

    assert (_call(lab)["status"], _call(lab)["stage"]) == (204, "n0001")
    ((path, body),) = shelf.calls
    assert path == "/done/n0001?serial=SN0001&mac=02:00:00:00:00:01"
    assert body == {
        "name": "n0001",
        "serial": "SN0001",
        "uuid": lab.fleet.machines["n0001"].spec.uuid,
        "macs": ["02:00:00:00:00:01", "02:00:00:01:00:01"],
        "image": ISO,
        "digest": DIGEST,
        "status": "installed",
    }


def test_a_call_that_nobody_takes_is_noted(plant: Any) -> None:
    lab = plant(_fleet(callback="http://127.0.0.1:9/{name}"))
    _install(lab)
    assert _call(lab)["status"] == 0

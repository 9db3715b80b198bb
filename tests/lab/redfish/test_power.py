"""Power takes its time, says no as the vendor does, and tells the log."""

from __future__ import annotations

from typing import Any

import pytest

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


def _system(client: Any, system: str) -> Any:
    return client.get(f"/redfish/v1/Systems/{system}")


def _reset(client: Any, kind: str, system: str = "System.1") -> Any:
    path = f"/redfish/v1/Systems/{system}/Actions/ComputerSystem.Reset"
    return client("POST", path, {"ResetType": kind})


def test_power_on_is_accepted_at_once_and_seen_later(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()

    assert _reset(client, "On").status == 204
    assert client.get(SYSTEM)["PowerState"] == "PoweringOn"
    lab.fleet.advance(4)
    assert client.get(SYSTEM)["PowerState"] == "On"
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "SystemHardwareInitializationComplete"
    lab.fleet.advance(180)
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "OSBootStarted"
    lab.fleet.advance(60)
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"
    assert lab.effects() == ["reset", "power", "boot", "os-up"]


def test_an_operating_system_shuts_down_in_its_own_time(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()

    assert _reset(client, "GracefulShutdown").status == 204
    lab.fleet.advance(44)
    assert client.get(SYSTEM)["PowerState"] == "PoweringOff"
    lab.fleet.advance(1)
    assert client.get(SYSTEM)["PowerState"] == "Off"
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "None"


def test_without_an_operating_system_a_graceful_shutdown_is_accepted_and_lost(plant: Any) -> None:
    lab = plant(power="On")

    assert _reset(lab.client(), "GracefulShutdown").status == 204
    lab.fleet.advance(600)
    assert lab.client().get(SYSTEM)["PowerState"] == "On"
    assert lab.effects() == ["reset", "shutdown-unheard"]


def test_a_restart_keeps_power_and_boots_again(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()
    before = client.get(SYSTEM)

    assert "LastResetTime" not in before
    assert _reset(client, "ForceRestart").status == 204
    lab.fleet.advance(1)
    assert client.get(SYSTEM)["PowerState"] == "On"
    assert client.get(SYSTEM)["LastResetTime"] == "2027-01-15T08:00:00Z"
    lab.fleet.advance(240)
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"


def test_a_graceful_restart_lets_the_system_down_first(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")

    _reset(lab.client(), "GracefulRestart")
    lab.fleet.advance(44)
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "None"
    lab.fleet.advance(1 + 180 + 60)
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"


def test_a_graceful_restart_that_nobody_hears_changes_nothing(plant: Any) -> None:
    lab = plant(power="On")

    assert _reset(lab.client(), "GracefulRestart").status == 204
    lab.fleet.advance(600)
    assert lab.effects() == ["reset", "shutdown-unheard"]


def test_a_power_cycle_takes_power_away_and_gives_it_back_in_one_reset(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")

    _reset(lab.client(), "PowerCycle")
    lab.fleet.advance(5)
    assert lab.client().get(SYSTEM)["PowerState"] == "PoweringOn"
    lab.fleet.advance(4)
    assert lab.effects() == ["reset", "power", "power"]


def test_the_power_button_toggles(plant: Any) -> None:
    lab = plant(installed="sha256:aa")

    _reset(lab.client(), "PushPowerButton")
    lab.fleet.advance(4 + 180 + 60)
    assert lab.client().get(SYSTEM)["PowerState"] == "On"
    lab.fleet.press_power_button("n0001")
    lab.fleet.advance(45)
    assert lab.client().get(SYSTEM)["PowerState"] == "Off"


def test_a_button_pressed_while_power_changes_is_ignored(plant: Any) -> None:
    lab = plant()

    _reset(lab.client(), "On")
    lab.fleet.press_power_button("n0001")
    lab.fleet.advance(4)
    assert lab.effects() == ["reset", "power"]


def test_an_nmi_changes_no_power(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")

    assert _reset(lab.client(), "Nmi").status == 204
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"
    assert lab.effects() == ["reset", "nmi"]


def test_while_power_changes_a_reset_is_a_conflict(plant: Any) -> None:
    lab = plant()

    _reset(lab.client(), "On")
    told = _reset(lab.client(), "ForceOff")
    assert (told.status, told.message) == (409, "ActionParameterValueConflict")
    assert lab.effects() == ["reset"]


@pytest.mark.parametrize(
    ("body", "message", "about"),
    [
        ({}, "ActionParameterMissing", "#/ResetType"),
        ({"ResetType": "Explode"}, "PropertyValueNotInList", "#/ResetType"),
        ({"ResetType": None}, "PropertyValueNotInList", "#/ResetType"),
        ({"ResetType": "On", "Delay": 3}, "PropertyUnknown", "#/Delay"),
    ],
)
def test_a_bad_reset_is_refused_and_nothing_happens(
    plant: Any, body: Any, message: str, about: str
) -> None:
    lab = plant()

    told = lab.client()("POST", RESET, body)
    assert (told.status, told.message) == (400, message)
    assert told.body["error"]["@Message.ExtendedInfo"][0]["RelatedProperties"] == [about]
    assert lab.effects() == []


def test_a_body_that_is_no_json_is_malformed(plant: Any) -> None:
    told = plant().client()("POST", RESET, b"{")
    assert (told.status, told.message) == (400, "MalformedJSON")


@pytest.mark.parametrize(
    ("model", "system", "status", "message"),
    [
        ("generic", "System.1", 204, None),
        ("dell-like", "System.Embedded.1", 409, "ActionParameterValueConflict"),
        ("hpe-like", "1", 400, "InvalidOperationForSystemState"),
    ],
)
def test_already_off_is_answered_as_the_vendor_does(
    plant: Any, model: str, system: str, status: int, message: str | None
) -> None:
    lab = plant(model=model)

    told = _reset(lab.client(), "ForceOff", system)
    assert told.status == status
    assert message is None or told.message == message
    assert lab.effects() == []


@pytest.mark.parametrize(
    ("model", "system", "status"),
    [("generic", "System.1", 204), ("dell-like", "System.Embedded.1", 409), ("hpe-like", "1", 400)],
)
def test_already_on_likewise(plant: Any, model: str, system: str, status: int) -> None:
    lab = plant(model=model, power="On", installed="sha256:aa")

    assert _reset(lab.client(), "On", system).status == status
    assert lab.effects() == []


def test_soon_after_power_off_some_makes_need_to_settle(plant: Any) -> None:
    lab = plant(model="dell-like", power="On", installed="sha256:aa")
    client = lab.client()
    _reset(client, "ForceOff", "System.Embedded.1")
    lab.fleet.advance(5)
    assert _system(client, "System.Embedded.1")["PowerState"] == "Off"

    told = _reset(client, "On", "System.Embedded.1")
    assert (told.status, told.message) == (409, "ActionParameterValueConflict")
    assert told.headers["Retry-After"] == "8"
    lab.fleet.advance(8)
    assert _reset(client, "On", "System.Embedded.1").status == 204


def test_a_baseboard_has_the_power_of_its_host_and_no_reset_of_its_own(plant: Any) -> None:
    lab = plant(model="dgx-h100", power="On", installed="sha256:aa")
    client = lab.client()

    assert _system(client, "HGX_Baseboard_0")["PowerState"] == "On"
    assert "Actions" not in _system(client, "HGX_Baseboard_0")
    assert _reset(client, "ForceOff", "HGX_Baseboard_0").status == 404


def test_pace_shortens_everything(plant: Any) -> None:
    lab = plant(pace=0.01, installed="sha256:aa")

    _reset(lab.client(), "On")
    lab.fleet.advance(2.44)
    assert lab.effects() == ["reset", "power", "boot", "os-up"]


def test_in_real_time_it_happens_by_itself(plant: Any) -> None:
    lab = plant(real_time=True, pace=0.0001, installed="sha256:aa")
    client = lab.client()

    _reset(client, "On")
    for _ in range(200):
        if client.get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning":
            break
    assert lab.effects() == ["reset", "power", "boot", "os-up"]
    with pytest.raises(ValueError, match="lives in real time"):
        lab.fleet.advance(1)

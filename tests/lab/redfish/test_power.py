"""Power takes its time, says no as the vendor does, and tells the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


def test_power_on_is_accepted_at_once_and_seen_later(plant: Callable[..., Any]) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()

    assert client("POST", RESET, {"ResetType": "On"}).status == 204
    assert client.get(SYSTEM)["PowerState"] == "PoweringOn"
    lab.fleet.advance(4)
    assert client.get(SYSTEM)["PowerState"] == "On"
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "SystemHardwareInitializationComplete"
    lab.fleet.advance(180)
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "OSBootStarted"
    lab.fleet.advance(60)
    assert client.get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"
    assert lab.effects() == ["reset", "power", "boot", "os-up"]

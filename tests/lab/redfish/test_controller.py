"""The controller itself: gone while it starts, and its mains."""

from __future__ import annotations

import urllib.error
from typing import Any

import pytest

from aifactory_iac.lab.redfish.numbered import LOGIN

MANAGER = "/redfish/v1/Managers/Manager.1"
GOOD = {"UserName": LOGIN.username, "Password": LOGIN.password}


def _restart(client: Any, manager: str = "Manager.1", kind: str = "ForceRestart") -> Any:
    path = f"/redfish/v1/Managers/{manager}/Actions/Manager.Reset"
    return client("POST", path, {"ResetType": kind})


def _refused(client: Any) -> bool:
    try:
        client("GET", "/redfish/v1")
    except urllib.error.URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    return False


def test_while_it_starts_connections_are_refused_and_then_it_is_back_on_its_port(
    plant: Any,
) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()

    assert _restart(client).status == 204
    lab.fleet.advance(1)
    assert _refused(client)
    lab.fleet.advance(119)
    assert client.get(MANAGER)["LastResetTime"] == "2027-01-15T08:00:00Z"
    assert lab.effects() == ["manager-reset", "unreachable", "reachable"]


def test_the_host_does_not_notice(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    _restart(lab.client())
    lab.fleet.advance(130)
    told = lab.client().get("/redfish/v1/Systems/System.1")
    assert told["BootProgress"]["LastState"] == "OSRunning"


def test_it_takes_its_sessions_with_it(plant: Any) -> None:
    lab = plant()
    sessions = "/redfish/v1/SessionService/Sessions"
    token = lab.client(login=None)("POST", sessions, GOOD).headers["X-Auth-Token"]
    _restart(lab.client())
    lab.fleet.advance(130)

    assert lab.client(login=None, token=token)("GET", sessions).status == 401
    assert "session-lost" in lab.effects()


@pytest.mark.parametrize(
    ("body", "message"),
    [({"ResetType": "PowerCycle"}, "PropertyValueNotInList"), ({}, "ActionParameterMissing")],
)
def test_a_bad_reset_is_refused(plant: Any, body: Any, message: str) -> None:
    assert plant().client()("POST", f"{MANAGER}/Actions/Manager.Reset", body).message == message


def test_the_baseboards_controller_takes_only_its_own_part_away(plant: Any) -> None:
    lab = plant(model="dgx-h100")
    client = lab.client()

    assert _restart(client, "HGX_BMC_0").status == 204
    for path in ("Systems/HGX_Baseboard_0", "Managers/HGX_BMC_0", "Chassis/HGX_GPU_SXM_1"):
        told = client("GET", f"/redfish/v1/{path}")
        assert (told.status, told.message) == (503, "ServiceTemporarilyUnavailable")
        assert told.headers["Retry-After"] == "30"
    assert client("GET", "/redfish/v1/Systems/DGX").status == 200
    lab.fleet.advance(30)
    assert client("GET", "/redfish/v1/Systems/HGX_Baseboard_0").status == 200


def test_after_a_reset_of_the_host_the_baseboard_is_away_for_half_a_minute(plant: Any) -> None:
    lab = plant(model="dgx-h100", power="On", installed="sha256:aa")
    client = lab.client()
    reset = "/redfish/v1/Systems/DGX/Actions/ComputerSystem.Reset"
    client("POST", reset, {"ResetType": "ForceRestart"})
    lab.fleet.advance(1)

    assert client("GET", "/redfish/v1/Systems/HGX_Baseboard_0").status == 503
    lab.fleet.advance(30)
    assert client("GET", "/redfish/v1/Systems/HGX_Baseboard_0").status == 200


AUX = "/redfish/v1/Chassis/BMC_0/Actions/Oem/NvidiaChassis.AuxPowerReset"


def test_a_gb200_gives_up_its_mains_only_while_the_host_is_off(plant: Any) -> None:
    lab = plant(model="dgx-gb200", power="On", installed="sha256:aa")
    client = lab.client()
    actions = client.get("/redfish/v1/Chassis/BMC_0")["Actions"]
    assert actions["Oem"]["#NvidiaChassis.AuxPowerReset"]["target"] == AUX

    told = client("POST", AUX, {"ResetType": "AuxPowerCycle"})
    assert (told.status, told.message) == (400, "ChassisPowerStateOffRequired")
    reset = "/redfish/v1/Systems/System_0/Actions/ComputerSystem.Reset"
    client("POST", reset, {"ResetType": "ForceOff"})
    lab.fleet.advance(10)
    assert client("POST", AUX, {"ResetType": "AuxPowerCycleForce"}).status == 204
    lab.fleet.advance(1)
    assert _refused(client)
    lab.fleet.advance(180)
    assert client.get("/redfish/v1/Systems/System_0")["PowerState"] == "Off"
    assert "mains-cut" in lab.effects()


def test_a_bad_aux_reset_is_refused_and_other_chassis_have_none(plant: Any) -> None:
    client = plant(model="dgx-gb200").client()

    assert client("POST", AUX, {"ResetType": "Gently"}).message == "PropertyValueNotInList"
    other = AUX.replace("BMC_0", "Chassis_0")
    assert client("POST", other, {"ResetType": "AuxPowerCycle"}).status == 404


def test_a_chassis_is_cycled(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    path = "/redfish/v1/Chassis/Chassis.1/Actions/Chassis.Reset"

    assert lab.client()("POST", path, {"ResetType": "On"}).message == "PropertyValueNotInList"
    assert lab.client()("POST", path, {"ResetType": "PowerCycle"}).status == 204
    lab.fleet.advance(300)
    assert lab.effects() == ["reset", "power", "power", "boot", "os-up"]


def test_pulling_the_plug_takes_host_and_controller_down(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    lab.fleet.cut_mains("n0001")
    lab.fleet.advance(0)

    assert _refused(lab.client())
    lab.fleet.advance(150)
    assert lab.client().get("/redfish/v1/Systems/System.1")["PowerState"] == "Off"


PROTOCOL = f"{MANAGER}/NetworkProtocol"


def test_network_protocols_lead_to_the_certificate(plant: Any) -> None:
    client = plant().client()

    told = client.get(PROTOCOL)
    assert told["HTTPS"]["Certificates"]["@odata.id"].endswith("/HTTPS/Certificates")
    assert (told["HTTP"]["ProtocolEnabled"], told["IPMI"]["ProtocolEnabled"]) == (False, True)
    dgx = plant(model="dgx-h100").client()
    assert dgx("GET", "/redfish/v1/Managers/HGX_BMC_0/NetworkProtocol").status == 404


def test_a_protocol_is_switched_off(plant: Any) -> None:
    lab = plant()

    assert lab.client()("PATCH", PROTOCOL, {"IPMI": {"ProtocolEnabled": False}}).status == 204
    assert lab.client().get(PROTOCOL)["IPMI"]["ProtocolEnabled"] is False
    assert lab.effects() == ["protocols-set"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"IPMI": {"ProtocolEnabled": "no"}}, "PropertyValueTypeError"),
        ({"IPMI": False}, "PropertyValueTypeError"),
        ({"HTTPS": {"ProtocolEnabled": False}}, "PropertyValueNotInList"),
        ({"Telnet": {"ProtocolEnabled": True}}, "PropertyUnknown"),
    ],
)
def test_a_bad_protocol_is_refused(plant: Any, body: Any, message: str) -> None:
    lab = plant()
    assert lab.client()("PATCH", PROTOCOL, body).message == message
    assert lab.effects() == []

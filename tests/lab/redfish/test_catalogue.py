"""Every fault of the catalogue bites: one short story each, told by its name."""

from __future__ import annotations

import http.client
import urllib.error
from collections.abc import Callable
from typing import Any

import pytest

from aifactory_iac.lab.redfish.faults.reading import catalogue, named

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
SLOT = "/redfish/v1/Managers/Manager.1/VirtualMedia/CD1"
SIMPLE = "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate"
LOST = (http.client.RemoteDisconnected, http.client.IncompleteRead, ConnectionResetError)

Story = Callable[[Any, Any], None]
STORIES: dict[str, Story] = {}


def story(*names: str) -> Callable[[Story], Story]:
    def keep(tell: Story) -> Story:
        STORIES.update(dict.fromkeys(names, tell))
        return tell

    return keep


def _reset(client: Any, kind: str) -> int:
    return int(client("POST", RESET, {"ResetType": kind}).status)


def _boot(client: Any) -> Any:
    return client.get(SYSTEM)["Boot"]


def _once(client: Any, **other: Any) -> int:
    boot = {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "Pxe", **other}
    return int(client("PATCH", SYSTEM, {"Boot": boot}).status)


def _update(client: Any) -> Any:
    return client("POST", SIMPLE, {"ImageURI": "http://x/bios-1.1.0.bin", "Targets": ["BIOS"]})


@story("bmclib-459-half-stored-boot")
def _half(_lab: Any, client: Any) -> None:
    assert _once(client, BootSourceOverrideMode="UEFI") == 204
    boot = _boot(client)
    assert boot["BootSourceOverrideTarget"] == "Pxe"
    assert boot["BootSourceOverrideEnabled"] == "Disabled"
    assert boot["BootSourceOverrideMode"] == "Legacy"


@story("kubevirtbmc-165-once-becomes-continuous")
def _continuous(_lab: Any, client: Any) -> None:
    assert _once(client) == 204
    assert _boot(client)["BootSourceOverrideEnabled"] == "Continuous"


@story("redfishtool-106-mode-reverts")
def _mode(_lab: Any, client: Any) -> None:
    _once(client)
    assert _boot(client)["BootSourceOverrideMode"] == "Legacy"
    _once(client, BootSourceOverrideMode="UEFI")
    assert _boot(client)["BootSourceOverrideMode"] == "UEFI"


@story("jetlag-18-once-is-ignored")
def _ignored(_lab: Any, client: Any) -> None:
    assert _once(client) == 200
    assert _boot(client)["BootSourceOverrideEnabled"] == "Disabled"


@story("tacklebox-144-future-state-uri")
def _future(_lab: Any, client: Any) -> None:
    told = client("PATCH", SYSTEM, {"Boot": {"BootSourceOverrideTarget": "Pxe"}})
    assert told.body["error"]["code"] == "Ami.1.0.OperationSupportedInFutureStateURI"


@story("infra-controller-595-power-on-does-nothing")
def _deaf(lab: Any, client: Any) -> None:
    assert _reset(client, "On") == 204
    lab.fleet.advance(1000)
    assert client.get(SYSTEM)["PowerState"] == "Off"


@story("infra-controller-5355-restart-without-boot")
def _no_boot(lab: Any, client: Any) -> None:
    lab.fleet.press_power_button("n0001")
    lab.fleet.advance(1000)
    before = client.get(SYSTEM)["LastResetTime"]
    assert _reset(client, "ForceRestart") == 204
    assert client.get(SYSTEM)["LastResetTime"] == before


@story("xcat-4150-warm-reset-instead-of-cycle")
def _warm(lab: Any, client: Any) -> None:
    lab.fleet.press_power_button("n0001")
    lab.fleet.advance(1000)
    assert _reset(client, "PowerCycle") == 204
    lab.fleet.advance(1)
    assert client.get(SYSTEM)["PowerState"] == "On"
    resets = [r["reset"] for r in lab.fleet.records if r.get("effect") == "reset"]
    assert resets[-1] == "ForceRestart"


@story("idrac-scripting-29-graceful-is-hard")
def _hard(lab: Any, client: Any) -> None:
    lab.fleet.press_power_button("n0001")
    lab.fleet.advance(1000)
    _reset(client, "GracefulRestart")
    resets = [r["reset"] for r in lab.fleet.records if r.get("effect") == "reset"]
    assert resets[-1] == "ForceRestart"


@story("settle-409-after-power-off")
def _settle(_lab: Any, client: Any) -> None:
    assert [_reset(client, "On") for _ in range(3)] == [409, 409, 204]


@story("infra-operator-434-already-off-is-409")
def _off(lab: Any, client: Any) -> None:
    assert _reset(client, "ForceOff") == 409
    assert lab.effects() == []


@story("infra-controller-4446-slow-power-off")
def _slow(lab: Any, client: Any) -> None:
    lab.fleet.press_power_button("n0001")
    lab.fleet.advance(1000)
    _reset(client, "ForceOff")
    lab.fleet.advance(59)
    assert client.get(SYSTEM)["PowerState"] == "PoweringOff"
    lab.fleet.advance(1)
    assert client.get(SYSTEM)["PowerState"] == "Off"


@story("lost-answer-to-reset")
def _lost_reset(lab: Any, client: Any) -> None:
    with pytest.raises(LOST):
        _reset(client, "On")
    assert lab.effects() == ["reset"]
    lab.fleet.advance(10)
    assert _reset(client, "ForceRestart") == 204


@story("done-but-500")
def _done(lab: Any, client: Any) -> None:
    assert _reset(client, "On") == 500
    assert lab.effects() == ["reset"]


@story("community-general-6969-eject-does-nothing")
def _eject(_lab: Any, client: Any) -> None:
    client("POST", f"{SLOT}/Actions/VirtualMedia.InsertMedia", {"Image": "http://x/y.iso"})
    assert client("POST", f"{SLOT}/Actions/VirtualMedia.EjectMedia", {}).status == 204
    assert client.get(SLOT)["Inserted"] is True


@story("insert-does-nothing")
def _insert(_lab: Any, client: Any) -> None:
    told = client("POST", f"{SLOT}/Actions/VirtualMedia.InsertMedia", {"Image": "http://x/y.iso"})
    assert (told.status, client.get(SLOT)["Inserted"]) == (204, False)


@story("lost-answer-to-insert")
def _lost_insert(_lab: Any, client: Any) -> None:
    with pytest.raises(LOST):
        client("POST", f"{SLOT}/Actions/VirtualMedia.InsertMedia", {"Image": "http://x/y.iso"})
    assert client.get(SLOT)["Inserted"] is True


@story("gofish-171-etag-demanded")
def _etag(_lab: Any, client: Any) -> None:
    assert [_once(client), _once(client)] == [428, 204]


@story("terraform-redfish-231-bios-never-applied")
def _never(lab: Any, client: Any) -> None:
    path = f"{SYSTEM}/Bios/Settings"
    assert client("PATCH", path, {"Attributes": {"LogicalProc": "Disabled"}}).status == 204
    _reset(client, "On")
    lab.fleet.advance(1000)
    assert client.get(f"{SYSTEM}/Bios")["Attributes"]["LogicalProc"] == "Enabled"


@story("lost-answer-to-patch")
def _lost_patch(_lab: Any, client: Any) -> None:
    with pytest.raises(LOST):
        _once(client)
    assert _boot(client)["BootSourceOverrideEnabled"] == "Once"


@story("update-task-fails")
def _fails(lab: Any, client: Any) -> None:
    _update(client)
    lab.fleet.advance(90)
    assert client.get("/redfish/v1/TaskService/Tasks/1")["TaskState"] == "Exception"


@story("metal-operator-453-completed-but-critical")
def _critical(lab: Any, client: Any) -> None:
    _update(client)
    lab.fleet.advance(90)
    task = client.get("/redfish/v1/TaskService/Tasks/1")
    assert (task["TaskState"], task["TaskStatus"]) == ("Completed", "Critical")


@story("metal-operator-617-monitor-vanishes")
def _monitor(lab: Any, client: Any) -> None:
    place = _update(client).headers["Location"]
    assert client("GET", place).status == 202
    lab.fleet.advance(90)
    assert client("GET", place).status == 404


@story("update-task-vanishes")
def _vanishes(lab: Any, client: Any) -> None:
    _update(client)
    lab.fleet.advance(90)
    assert client("GET", "/redfish/v1/TaskService/Tasks/1").status == 404


def _is_refused(client: Any) -> bool:
    try:
        client("GET", "/redfish/v1")
    except urllib.error.URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    return False


@story("bmc-gone-after-flash")
def _gone(lab: Any, client: Any) -> None:
    _update(client)
    lab.fleet.advance(90)
    assert _is_refused(client)
    lab.fleet.advance(240)
    assert not _is_refused(client)


@story("bmc-never-comes-back")
def _for_ever(lab: Any, client: Any) -> None:
    reset = "/redfish/v1/Managers/Manager.1/Actions/Manager.Reset"
    client("POST", reset, {"ResetType": "ForceRestart"})
    lab.fleet.advance(1e6)
    assert _is_refused(client)


@story("lost-answer-to-update")
def _lost_update(lab: Any, client: Any) -> None:
    with pytest.raises(LOST):
        _update(client)
    assert client.get("/redfish/v1/TaskService/Tasks")["Members@odata.count"] == 1
    assert _update(client).status == 503
    assert lab.effects()[-1] == "flash-refused"


@story("gofish-75-session-limit")
def _sessions(_lab: Any, client: Any) -> None:
    assert client.log_in().status == 503


@story("openbmc-3650-lockout")
def _lockout(_lab: Any, client: Any) -> None:
    assert [client("GET", SYSTEM).status for _ in range(4)] == [200, 200, 401, 401]


@story("unauthorized-storm")
def _storm(_lab: Any, client: Any) -> None:
    assert [client("GET", SYSTEM).status for _ in range(3)] == [401, 401, 401]


@story("xcat-4264-intermittent-503")
def _intermittent(_lab: Any, client: Any) -> None:
    assert [client("GET", SYSTEM).status for _ in range(4)] == [200, 503, 503, 200]


@story("infra-controller-4751-overload")
def _overload(_lab: Any, client: Any) -> None:
    assert client("GET", SYSTEM).status == 200


@story("bmo-708-short-outage")
def _outage(lab: Any, client: Any) -> None:
    for _ in range(3):
        assert client("GET", SYSTEM).status == 200
    with pytest.raises(LOST):
        client("GET", SYSTEM)
    assert _is_refused(client)
    lab.fleet.advance(10)
    assert client("GET", SYSTEM).status == 200


@story("connection-dropped")
def _dropped(_lab: Any, client: Any) -> None:
    assert [client("GET", SYSTEM).status for _ in range(2)] == [200, 200]
    with pytest.raises(LOST):
        client("GET", SYSTEM)
    assert client("GET", SYSTEM).status == 200


@story("body-cut-in-the-middle")
def _cut(_lab: Any, client: Any) -> None:
    with pytest.raises(LOST):
        client("GET", SYSTEM)
    assert client("GET", SYSTEM).status == 200


@story("slow-body")
def _slow_body(lab: Any, _client: Any) -> None:
    """Five seconds are not waited for: the client gives up, as clients do."""
    host = lab.fleet.endpoints["10.0.0.1"].removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=0.3)
    connection.request(
        "GET", SYSTEM, headers={"Authorization": "Basic b3BlcmF0b3I6Y29ycmVjdC1ob3JzZS0x"}
    )
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises(TimeoutError):
        answer.read()
    connection.close()


@story("another-serial")
def _serial(_lab: Any, client: Any) -> None:
    assert client.get(SYSTEM)["SerialNumber"] == "SWAPPED-0001"


CERTIFICATES = {
    "certificate-expired",
    "certificate-of-another-host",
    "certificate-of-unknown-authority",
}


def test_every_fault_has_its_story() -> None:
    """Those of certificates are told in test_certificates, where TLS is."""
    assert set(STORIES) | CERTIFICATES == set(catalogue())


@pytest.mark.parametrize("name", sorted(STORIES))
def test_it_bites(plant: Any, name: str) -> None:
    lab = plant(installed="sha256:aa")
    lab.fleet.use(named(name))
    STORIES[name](lab, lab.client())

"""Firmware: written under a task, staged, and running only after its own kind of activation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from aifactory_iac.lab.redfish.numbered import fleet_of

UPDATE = "/redfish/v1/UpdateService"
INVENTORY = f"{UPDATE}/FirmwareInventory"
SIMPLE = f"{UPDATE}/Actions/UpdateService.SimpleUpdate"
PUSH = f"{UPDATE}/update-multipart"
TASKS = "/redfish/v1/TaskService/Tasks"


def _update(client: Any, uri: str, *targets: str) -> Any:
    body = {"ImageURI": uri, "Targets": [f"{INVENTORY}/{target}" for target in targets]}
    return client("POST", SIMPLE, body)


def _push(client: Any, parameters: Any, content: bytes, name: str = "bundle.fwpkg") -> Any:
    mark = "frontier"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="UpdateParameters"\r\n'
        f"Content-Type: application/json\r\n\r\n{json.dumps(parameters)}\r\n".encode(),
        f'--{mark}\r\nContent-Disposition: form-data; name="UpdateFile"; filename="{name}"\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n".encode(),
        content,
        f"\r\n--{mark}--\r\n".encode(),
    ]
    return client(
        "POST", PUSH, b"".join(parts), Content_Type=f"multipart/form-data; boundary={mark}"
    )


def _version(client: Any, component: str) -> tuple[str, bool]:
    told = client.get(f"{INVENTORY}/{component}")
    return told["Version"], told["Staged"]


def _reset(client: Any, system: str, kind: str) -> None:
    path = f"/redfish/v1/Systems/{system}/Actions/ComputerSystem.Reset"
    assert client("POST", path, {"ResetType": kind}).status == 204


def test_an_update_is_a_task_that_gets_on(plant: Any) -> None:
    lab = plant()
    client = lab.client()
    told = _update(client, "http://10.0.0.1/bios-1.1.0.bin", "BIOS")

    assert told.status == 202
    monitor = told.headers["Location"]
    assert monitor == "/redfish/v1/TaskService/TaskMonitors/1"
    assert client("GET", monitor).status == 202
    assert client.get(f"{INVENTORY}/BIOS")["Status"]["State"] == "Updating"
    lab.fleet.advance(18)
    task = client.get(f"{TASKS}/1")
    assert (task["TaskState"], task["PercentComplete"], task["TaskStatus"]) == ("Running", 20, "OK")
    lab.fleet.advance(72)
    task = client.get(monitor)
    assert (task["TaskState"], task["PercentComplete"]) == ("Completed", 100)
    assert task["Messages"][0]["MessageId"] == "TaskEvent.1.0.TaskCompletedOK"
    assert client.get(TASKS)["Members@odata.count"] == 1


def test_what_is_written_runs_only_after_its_activation(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()
    _update(client, "http://10.0.0.1/bios-1.1.0.bin", "BIOS")
    lab.fleet.advance(90)
    assert _version(client, "BIOS") == ("1.0.0", True)

    _reset(client, "System.1", "ForceRestart")
    lab.fleet.advance(1)
    assert _version(client, "BIOS") == ("1.1.0", False)
    assert client.get("/redfish/v1/Systems/System.1")["BiosVersion"] == "1.1.0"


@pytest.mark.parametrize(
    ("component", "needs"),
    [
        ("HostBIOS_0", "host-reset"),
        ("HostBMC_0", "bmc-reset"),
        ("HGX_FW_GPU_SXM_3", "chassis-cycle"),
        ("CPLDMB_0", "ac-cycle"),
    ],
)
def test_on_a_dgx_each_component_has_its_own_activation(
    plant: Any, component: str, needs: str
) -> None:
    lab = plant(model="dgx-h100", power="On", installed="sha256:aa")
    client = lab.client()
    _update(client, "http://10.0.0.1/fw-99.9.9.bin", component)
    lab.fleet.advance(600)
    before = _version(client, component)[0]

    def active() -> bool:
        return _version(client, component)[0] != before

    _reset(client, "DGX", "ForceRestart")
    lab.fleet.advance(1)
    assert active() is (needs == "host-reset")
    client("POST", "/redfish/v1/Managers/BMC/Actions/Manager.Reset", {"ResetType": "ForceRestart"})
    lab.fleet.advance(181)
    assert active() is (needs in ("host-reset", "bmc-reset"))
    client("POST", "/redfish/v1/Chassis/DGX/Actions/Chassis.Reset", {"ResetType": "PowerCycle"})
    lab.fleet.advance(60)
    assert active() is (needs != "ac-cycle")
    lab.fleet.cut_mains("n0001")
    lab.fleet.advance(241)
    assert active()


def test_a_component_that_needs_no_activation_runs_at_once(plant: Any) -> None:
    lab = plant(model="hpe-like")
    _update(lab.client(), "http://10.0.0.1/ilo-1.60.bin", "1")
    lab.fleet.advance(180)
    assert _version(lab.client(), "1") == ("1.60", False)


def test_a_push_carries_its_package(plant: Any) -> None:
    lab = plant()
    told = _push(lab.client(), {"Targets": []}, b'{"BIOS": "1.2.0", "BMC": "2.1.0"}')

    assert told.status == 202
    lab.fleet.advance(90 + 120)
    assert _version(lab.client(), "BIOS") == ("1.0.0", True)
    assert _version(lab.client(), "BMC") == ("2.0.0", True)
    request = next(r for r in lab.fleet.records if r["kind"] == "request")
    assert request["body"] == {"UpdateParameters": {"bytes": 15}, "UpdateFile": {"bytes": 33}}


def test_targets_choose_from_the_package(plant: Any) -> None:
    lab = plant()
    package = b'{"BIOS": "1.2.0", "BMC": "2.1.0"}'
    assert _push(lab.client(), {"Targets": [f"{INVENTORY}/BMC"]}, package).status == 202
    lab.fleet.advance(1000)
    assert _version(lab.client(), "BIOS") == ("1.0.0", False)
    assert _version(lab.client(), "BMC") == ("2.0.0", True)


def test_the_specification_may_say_what_a_package_holds(plant: Any) -> None:
    packages = {"bundle.fwpkg": {"BIOS": "7.0.0"}, "http://10.0.0.1/x": {"BMC": "8.0.0"}}
    lab = plant(replace(fleet_of(1, pace=1.0), packages=packages))
    client = lab.client()

    assert _push(client, {}, b"\x00\x01").status == 202
    lab.fleet.advance(90)
    assert _update(client, "http://10.0.0.1/x").status == 202
    lab.fleet.advance(120)
    _reset(client, "System.1", "On")
    lab.fleet.advance(4)
    assert _version(client, "BIOS") == ("7.0.0", False)
    assert _version(client, "BMC") == ("2.0.0", True)


def test_while_one_is_written_a_second_is_refused(plant: Any) -> None:
    lab = plant()
    _update(lab.client(), "http://10.0.0.1/bios-1.1.0.bin", "BIOS")

    told = _update(lab.client(), "http://10.0.0.1/bmc-2.1.0.bin", "BMC")
    assert (told.status, told.message) == (503, "ServiceTemporarilyUnavailable")
    assert told.headers["Retry-After"] == "30"
    assert "flash-refused" in lab.effects()


def test_a_reset_of_the_host_interrupts_a_flash_of_the_host(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()
    _update(client, "http://10.0.0.1/bios-1.1.0.bin", "BIOS")
    lab.fleet.advance(20)
    _reset(client, "System.1", "ForceOff")
    lab.fleet.advance(1000)

    task = client.get(f"{TASKS}/1")
    assert (task["TaskState"], task["TaskStatus"]) == ("Exception", "Critical")
    assert _version(client, "BIOS") == ("1.0.0", False)
    assert "flash-interrupted" in lab.effects()
    assert _update(client, "http://10.0.0.1/bios-1.1.0.bin", "BIOS").status == 202


def test_a_flash_of_the_controller_survives_a_reset_of_the_host(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    _update(lab.client(), "http://10.0.0.1/bmc-2.1.0.bin", "BMC")
    _reset(lab.client(), "System.1", "ForceRestart")
    lab.fleet.advance(1000)
    assert _version(lab.client(), "BMC") == ("2.0.0", True)


def test_a_reset_of_the_controller_interrupts_every_flash(plant: Any) -> None:
    lab = plant()
    _update(lab.client(), "http://10.0.0.1/bmc-2.1.0.bin", "BMC")
    path = "/redfish/v1/Managers/Manager.1/Actions/Manager.Reset"
    lab.client()("POST", path, {"ResetType": "GracefulRestart"})
    lab.fleet.advance(1000)

    assert lab.client().get(f"{TASKS}/1")["TaskState"] == "Exception"
    assert "flash-interrupted" in lab.effects()


def test_a_task_can_be_cancelled_and_writes_nothing(plant: Any) -> None:
    lab = plant()
    client = lab.client()
    _update(client, "http://10.0.0.1/bios-1.1.0.bin", "BIOS")

    assert client("DELETE", f"{TASKS}/1").status == 204
    assert client("GET", f"{TASKS}/1").status == 404
    lab.fleet.advance(1000)
    assert _version(client, "BIOS") == ("1.0.0", False)
    assert _update(client, "http://10.0.0.1/bios-1.1.0.bin", "BIOS").status == 202


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "PropertyMissing"),
        ({"ImageURI": "bios.bin"}, "PropertyValueFormatError"),
        ({"ImageURI": "http://x/1.1.bin", "Speed": 1}, "PropertyUnknown"),
        ({"ImageURI": "http://x/a-1.1.bin", "Targets": ["/toaster"]}, "PropertyValueNotInList"),
        ({"ImageURI": "http://x/a-1.1.bin", "Targets": "BIOS"}, "PropertyValueTypeError"),
        ({"ImageURI": "http://x/nothing.bin", "Targets": ["BIOS"]}, "UpdateNotApplicable"),
        ({"ImageURI": "http://x/bios-1.1.bin"}, "UpdateNotApplicable"),
    ],
)
def test_a_bad_update_is_refused(plant: Any, body: Any, message: str) -> None:
    lab = plant()
    told = lab.client()("POST", SIMPLE, body)
    assert (told.status, told.message) == (400, message)
    assert lab.effects() == []


@pytest.mark.parametrize("parameters", ["text", ["list"], {"Targets": [], "Extra": 1}])
def test_bad_parameters_of_a_push_are_refused(plant: Any, parameters: Any) -> None:
    assert _push(plant().client(), parameters, b"{}").status == 400


def test_a_push_without_a_file_is_refused(plant: Any) -> None:
    client = plant().client()
    told = client(
        "POST",
        PUSH,
        b'--x\r\nContent-Disposition: form-data; name="UpdateParameters"\r\n\r\n{}\r\n--x--\r\n',
        Content_Type="multipart/form-data; boundary=x",
    )
    assert (told.status, told.message) == (400, "PropertyMissing")
    told = client("POST", PUSH, {}, Content_Type="application/json")
    assert (told.status, told.message) == (400, "PropertyMissing")


def test_the_inventory_names_what_runs_and_whose_it_is(plant: Any) -> None:
    client = plant(model="dgx-h100", firmware={"HostBIOS_0": "01.06.07"}).client()

    members = [m["@odata.id"].rpartition("/")[2] for m in client.get(INVENTORY)["Members"]]
    assert members[:3] == ["HostBIOS_0", "HostBMC_0", "CPLDMB_0"]
    assert [m for m in members if m.startswith("HGX_FW_GPU")] == [
        f"HGX_FW_GPU_SXM_{n}" for n in range(1, 9)
    ]
    assert _version(client, "HostBIOS_0") == ("01.06.07", False)
    related = client.get(f"{INVENTORY}/HostBMC_0")["RelatedItem"]
    assert related == [{"@odata.id": "/redfish/v1/Managers/BMC"}]
    assert client.get("/redfish/v1/Managers/BMC")["FirmwareVersion"] == "24.09.17"

"""DMTF's own Python client, likewise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import redfish
from redfish.rest.v1 import InvalidCredentialsError, RetriesExhaustedError

from aifactory_iac.lab.redfish.numbered import LOGIN
from aifactory_iac.lab.redfish.witness import Witness

SYSTEM = "/redfish/v1/Systems/DGX"


def _connect(lab: Any, how: str = "session", **other: Any) -> Any:
    client = redfish.redfish_client(
        base_url=lab.fleet.endpoints["10.0.0.1"],
        username=LOGIN.username,
        password=LOGIN.password,
        **{"cafile": str(lab.ca), "max_retry": 0, **other},
    )
    client.login(auth=how)
    return client


@pytest.mark.parametrize("how", ["session", "basic"])
def test_it_logs_in_lists_and_logs_out(plant: Any, tmp_path: Path, how: str) -> None:
    lab = plant(folder=tmp_path, model="dgx-h100")
    client = _connect(lab, how)

    assert client.get("/redfish/v1/Systems").dict["Members@odata.count"] == 2
    assert client.get(SYSTEM).dict["SerialNumber"] == "SN0001"
    client.logout()
    assert Witness.of(lab.fleet.records).sessions_left_open() == {}


def test_it_powers_and_boots_with_an_etag(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path, model="dgx-h100", installed="sha256:aa")
    client = _connect(lab)
    boot = {"Boot": {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "Hdd"}}

    assert client.patch(f"{SYSTEM}/SD", body=boot).status == 428
    etag = client.get(f"{SYSTEM}/SD").getheader("ETag")
    assert client.patch(f"{SYSTEM}/SD", body=boot, headers={"If-Match": etag}).status == 204
    reset = f"{SYSTEM}/Actions/ComputerSystem.Reset"
    assert client.post(reset, body={"ResetType": "On"}).status == 204
    lab.fleet.advance(1000)
    assert client.get(SYSTEM).dict["BootProgress"]["LastState"] == "OSRunning"
    assert "override-consumed" in lab.effects()


def test_it_inserts_media_and_sets_bios(plant: Any, tmp_path: Path) -> None:
    client = _connect(plant(folder=tmp_path))
    slot = "/redfish/v1/Managers/Manager.1/VirtualMedia/CD1"

    insert = f"{slot}/Actions/VirtualMedia.InsertMedia"
    assert client.post(insert, body={"Image": "http://x/y.iso"}).status == 204
    assert client.get(slot).dict["Inserted"] is True
    settings = "/redfish/v1/Systems/System.1/Bios/Settings"
    assert client.patch(settings, body={"Attributes": {"LogicalProc": "Disabled"}}).status == 204
    told = client.patch(settings, body={"Attributes": {"Nope": 1}})
    assert told.status == 400
    assert told.dict["error"]["@Message.ExtendedInfo"][0]["MessageArgs"] == ["Attributes/Nope"]


def test_it_follows_an_update_by_its_monitor(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path, model="dgx-h100")
    client = _connect(lab)
    body = {"ImageURI": "http://10.0.0.1/bios-01.06.07.bin", "Targets": ["HostBIOS_0"]}
    told = client.post("/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate", body=body)

    assert (told.status, told.is_processing) == (202, True)
    assert told.task_location == "/redfish/v1/TaskService/TaskMonitors/2"
    assert told.monitor(client).status == 202
    lab.fleet.advance(300)
    assert told.monitor(client).status == 200
    assert told.monitor(client).dict["TaskState"] == "Completed"


def test_it_pushes_firmware_in_parts(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    client = _connect(lab)
    push = client.get("/redfish/v1/UpdateService").dict["MultipartHttpPushUri"]
    parts = {
        "UpdateParameters": (None, '{"Targets": []}', "application/json"),
        "UpdateFile": ("bundle.fwpkg", b'{"BIOS": "1.2.0"}', "application/octet-stream"),
    }

    told = client.post(push, body=parts, headers={"Content-Type": "multipart/form-data"})
    assert told.status == 202
    lab.fleet.advance(90)
    component = client.get("/redfish/v1/UpdateService/FirmwareInventory/BIOS").dict
    assert component["Staged"] is True


def test_a_wrong_password_is_told(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    client = redfish.redfish_client(
        base_url=lab.fleet.endpoints["10.0.0.1"], username="x", password="y", cafile=str(lab.ca)
    )
    with pytest.raises(InvalidCredentialsError):
        client.login(auth="session")


def test_it_does_not_talk_to_whom_it_does_not_trust(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    (tmp_path / "other").mkdir()
    from aifactory_iac.lab.redfish.front.tls import authority

    other = authority(tmp_path / "other", "other-ca")
    with pytest.raises(RetriesExhaustedError):
        _connect(lab, cafile=str(other.path), timeout=1)
    assert Witness.of(lab.fleet.records).requests() == []

"""OpenStack's sushy, which knows nothing of us, finds its way through every make."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import sushy
from sushy import auth, exceptions

from aifactory_iac.lab.redfish.model import load, names
from aifactory_iac.lab.redfish.numbered import LOGIN
from aifactory_iac.lab.redfish.witness import Witness

BASIC = auth.BasicAuth(LOGIN.username, LOGIN.password)


def _connect(lab: Any, how: Any = BASIC, verify: Any = None) -> sushy.Sushy:
    endpoint = lab.fleet.endpoints["10.0.0.1"]
    return sushy.Sushy(endpoint, auth=how, verify=str(lab.ca) if verify is None else verify)


def _host(root: sushy.Sushy, model: str) -> Any:
    return root.get_system(f"/redfish/v1/Systems/{load(model).host.id}")


@pytest.mark.parametrize("model", names())
def test_it_finds_systems_managers_and_chassis(plant: Any, tmp_path: Path, model: str) -> None:
    root = _connect(plant(folder=tmp_path, model=model))
    about = load(model)

    systems = root.get_system_collection().get_members()
    assert [system.identity for system in systems] == [system.id for system in about.systems]
    managers = root.get_manager_collection().get_members()
    assert [manager.identity for manager in managers] == [m.id for m in about.managers]
    chassis = root.get_chassis_collection().get_members()
    assert len(chassis) == sum(each.count for each in about.chassis)


@pytest.mark.parametrize("model", names())
def test_it_reads_identity_and_hardware(plant: Any, tmp_path: Path, model: str) -> None:
    lab = plant(folder=tmp_path, model=model)
    system = _host(_connect(lab), model)

    assert (system.serial_number, system.uuid) == (
        "SN0001",
        lab.fleet.machines["n0001"].spec.uuid,
    )
    macs = {port.mac_address for port in system.ethernet_interfaces.get_members()}
    assert macs == set(lab.fleet.machines["n0001"].spec.macs)
    cpus = [
        p for p in system.processors.get_members() if p.processor_type == sushy.ProcessorType.CPU
    ]
    assert len(cpus) == 2
    drives = [drive for storage in system.storage.get_members() for drive in storage.drives]
    assert all(drive.capacity_bytes > 10**12 for drive in drives)


@pytest.mark.parametrize("model", names())
def test_it_powers_on(plant: Any, tmp_path: Path, model: str) -> None:
    lab = plant(folder=tmp_path, model=model, installed="sha256:aa")
    system = _host(_connect(lab), model)
    assert system.power_state == sushy.PowerState.OFF

    system.reset_system(sushy.ResetType.ON)
    lab.fleet.advance(60)
    system.refresh()
    assert system.power_state == sushy.PowerState.ON


@pytest.mark.parametrize("model", names())
def test_it_sets_a_boot_once_where_the_make_wants_it(
    plant: Any, tmp_path: Path, model: str
) -> None:
    """It follows `@Redfish.Settings` by itself, and answers a 428 with the ETag."""
    lab = plant(folder=tmp_path, model=model, installed="sha256:aa")
    system = _host(_connect(lab), model)
    system.set_system_boot_options(
        sushy.BootSource.HDD,
        sushy.BootSourceOverrideEnabled.ONCE,
        sushy.BootSourceOverrideMode.UEFI,
    )

    system.reset_system(sushy.ResetType.ON)
    lab.fleet.advance(1000)
    consumed = Witness.of(lab.fleet.records).effects("override-consumed", "n0001")
    assert [record["target"] for record in consumed] == ["Hdd"]


@pytest.mark.parametrize("model", names())
def test_it_inserts_and_ejects_media(plant: Any, tmp_path: Path, model: str) -> None:
    root = _connect(plant(folder=tmp_path, model=model))
    through_system = load(model).quirk("media-through-system") is not None
    holder = (
        _host(root, model) if through_system else root.get_manager_collection().get_members()[0]
    )
    slot = holder.virtual_media.get_members()[0]

    slot.insert_media("http://10.0.0.1/os.iso")
    slot.refresh(force=True)
    assert (slot.inserted, slot.image) == (True, "http://10.0.0.1/os.iso")
    slot.eject_media()
    slot.refresh(force=True)
    assert slot.inserted is False


def test_it_reads_and_writes_bios_attributes_by_the_registry(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path, installed="sha256:aa")
    system = _host(_connect(lab), "generic")
    registry = system.bios.get_attribute_registry()
    named = {entry.name: entry for entry in registry.registry_entries.attributes}
    assert named["LogicalProc"].reset_required is True

    system.bios.set_attributes({"LogicalProc": "Disabled"}, apply_time=sushy.ApplyTime.ON_RESET)
    assert system.bios.attributes["LogicalProc"] == "Enabled"
    system.bios.refresh(force=True)
    assert system.bios.pending_attributes == {"LogicalProc": "Disabled"}
    system.reset_system(sushy.ResetType.ON)
    lab.fleet.advance(4)
    system.bios.refresh(force=True)
    assert system.bios.attributes["LogicalProc"] == "Disabled"


def test_it_cannot_write_bios_where_an_etag_is_demanded(plant: Any, tmp_path: Path) -> None:
    """It takes the ETag of a settings resource from the annotation, where AMI puts none."""
    system = _host(_connect(plant(folder=tmp_path, model="dgx-h100")), "dgx-h100")
    with pytest.raises(exceptions.HTTPError, match="PreconditionHeaderMissing"):
        system.bios.set_attribute("SriovSupport", "Disabled")


def test_an_unknown_attribute_is_refused_in_words(plant: Any, tmp_path: Path) -> None:
    system = _host(_connect(plant(folder=tmp_path)), "generic")
    with pytest.raises(exceptions.BadRequestError, match="Attributes/Nope is not in the list"):
        system.bios.set_attribute("Nope", "x")


def test_it_sets_secure_boot(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path, installed="sha256:aa")
    system = _host(_connect(lab), "generic")
    system.secure_boot.set_enabled(True)

    system.secure_boot.refresh(force=True)
    assert system.secure_boot.enabled is True
    assert system.secure_boot.current_boot == sushy.SecureBootCurrentBoot.DISABLED


def test_it_updates_firmware_and_follows_the_task(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path, model="dgx-h100")
    root = _connect(lab)
    service = root.get_update_service()
    found = {item.identity: item.version for item in service.firmware_inventory.get_members()}
    assert found["HostBIOS_0"] == "01.05.03"

    service.simple_update("http://10.0.0.1/bios-01.06.07.bin", ["HostBIOS_0"])
    monitor = root.get_task_monitor("/redfish/v1/TaskService/TaskMonitors/1")
    assert monitor.check_is_processing is True
    task = root.get_task_service().tasks.get_members()[0]
    assert task.task_state == sushy.TaskState.RUNNING
    lab.fleet.advance(300)
    assert monitor.check_is_processing is False
    task.refresh(force=True)
    assert (task.task_state, task.percent_complete) == (sushy.TaskState.COMPLETED, 100)


def test_it_opens_a_session_and_closes_it(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    how = auth.SessionAuth(LOGIN.username, LOGIN.password)
    root = _connect(lab, how)
    assert root.get_session_service().sessions.members_identities == (
        "/redfish/v1/SessionService/Sessions/1",
    )
    how.close()
    assert Witness.of(lab.fleet.records).sessions_left_open() == {}


def test_a_wrong_password_is_an_access_error_at_once(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    with pytest.raises(exceptions.AccessError):
        _connect(lab, auth.BasicAuth(LOGIN.username, "wrong")).get_system_collection()
    assert lab.effects() == ["login-failed"]


def test_it_does_not_talk_to_whom_it_does_not_trust(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    (tmp_path / "other").mkdir()
    from aifactory_iac.lab.redfish.front.tls import authority

    other = authority(tmp_path / "other", "other-ca")
    with pytest.raises(
        (exceptions.ConnectionError, ssl.SSLError), match="certificate verify failed"
    ):
        _connect(lab, verify=str(other.path))
    assert Witness.of(lab.fleet.records).requests() == []

"""What the makes are made of: two systems of a DGX, eight GPUs, serial numbers, watts."""

from __future__ import annotations

from typing import Any

import pytest


def _members(client: Any, path: str) -> list[str]:
    return [member["@odata.id"].rpartition("/")[2] for member in client.get(path)["Members"]]


def test_a_dgx_h100_has_two_systems_three_managers_and_their_chassis(plant: Any) -> None:
    client = plant(model="dgx-h100").client()

    assert _members(client, "/redfish/v1/Systems") == ["DGX", "HGX_Baseboard_0"]
    assert _members(client, "/redfish/v1/Managers") == ["BMC", "HGX_BMC_0", "HGX_FabricManager_0"]
    assert _members(client, "/redfish/v1/Chassis")[:4] == [
        "DGX",
        "CPUBaseboard",
        "HGX_Chassis_0",
        "HGX_GPU_SXM_1",
    ]
    dgx = client.get("/redfish/v1/Systems/DGX")
    assert (dgx["SerialNumber"], dgx["Manufacturer"], dgx["Model"]) == (
        "SN0001",
        "NVIDIA",
        "DGXH100",
    )
    assert dgx["Links"]["ManagedBy"] == [{"@odata.id": "/redfish/v1/Managers/BMC"}]
    assert dgx["MemorySummary"]["TotalSystemMemoryGiB"] == 2048
    assert "SerialNumber" not in client.get("/redfish/v1/Systems/HGX_Baseboard_0")


def test_its_gpus_are_processors_of_the_baseboard(plant: Any) -> None:
    client = plant(model="dgx-h100").client()
    processors = "/redfish/v1/Systems/HGX_Baseboard_0/Processors"

    assert _members(client, processors) == [f"GPU_SXM_{n}" for n in range(1, 9)]
    gpu = client.get(f"{processors}/GPU_SXM_8")
    assert (gpu["ProcessorType"], gpu["Model"], gpu["SerialNumber"]) == (
        "GPU",
        "H100 80GB HBM3",
        "SN0001-GPU_SXM_8",
    )
    cpu = client.get("/redfish/v1/Systems/DGX/Processors/CPU_1")
    assert (cpu["ProcessorType"], cpu["TotalCores"], cpu["Manufacturer"]) == ("CPU", 56, "Intel")


def test_a_gb200_tray_has_the_names_that_nvidia_gives_it(plant: Any) -> None:
    client = plant(model="dgx-gb200").client()

    assert _members(client, "/redfish/v1/Systems") == ["System_0", "HGX_Baseboard_0"]
    assert "BMC_0" in _members(client, "/redfish/v1/Chassis")
    cpu = client.get("/redfish/v1/Systems/System_0/Processors/CPU_0")
    assert (cpu["ProcessorArchitecture"], cpu["Model"]) == ("ARM", "Grace A02P")


def test_ports_carry_the_addresses_of_the_specification_in_order(plant: Any) -> None:
    client = plant(model="dgx-h100", macs=tuple(f"02:00:00:00:00:0{n}" for n in range(8))).client()
    ports = "/redfish/v1/Systems/DGX/EthernetInterfaces"

    assert _members(client, ports) == [f"EthernetInterface{n}" for n in range(8)]
    last = client.get(f"{ports}/EthernetInterface7")
    assert (last["MACAddress"], last["LinkStatus"]) == ("02:00:00:00:00:07", "LinkDown")
    assert _members(client, "/redfish/v1/Systems/HGX_Baseboard_0/EthernetInterfaces") == []


def test_drives_and_memory_are_the_models_own(plant: Any) -> None:
    client = plant(model="dgx-h100").client()
    storage = client.get("/redfish/v1/Systems/DGX/Storage/1")

    assert [d["@odata.id"].rpartition("/")[2] for d in storage["Drives"]] == [
        "M2_0", "M2_1", *(f"U2_{n}" for n in range(8)),
    ]  # fmt: skip
    drive = client.get("/redfish/v1/Systems/DGX/Storage/1/Drives/U2_7")
    assert (drive["Model"], drive["CapacityBytes"], drive["MediaType"], drive["Protocol"]) == (
        "KCM6DRUL3T84",
        3840755982336,
        "SSD",
        "NVMe",
    )
    assert (drive["SerialNumber"], "RotationSpeedRPM" in drive) == ("SN0001-U2_7", False)
    dimm = client.get("/redfish/v1/Systems/DGX/Memory/DIMM_31")
    assert (dimm["CapacityMiB"], dimm["MemoryDeviceType"]) == (65536, "DDR5")


def test_a_chassis_may_have_a_serial_number_of_its_own(plant: Any) -> None:
    client = plant(model="dgx-h100", chassis_serial="CH77").client()

    assert client.get("/redfish/v1/Chassis/DGX")["SerialNumber"] == "CH77"
    assert client.get("/redfish/v1/Chassis/CPUBaseboard")["SerialNumber"] == "SN0001"
    assert client.get("/redfish/v1/Chassis/HGX_GPU_SXM_3")["SerialNumber"] == "SN0001-HGX_GPU_SXM_3"


def test_without_one_the_chassis_carries_the_systems(plant: Any) -> None:
    client = plant().client()
    assert client.get("/redfish/v1/Chassis/Chassis.1")["SerialNumber"] == "SN0001"


def test_watts_follow_what_the_machine_does(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client, chassis = lab.client(), "/redfish/v1/Chassis/Chassis.1"

    def watts() -> int:
        return int(client.get(f"{chassis}/EnvironmentMetrics")["PowerWatts"]["Reading"])

    assert watts() == 25
    reset = "/redfish/v1/Systems/System.1/Actions/ComputerSystem.Reset"
    client("POST", reset, {"ResetType": "On"})
    assert watts() == 25
    lab.fleet.advance(4)
    assert watts() == 900
    lab.fleet.advance(240)
    assert watts() == 400
    assert client.get(f"{chassis}/PowerSubsystem")["Allocation"] == {"AllocatedWatts": 400}
    assert client.get(f"{chassis}/Power")["PowerControl"][0]["PowerConsumedWatts"] == 400


def test_a_part_has_no_power_subsystem(plant: Any) -> None:
    client = plant(model="dgx-h100").client()
    assert client("GET", "/redfish/v1/Chassis/CPUBaseboard/Power").status == 404


@pytest.mark.parametrize(("model", "system"), [("generic", "System.1"), ("hpe-like", "1")])
def test_not_every_make_tells_its_boot_progress(plant: Any, model: str, system: str) -> None:
    told = plant(model=model).client().get(f"/redfish/v1/Systems/{system}")
    assert ("BootProgress" in told) is (model == "generic")


def test_a_drive_erases_itself_under_a_task_and_only_once_at_a_time(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()
    drive = "/redfish/v1/Systems/System.1/Storage/1/Drives/NVMe.1"
    target = client.get(drive)["Actions"]["#Drive.SecureErase"]["target"]

    told = client("POST", target, {})
    assert told.status == 202
    assert client("POST", target, {}).status == 503
    assert lab.fleet.machines["n0001"].host.disk == "sha256:aa"
    lab.fleet.advance(120)
    assert client.get(told.headers["Location"])["TaskState"] == "Completed"
    assert lab.fleet.machines["n0001"].host.disk is None
    assert lab.effects() == ["erase-started", "task-started", "disk-erased", "task-completed"]
    assert client("POST", target.replace("NVMe.1", "NVMe.9"), {}).status == 404

"""BIOS attributes: a registry says what they may be, and a reset puts them in force."""

from __future__ import annotations

from typing import Any

import pytest

BIOS = "/redfish/v1/Systems/System.1/Bios"
RESET = "/redfish/v1/Systems/System.1/Actions/ComputerSystem.Reset"


def _set(client: Any, _path: str = f"{BIOS}/Settings", **attributes: Any) -> Any:
    return client("PATCH", _path, {"Attributes": attributes})


def test_attributes_wait_for_the_next_reset(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()

    assert (
        client.get(BIOS)["@Redfish.Settings"]["SettingsObject"]["@odata.id"] == f"{BIOS}/Settings"
    )
    assert _set(client, SriovGlobalEnable="Enabled", BootRetryCount=5).status == 204
    assert client.get(BIOS)["Attributes"]["SriovGlobalEnable"] == "Disabled"
    pending = {"SriovGlobalEnable": "Enabled", "BootRetryCount": 5}
    assert client.get(f"{BIOS}/Settings")["Attributes"] == pending
    client("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(4)
    assert client.get(BIOS)["Attributes"]["SriovGlobalEnable"] == "Enabled"
    assert client.get(BIOS)["Attributes"]["BootRetryCount"] == 5
    assert client.get(f"{BIOS}/Settings")["Attributes"] == {}


def test_an_attribute_that_needs_no_reset_is_in_force_at_once(plant: Any) -> None:
    client = plant().client()
    _set(client, AssetTag="rack-7")

    assert client.get(BIOS)["Attributes"]["AssetTag"] == "rack-7"
    assert client.get(f"{BIOS}/Settings")["Attributes"] == {}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("TurboModee", "Enabled", "PropertyUnknown"),
        ("ProcTurboMode", "Sometimes", "PropertyValueNotInList"),
        ("ProcTurboMode", True, "PropertyValueTypeError"),
        ("BootRetryCount", 11, "PropertyValueOutOfRange"),
        ("BootRetryCount", -1, "PropertyValueOutOfRange"),
        ("BootRetryCount", "3", "PropertyValueTypeError"),
        ("SystemBiosVersion", "9", "PropertyNotWritable"),
    ],
)
def test_what_the_registry_does_not_allow_is_refused(
    plant: Any, name: str, value: Any, message: str
) -> None:
    lab = plant()
    told = _set(lab.client(), **{name: value})

    assert (told.status, told.message) == (400, message)
    related = told.body["error"]["@Message.ExtendedInfo"][0]["RelatedProperties"]
    assert related == [f"#/Attributes/{name}"]
    assert lab.effects() == []


def test_one_bad_attribute_keeps_the_good_ones_out_and_all_bad_ones_are_named(plant: Any) -> None:
    client = plant().client()
    told = _set(client, ProcTurboMode="Disabled", Nope=1, LogicalProc="Maybe")

    infos = told.body["error"]["@Message.ExtendedInfo"]
    assert [info["RelatedProperties"] for info in infos] == [
        ["#/Attributes/Nope"],
        ["#/Attributes/LogicalProc"],
    ]
    assert client.get(f"{BIOS}/Settings")["Attributes"] == {}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "PropertyMissing"),
        ({"Attributes": 3}, "PropertyValueTypeError"),
        ({"Attributes": {}, "Extra": 1}, "PropertyUnknown"),
        (
            {"Attributes": {}, "@Redfish.SettingsApplyTime": {"ApplyTime": "Yesterday"}},
            "PropertyValueNotInList",
        ),
        ({"Attributes": {}, "@Redfish.SettingsApplyTime": "OnReset!"}, "PropertyValueNotInList"),
    ],
)
def test_a_bad_settings_body_is_refused(plant: Any, body: Any, message: str) -> None:
    assert plant().client()("PATCH", f"{BIOS}/Settings", body).message == message


def test_the_registry_explains_every_attribute(plant: Any) -> None:
    client = plant().client()
    name = client.get(BIOS)["AttributeRegistry"]
    members = client.get("/redfish/v1/Registries")["Members"]
    assert members == [{"@odata.id": f"/redfish/v1/Registries/{name}"}]
    place = client.get(members[0]["@odata.id"])["Location"][0]["Uri"]
    entries = {e["AttributeName"]: e for e in client.get(place)["RegistryEntries"]["Attributes"]}

    assert set(entries) == set(client.get(BIOS)["Attributes"])
    assert entries["ProcTurboMode"]["Type"] == "Enumeration"
    assert [v["ValueName"] for v in entries["ProcTurboMode"]["Value"]] == ["Enabled", "Disabled"]
    count = entries["BootRetryCount"]
    assert (count["Type"], count["LowerBound"], count["UpperBound"]) == ("Integer", 0, 10)
    assert entries["SystemBiosVersion"]["ReadOnly"] is True
    assert entries["AssetTag"]["ResetRequired"] is False


def test_a_reset_to_defaults_waits_too(plant: Any) -> None:
    lab = plant(bios={"ProcTurboMode": "Disabled"}, installed="sha256:aa")
    client = lab.client()
    assert client.get(BIOS)["Attributes"]["ProcTurboMode"] == "Disabled"

    assert client("POST", f"{BIOS}/Actions/Bios.ResetBios", {}).status == 204
    assert client.get(BIOS)["Attributes"]["ProcTurboMode"] == "Disabled"
    client("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(4)
    assert client.get(BIOS)["Attributes"]["ProcTurboMode"] == "Enabled"


def test_dell_applies_nothing_without_a_job(plant: Any) -> None:
    lab = plant(model="dell-like", installed="sha256:aa")
    client, system = lab.client(), "/redfish/v1/Systems/System.Embedded.1"
    settings = f"{system}/Bios/Settings"
    _set(client, settings, SriovGlobalEnable="Enabled")
    client("POST", f"{system}/Actions/ComputerSystem.Reset", {"ResetType": "On"})
    lab.fleet.advance(1000)
    assert client.get(f"{system}/Bios")["Attributes"]["SriovGlobalEnable"] == "Disabled"

    told = client(
        "PATCH",
        settings,
        {
            "Attributes": {"SriovGlobalEnable": "Enabled"},
            "@Redfish.SettingsApplyTime": {"ApplyTime": "OnReset"},
        },
    )
    assert told.status == 202
    job = told.headers["Location"]
    assert client.get(job)["TaskState"] == "New"
    client("POST", f"{system}/Actions/ComputerSystem.Reset", {"ResetType": "ForceRestart"})
    lab.fleet.advance(1)
    assert client.get(job)["TaskState"] == "Completed"
    assert client.get(f"{system}/Bios")["Attributes"]["SriovGlobalEnable"] == "Enabled"


def test_some_say_that_a_reset_is_needed_and_some_do_not(plant: Any) -> None:
    told = _set(
        plant(model="openbmc").client(), "/redfish/v1/Systems/system/Bios/Settings", smt="Disabled"
    )
    assert (told.status, told.message) == (200, "ResetRequired")


def test_a_baseboard_has_no_bios(plant: Any) -> None:
    client = plant(model="dgx-h100").client()
    assert client("GET", "/redfish/v1/Systems/HGX_Baseboard_0/Bios").status == 404

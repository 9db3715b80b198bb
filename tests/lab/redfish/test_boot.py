"""Boot: what may be asked for, where it is written, and what the next boot makes of it."""

from __future__ import annotations

from typing import Any

import pytest

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


def _patch(client: Any, path: str = SYSTEM, **boot: Any) -> Any:
    etag = client("GET", path).headers.get("ETag", "*")
    return client("PATCH", path, {"Boot": boot}, If_Match=etag)


def _boot(client: Any, path: str = SYSTEM) -> Any:
    return client.get(path)["Boot"]


def test_an_override_is_stored_whole(plant: Any) -> None:
    client = plant().client()
    told = _patch(
        client,
        BootSourceOverrideEnabled="Once",
        BootSourceOverrideTarget="UefiHttp",
        BootSourceOverrideMode="UEFI",
        HttpBootUri="http://10.0.0.1/os.iso",
    )

    assert told.status == 204
    boot = _boot(client)
    assert boot["BootSourceOverrideEnabled"] == "Once"
    assert boot["BootSourceOverrideTarget"] == "UefiHttp"
    assert boot["BootSourceOverrideMode"] == "UEFI"
    assert boot["HttpBootUri"] == "http://10.0.0.1/os.iso"


def test_an_override_that_is_disabled_is_forgotten(plant: Any) -> None:
    client = plant().client()
    _patch(client, BootSourceOverrideEnabled="Continuous", BootSourceOverrideTarget="Pxe")
    _patch(client, BootSourceOverrideEnabled="Disabled")

    boot = _boot(client)
    assert (boot["BootSourceOverrideEnabled"], boot["BootSourceOverrideTarget"]) == (
        "Disabled",
        "None",
    )
    assert boot["HttpBootUri"] is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("BootSourceOverrideTarget", "Toaster", "PropertyValueNotInList"),
        ("BootSourceOverrideEnabled", "Twice", "PropertyValueNotInList"),
        ("BootSourceOverrideMode", "BIOS", "PropertyValueNotInList"),
        ("BootSourceOverrideTarget", 3, "PropertyValueTypeError"),
        ("HttpBootUri", 3, "PropertyValueTypeError"),
        ("BootSauce", "Cd", "PropertyUnknown"),
        ("BootOrder", ["Boot0001", "Boot7777"], "PropertyValueNotInList"),
        ("BootOrder", "Boot0001", "PropertyValueTypeError"),
    ],
)
def test_a_bad_boot_object_is_refused_and_changes_nothing(
    plant: Any, name: str, value: Any, message: str
) -> None:
    lab = plant()
    told = lab.client()("PATCH", SYSTEM, {"Boot": {name: value}})

    assert (told.status, told.message) == (400, message)
    assert told.body["error"]["@Message.ExtendedInfo"][0]["RelatedProperties"] == [f"#/Boot/{name}"]
    assert lab.effects() == []


def test_all_that_is_wrong_is_said_at_once(plant: Any) -> None:
    told = plant().client()(
        "PATCH",
        SYSTEM,
        {"Boot": {"BootSourceOverrideTarget": "Toaster", "BootSauce": "Cd", "HttpBootUri": 1}},
    )
    ids = [m["MessageId"].rpartition(".")[2] for m in told.body["error"]["@Message.ExtendedInfo"]]
    assert ids == ["PropertyValueNotInList", "PropertyUnknown", "PropertyValueTypeError"]


@pytest.mark.parametrize("body", [{"Boot": [1]}, {"Boot": None}])
def test_a_boot_that_is_no_object_is_of_the_wrong_type(plant: Any, body: Any) -> None:
    assert plant().client()("PATCH", SYSTEM, body).message == "PropertyValueTypeError"


def test_an_unknown_property_of_the_system_is_refused(plant: Any) -> None:
    assert plant().client()("PATCH", SYSTEM, {"Serial": "X"}).message == "PropertyUnknown"


def test_the_order_is_written_and_its_options_are_named(plant: Any) -> None:
    client = plant().client()
    order = ["Boot0003", "Boot0001", "Boot0002"]

    assert _patch(client, BootOrder=order).status == 204
    assert _boot(client)["BootOrder"] == order
    options = client.get(f"{SYSTEM}/BootOptions")["Members"]
    assert options[0]["@odata.id"] == f"{SYSTEM}/BootOptions/Boot0001"
    assert client.get(options[2]["@odata.id"])["DisplayName"] == "UEFI: Hard drive"


def test_once_is_used_up_by_the_boot_that_follows(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()
    _patch(client, BootSourceOverrideEnabled="Once", BootSourceOverrideTarget="Hdd")
    client("POST", RESET, {"ResetType": "On"})

    lab.fleet.advance(4 + 179)
    assert _boot(client)["BootSourceOverrideEnabled"] == "Once"
    lab.fleet.advance(1)
    assert _boot(client)["BootSourceOverrideEnabled"] == "Disabled"
    assert _boot(client)["BootSourceOverrideTarget"] == "None"
    assert "override-consumed" in lab.effects()


def test_continuous_stays(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()
    _patch(client, BootSourceOverrideEnabled="Continuous", BootSourceOverrideTarget="Hdd")
    client("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(1000)

    assert _boot(client)["BootSourceOverrideEnabled"] == "Continuous"
    assert lab.effects()[-1] == "os-up"


def test_a_disk_with_nothing_on_it_boots_nothing(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(1000)

    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "SetupEntered"


@pytest.mark.parametrize("target", ["BiosSetup", "Cd", "Pxe", "UefiHttp"])
def test_a_target_that_offers_nothing_boots_nothing(plant: Any, target: str) -> None:
    lab = plant(installed="sha256:aa")
    _patch(lab.client(), BootSourceOverrideEnabled="Once", BootSourceOverrideTarget=target)
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(1000)

    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "SetupEntered"
    assert "disk-erased" not in lab.effects()


def test_ami_takes_nothing_on_the_system_and_everything_on_its_settings(plant: Any) -> None:
    lab = plant(model="dgx-h100", installed="sha256:aa")
    client = lab.client()
    system, settings = "/redfish/v1/Systems/DGX", "/redfish/v1/Systems/DGX/SD"
    assert client.get(system)["@Redfish.Settings"]["SettingsObject"]["@odata.id"] == settings

    told = _patch(client, system, BootSourceOverrideTarget="Pxe")
    assert told.status == 400
    assert told.body["error"]["code"] == "Ami.1.0.OperationSupportedInFutureStateURI"
    assert told.body["error"]["message"] == (
        "Support of this Operation for Boot Properties is moved to FutureState "
        "URI(/redfish/v1/Systems/DGX/SD)"
    )
    order = ["Boot0030", "Boot000A", "Boot000B", "Boot000C"]
    assert _patch(client, settings, BootOrder=order).status == 204
    assert _boot(client, settings)["BootOrder"] == order
    assert _boot(client, system)["BootOrder"][0] == "Boot000A"

    client("POST", f"{system}/Actions/ComputerSystem.Reset", {"ResetType": "On"})
    lab.fleet.advance(6)
    assert _boot(client, system)["BootOrder"] == order
    assert "boot-settings-applied" in lab.effects()


def test_an_override_in_the_settings_is_for_the_very_next_boot(plant: Any) -> None:
    lab = plant(model="dgx-h100", installed="sha256:aa")
    client, system = lab.client(), "/redfish/v1/Systems/DGX"
    _patch(client, f"{system}/SD", BootSourceOverrideEnabled="Once", BootSourceOverrideTarget="Hdd")
    assert _boot(client, system)["BootSourceOverrideEnabled"] == "Disabled"

    client("POST", f"{system}/Actions/ComputerSystem.Reset", {"ResetType": "On"})
    lab.fleet.advance(6 + 420)
    assert "override-consumed" in lab.effects()
    assert _boot(client, system)["BootSourceOverrideEnabled"] == "Disabled"


@pytest.mark.parametrize(
    ("model", "system"), [("dell-like", "System.Embedded.1"), ("dgx-gb200", "System_0")]
)
def test_some_take_the_override_directly_and_only_the_order_through_settings(
    plant: Any, model: str, system: str
) -> None:
    client, path = plant(model=model).client(), f"/redfish/v1/Systems/{system}"
    order = list(reversed(_boot(client, path)["BootOrder"]))

    assert _patch(client, path, BootSourceOverrideTarget="Pxe").status == 204
    assert _patch(client, path, BootOrder=order).message == "PropertyNotWritable"
    assert _patch(client, f"{path}/Settings", BootOrder=order).status == 204


@pytest.mark.parametrize(
    ("body", "message"), [({}, "PropertyMissing"), ({"Boat": {}}, "PropertyUnknown")]
)
def test_the_settings_resource_takes_boot_and_nothing_else(
    plant: Any, body: Any, message: str
) -> None:
    client, path = plant(model="dgx-h100").client(), "/redfish/v1/Systems/DGX/SD"
    assert client("PATCH", path, body, If_Match="*").message == message


def test_a_baseboard_has_no_boot(plant: Any) -> None:
    client = plant(model="dgx-h100").client()

    assert "Boot" not in client.get("/redfish/v1/Systems/HGX_Baseboard_0")
    assert client("GET", "/redfish/v1/Systems/HGX_Baseboard_0/BootOptions").status == 404


def test_secure_boot_is_taken_up_by_the_next_boot(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client, path = lab.client(), f"{SYSTEM}/SecureBoot"

    assert client("PATCH", path, {"SecureBootEnable": True}).status == 204
    told = client.get(path)
    assert (told["SecureBootEnable"], told["SecureBootCurrentBoot"]) == (True, "Disabled")
    client("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(4)
    assert client.get(path)["SecureBootCurrentBoot"] == "Enabled"
    assert "secure-boot" in lab.effects()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"SecureBootEnable": "yes"}, "PropertyValueTypeError"),
        ({}, "PropertyValueTypeError"),
        ({"SecureBoot": True}, "PropertyUnknown"),
    ],
)
def test_a_bad_secure_boot_is_refused(plant: Any, body: Any, message: str) -> None:
    assert plant().client()("PATCH", f"{SYSTEM}/SecureBoot", body).message == message


def test_the_light_is_switched(plant: Any) -> None:
    client = plant().client()

    assert client("PATCH", SYSTEM, {"IndicatorLED": "Blinking"}).status == 204
    assert client.get(SYSTEM)["IndicatorLED"] == "Blinking"
    told = client("PATCH", SYSTEM, {"IndicatorLED": "Disco"})
    assert (told.status, told.message) == (400, "PropertyValueError")

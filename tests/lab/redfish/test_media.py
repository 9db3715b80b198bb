"""Virtual media: remembered until it is ejected."""

from __future__ import annotations

from typing import Any

import pytest

SLOT = "/redfish/v1/Managers/Manager.1/VirtualMedia/CD1"
INSERT = f"{SLOT}/Actions/VirtualMedia.InsertMedia"
EJECT = f"{SLOT}/Actions/VirtualMedia.EjectMedia"
ISO = "http://10.0.0.1/images/os.iso"


def test_an_image_goes_in_is_seen_and_goes_out(plant: Any) -> None:
    lab = plant()
    client = lab.client()
    empty = client.get(SLOT)
    assert (empty["Inserted"], empty["Image"], empty["ConnectedVia"]) == (
        False,
        None,
        "NotConnected",
    )

    assert (
        client("POST", INSERT, {"Image": ISO, "UserName": "u", "Password": "secret"}).status == 204
    )
    told = client.get(SLOT)
    assert (told["Inserted"], told["Image"], told["ImageName"]) == (True, ISO, "os.iso")
    assert (told["ConnectedVia"], told["WriteProtected"]) == ("URI", True)
    assert (told["TransferProtocolType"], told["UserName"], told["Password"]) == ("HTTP", "u", None)
    assert client("POST", EJECT, {}).status == 204
    assert client.get(SLOT)["Image"] is None
    assert lab.effects() == ["media-inserted", "media-ejected"]
    assert "secret" not in str(lab.fleet.records)


def test_a_slot_that_is_full_takes_no_second_image(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", INSERT, {"Image": ISO})

    told = lab.client()("POST", INSERT, {"Image": "http://10.0.0.1/other.iso"})
    assert (told.status, told.message) == (400, "ResourceInUse")
    assert lab.client().get(SLOT)["Image"] == ISO


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "PropertyMissing"),
        ({"Image": ""}, "PropertyMissing"),
        ({"Image": "os.iso"}, "PropertyValueFormatError"),
        ({"Image": "ftp://10.0.0.1/os.iso"}, "PropertyValueFormatError"),
        ({"Image": "http:///os.iso"}, "PropertyValueFormatError"),
        ({"Image": ISO, "Speed": "fast"}, "PropertyUnknown"),
    ],
)
def test_what_is_no_image_is_refused(plant: Any, body: Any, message: str) -> None:
    lab = plant()
    told = lab.client()("POST", INSERT, body)

    assert (told.status, told.message) == (400, message)
    assert lab.effects() == []


def test_an_empty_slot_may_be_ejected_except_where_the_vendor_minds(plant: Any) -> None:
    assert plant().client()("POST", EJECT, {}).status == 204

    slot = "/redfish/v1/Managers/1/VirtualMedia/2"
    told = plant(model="hpe-like").client()("POST", f"{slot}/Actions/VirtualMedia.EjectMedia", {})
    assert (told.status, told.message) == (400, "NoVirtualMediaConnectionAvailable")


def test_some_have_it_below_the_system(plant: Any) -> None:
    client = plant(model="dell-like").client()
    system = "/redfish/v1/Systems/System.Embedded.1"

    assert client.get(system)["VirtualMedia"]["@odata.id"] == f"{system}/VirtualMedia"
    assert "VirtualMedia" not in client.get("/redfish/v1/Managers/iDRAC.Embedded.1")
    assert client.get(f"{system}/VirtualMedia")["Members@odata.count"] == 2
    assert client("GET", "/redfish/v1/Managers/iDRAC.Embedded.1/VirtualMedia").status == 404


def test_write_protection_is_as_asked(plant: Any) -> None:
    client = plant().client()
    usb = SLOT.replace("CD1", "USB1")
    body = {"Image": ISO, "WriteProtected": False, "TransferProtocolType": "HTTPS"}
    client("POST", f"{usb}/Actions/VirtualMedia.InsertMedia", body)

    told = client.get(usb)
    assert (told["WriteProtected"], told["TransferProtocolType"]) == (False, "HTTPS")

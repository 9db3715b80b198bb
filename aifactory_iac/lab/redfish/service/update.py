"""UpdateService: what firmware runs, and the two ways to bring in another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.plant import flashing
from aifactory_iac.lab.redfish.plant.refusal import RefusalError, malformed, missing, not_found
from aifactory_iac.lab.redfish.plant.state import Firmware, Machine
from aifactory_iac.lab.redfish.service.bodies import only
from aifactory_iac.lab.redfish.service.exchange import (
    Answer,
    Request,
    Upload,
    collection,
    link,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import MANAGERS
from aifactory_iac.lab.redfish.service.router import Route
from aifactory_iac.lab.redfish.service.tasks import accepted

_SERVICE = "/redfish/v1/UpdateService"
_INVENTORY = f"{_SERVICE}/FirmwareInventory"
_PUSH = f"{_SERVICE}/update-multipart"
_SIMPLE = f"{_SERVICE}/Actions/UpdateService.SimpleUpdate"
_PROTOCOLS = ("HTTP", "HTTPS", "NFS", "SCP", "TFTP")


def _service(_machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return resource(
        _SERVICE,
        "UpdateService.v1_14_0",
        "Update Service",
        ServiceEnabled=True,
        MultipartHttpPushUri=_PUSH,
        MaxImageSizeBytes=256 * 1024 * 1024,
        FirmwareInventory=link(_INVENTORY),
        Actions={
            "#UpdateService.SimpleUpdate": {
                "target": _SIMPLE,
                "TransferProtocol@Redfish.AllowableValues": list(_PROTOCOLS),
            }
        },
    )


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    members = list(machine.firmware)
    return collection(_INVENTORY, "SoftwareInventory", "Firmware Inventory", members)


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    name = names["component"]
    firmware = machine.firmware.get(name)
    if firmware is None:
        raise not_found("SoftwareInventory", name)
    return resource(
        f"{_INVENTORY}/{name}",
        "SoftwareInventory.v1_11_0",
        "Software Inventory",
        SoftwareId=name,
        Version=firmware.running,
        Updateable=firmware.component.updateable,
        Staged=firmware.staged is not None,
        Status={"State": _state(firmware), "Health": "OK"},
        RelatedItem=[
            link(f"{MANAGERS}/{manager.id}")
            for manager in machine.model.managers
            if manager.firmware == name
        ],
    )


def _state(firmware: Firmware) -> str:
    if firmware.task is not None:
        return "Updating"
    return "StandbySpare" if firmware.staged is not None else "Enabled"


def _simple(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    document = request.document()
    only(
        document,
        {"ImageURI", "Targets", "TransferProtocol", "Username", "Password", "ForceUpdate"},
    )
    uri = document.get("ImageURI")
    if not uri:
        raise missing("ImageURI")
    protocol = document.get("TransferProtocol")
    if "://" not in str(uri) and protocol is None:
        raise malformed(uri, "ImageURI")
    return _flash(machine, str(uri), b"", document)


def _push(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    parts = {part.name: part for part in request.parts}
    file = parts.get("UpdateFile")
    if file is None:
        raise missing("UpdateFile")
    return _flash(machine, file.filename or "", file.content, _parameters(parts))


def _parameters(parts: Mapping[str, Upload]) -> dict[str, Any]:
    part = parts.get("UpdateParameters")
    if part is None:
        raise missing("UpdateParameters")
    try:
        document = json.loads(part.content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise RefusalError(
            400,
            "MalformedJSON",
            "The part UpdateParameters was malformed JSON and could not be parsed.",
        )
    only(document, {"Targets", "ForceUpdate", "Oem", "Stage"})
    return document


def _flash(machine: Machine, name: str, content: bytes, wish: Mapping[str, Any]) -> Answer:
    targets = flashing.components(machine, wish.get("Targets") or [])
    held = flashing.package(machine.packages, name, content, targets)
    return accepted(flashing.flash(machine, held, targets))


ROUTES = (
    Route("GET", _SERVICE, _service),
    Route("GET", _INVENTORY, _list),
    Route("GET", f"{_INVENTORY}/{{component}}", _get),
    Route("POST", _SIMPLE, _simple),
    Route("POST", _PUSH, _push),
)

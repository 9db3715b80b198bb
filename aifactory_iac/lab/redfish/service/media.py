"""Virtual media, below the manager or below the system, as the make has it."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant import media
from aifactory_iac.lab.redfish.plant.refusal import not_found
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import MANAGERS, SYSTEMS
from aifactory_iac.lab.redfish.service.router import Route


def path_of(machine: Machine) -> str:
    """Where the collection is."""
    if machine.model.quirk("media-through-system"):
        return f"{SYSTEMS}/{machine.model.host.id}/VirtualMedia"
    return f"{MANAGERS}/{machine.model.managers[0].id}/VirtualMedia"


def _here(machine: Machine, names: Mapping[str, str]) -> str:
    path = path_of(machine)
    if f"/redfish/v1/{names['where']}/{names['who']}/VirtualMedia" != path:
        raise not_found("VirtualMediaCollection", names["who"])
    return path


def _list(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = _here(machine, names)
    return collection(path, "VirtualMedia", "Virtual Media Services", list(machine.slots))


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = f"{_here(machine, names)}/{names['slot']}"
    slot = media.slot(machine, names["slot"])
    actions = {
        f"#VirtualMedia.{name}": {"target": f"{path}/Actions/VirtualMedia.{name}"}
        for name in ("InsertMedia", "EjectMedia")
    }
    return resource(
        path,
        "VirtualMedia.v1_6_3",
        "Virtual Media",
        MediaTypes=list(slot.types),
        Image=slot.image,
        ImageName=slot.image.rpartition("/")[2] if slot.image else None,
        Inserted=slot.image is not None,
        ConnectedVia="URI" if slot.image else "NotConnected",
        WriteProtected=slot.write_protected,
        TransferProtocolType=slot.protocol,
        TransferMethod="Stream" if slot.image else None,
        UserName=slot.user,
        Password=None,
        Actions=actions,
    )


def _insert(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    _here(machine, names)
    media.insert(machine, names["slot"], request.document())
    return DONE


def _eject(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    _here(machine, names)
    media.eject(machine, names["slot"])
    return DONE


_ALL = "/redfish/v1/{where}/{who}/VirtualMedia"
ROUTES = (
    Route("GET", _ALL, _list),
    Route("GET", f"{_ALL}/{{slot}}", _get),
    Route("POST", f"{_ALL}/{{slot}}/Actions/VirtualMedia.InsertMedia", _insert),
    Route("POST", f"{_ALL}/{{slot}}/Actions/VirtualMedia.EjectMedia", _eject),
)

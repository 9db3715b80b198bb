"""Virtual media: what is inserted stays inserted until somebody ejects it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aifactory_iac.lab.redfish.plant.refusal import (
    RefusalError,
    malformed,
    missing,
    not_found,
    unknown_property,
)
from aifactory_iac.lab.redfish.plant.state import Machine, Slot

_KNOWN = {
    "Image",
    "Inserted",
    "WriteProtected",
    "TransferMethod",
    "TransferProtocolType",
    "UserName",
    "Password",
    "MediaTypes",
    "VerifyCertificate",
}
_SCHEMES = ("http", "https", "nfs", "cifs", "smb")


def slot(machine: Machine, name: str) -> Slot:
    """The slot of that name. Raises `RefusalError`."""
    found = machine.slots.get(name)
    if found is None:
        raise not_found("VirtualMedia", name)
    return found


def insert(machine: Machine, name: str, wish: Mapping[str, Any]) -> None:
    """Inserts an image by its URL; it is remembered, not downloaded. Raises `RefusalError`."""
    here = slot(machine, name)
    for key in wish:
        if key not in _KNOWN:
            raise unknown_property(key)
    image = wish.get("Image")
    if not image:
        raise missing("Image")
    parts = urlsplit(str(image))
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise malformed(image, "Image")
    if here.image is not None:
        raise RefusalError(
            400,
            "ResourceInUse",
            "The change to the requested resource failed because the resource is in use or in "
            "transition.",
            resolution="Remove the condition and resubmit the request if the operation failed.",
        )
    here.image = str(image)
    here.write_protected = bool(wish.get("WriteProtected", True))
    here.protocol = wish.get("TransferProtocolType") or parts.scheme.upper()
    here.user = wish.get("UserName")
    machine.effect("media-inserted", slot=name, image=here.image)


def eject(machine: Machine, name: str) -> None:
    """Ejects; an empty slot is fine, except on a make that says so. Raises `RefusalError`."""
    here = slot(machine, name)
    if here.image is None:
        if machine.model.quirk("empty-eject-refused"):
            raise RefusalError(
                400,
                "NoVirtualMediaConnectionAvailable",
                "There are no virtual media connections available.",
                resolution="Insert media first.",
            )
        return
    image, here.image = here.image, None
    here.write_protected, here.protocol, here.user = True, None, None
    machine.effect("media-ejected", slot=name, image=image)

"""Brings a lab up, or finds that it is up already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from aifactory_iac.lab import record
from aifactory_iac.lab.faults import Faults
from aifactory_iac.lab.folder import Folder, InUseError, taken
from aifactory_iac.lab.inventory import Inventory
from aifactory_iac.lab.making import digest, make
from aifactory_iac.lab.orders import Orders
from aifactory_iac.lab.starting import StartError, start
from aifactory_iac.lab.tail import tail
from aifactory_iac.lab.wish import Wish

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


class OtherLabError(Exception):
    """Another lab lives where this one was to be."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A lab that runs; `how` says what was done for it."""

    document: Mapping[str, Any]
    how: Literal["started", "unchanged", "faults"]


def raised(
    place: Path,
    name: str,
    wanted: Inventory,
    wish: Wish,
    faults: Faults,
    catalog: Catalog,
) -> Raised:
    """A lab of that inventory in the folder `place`.

    One that runs already is left as it is, but for its faults.

    Raises:
        FolderError: The folder cannot be made or written.
        NotOursError: It holds other files.
        OtherLabError: Another lab lives there.
        StartError: The lab did not come up, and nothing is left of it; or it is up, and a part of
            it has ended.
    """
    try:
        folder, lock = taken(place)
    except InUseError:
        return _found(Folder(place), wanted, wish, faults)
    try:
        orders = make(folder, name, wanted, wish, faults, catalog)
    except OSError as error:
        folder.remove()
        raise StartError("lab", f"{error.filename}: {error.strerror}") from None
    start(folder, lock, orders)
    document = record.read(folder)
    if document is None:
        raise StartError("lab", "has just ended")
    return Raised(document, "started")


def _found(folder: Folder, wanted: Inventory, wish: Wish, faults: Faults) -> Raised:
    try:
        orders = Orders.read(folder.orders)
        before = Faults.read(folder)
    except (OSError, ValueError):
        raise OtherLabError("is just being started or taken down by someone else") from None
    document = record.read(folder)
    if document is None:
        raise OtherLabError("is just being started by someone else")
    if orders.digest != digest(wanted, wish):
        raise OtherLabError("is running, with other machines or in another way")
    ended = next((part for part in document["parts"] if part["state"] == "ended"), None)
    if ended is not None:
        raise StartError(
            ended["name"], f"{ended['ending']} some time ago", tail(Path(ended["log"]))
        )
    if faults == before:
        return Raised(document, "unchanged")
    faults.write(folder)
    return Raised(document, "faults")

"""Nautobot's REST API (2.x and 3.x) to values.

A device has no field for its controller's address there; it is the one on an interface that is
marked as management only. Sites are locations, and the one that a device is at may be a hall or a
row: the chain of its parents is looked at for a name that is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.inventory.netbox import bare, name_of
from aifactory_iac.providers.inventory.reader import Reader
from aifactory_iac.providers.inventory.values import Cable, Device, End, Inventory

Record = Mapping[str, Any]

_CARDS = {"depth": "1", "exclude_m2m": "false"}
"""Since 3.0 an interface comes without its addresses unless they are asked for."""


async def read_nautobot(reader: Reader, sites: Iterable[str] = ()) -> Inventory:
    """Devices with their interfaces and cables; at some locations, by name, or at all.

    Raises `InventoryError`.
    """
    locations = {str(each["id"]): each async for each in reader.records("dcim/locations", {})}
    wanted = frozenset(each.casefold() for each in sites)
    devices = []
    async for record in reader.records("dcim/devices", {"depth": "1"}):
        site = _site(name_of(record.get("location"), "id"), locations, wanted)
        if site or not wanted:
            devices.append((record, site))
    cards = [each async for each in reader.records("dcim/interfaces", _CARDS)]
    cables = [each async for each in reader.records("dcim/cables", {"depth": "1"})]
    own: dict[str, list[Record]] = {}
    for each in cards:
        own.setdefault(name_of(each.get("device"), "id"), []).append(each)
    owners = {str(record["id"]): str(record.get("name") or "") for record, _site in devices}
    return Inventory(
        reader.api.url,
        tuple(
            sorted(
                (_device(record, site, own.get(str(record["id"]), ())) for record, site in devices),
                key=lambda each: (each.name, each.id),
            )
        ),
        tuple(sorted(_cables(cables, cards, owners), key=lambda each: each.ends)),
    )


def _site(identity: str, locations: Mapping[str, Record], wanted: frozenset[str]) -> str:
    """The location of that id, or that of its parents that is wanted; empty when none is."""
    chain: list[str] = []
    while identity in locations and len(chain) < len(locations):
        chain.append(str(locations[identity].get("name") or ""))
        identity = name_of(locations[identity].get("parent"), "id")
    if not wanted:
        return chain[-1] if chain else ""
    return next((name for name in chain if name.casefold() in wanted), "")


def _device(record: Record, site: str, own: Sequence[Record]) -> Device:
    controllers = [
        bare(address)
        for each in own
        if each.get("mgmt_only")
        for address in each.get("ip_addresses") or ()
    ]
    macs = {
        str(each["name"]): str(each["mac_address"])
        for each in own
        if each.get("mac_address") and not each.get("mgmt_only")
    }
    return Device(
        id=str(record["id"]),
        name=str(record.get("name") or ""),
        site=site,
        role=name_of(record.get("role"), "name"),
        kind=name_of(record.get("device_type"), "model"),
        rack=name_of(record.get("rack"), "name"),
        unit=int(record.get("position") or 0),
        face=name_of(record.get("face"), "value"),
        serial=str(record.get("serial") or "").strip(),
        status=name_of(record.get("status"), "name").lower(),
        address=bare(record.get("primary_ip4")),
        controller=controllers[0] if controllers else "",
        macs=dict(sorted(macs.items())),
    )


def _cables(
    cables: Iterable[Record], cards: Iterable[Record], owners: Mapping[str, str]
) -> Iterable[Cable]:
    places = {
        str(each["id"]): End(owners[owner], str(each.get("name") or ""))
        for each in cards
        if (owner := name_of(each.get("device"), "id")) in owners
    }
    for each in cables:
        ends = [
            places[identity]
            for side in ("termination_a", "termination_b")
            if (identity := str(each.get(f"{side}_id") or name_of(each.get(side), "id"))) in places
        ]
        if ends:
            status = name_of(each.get("status"), "name").lower()
            yield Cable(tuple(sorted(ends)), status, str(each.get("label") or ""))

"""NetBox's REST API (3.5 to 4.x) to values.

Fields that moved: `device_role` is `role` since 3.6; an interface's `mac_address` is kept beside
`primary_mac_address` since 4.2; `oob_ip` is there since 3.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aifactory_iac.providers.inventory.reader import Reader
from aifactory_iac.providers.inventory.values import Cable, Device, End, Inventory

Record = Mapping[str, Any]


async def read_netbox(reader: Reader, sites: Iterable[str] = ()) -> Inventory:
    """Devices with their interfaces and cables; of some sites, by slug, or of all.

    Raises `InventoryError`.
    """
    query = {"exclude": "config_context"}
    chosen = sorted(sites)
    devices = await _all(reader, "dcim/devices", query, chosen)
    interfaces = await _all(reader, "dcim/interfaces", {}, chosen)
    cables = await _all(reader, "dcim/cables", {}, chosen)
    macs: dict[str, dict[str, str]] = {}
    for each in interfaces:
        mac = each.get("mac_address") or (each.get("primary_mac_address") or {}).get("mac_address")
        if mac:
            macs.setdefault(name_of(each.get("device"), "id"), {})[str(each["name"])] = str(mac)
    return Inventory(
        reader.api.url,
        tuple(
            sorted((_device(each, macs) for each in devices), key=lambda each: (each.name, each.id))
        ),
        tuple(sorted(filter(None, map(_cable, cables)), key=lambda each: each.ends)),
    )


async def _all(
    reader: Reader, path: str, query: Mapping[str, str], sites: list[str]
) -> list[Record]:
    found: dict[str, Record] = {}
    for site in sites or [""]:
        asked = {**query, **({"site": site} if site else {})}
        async for record in reader.records(path, asked):
            found[str(record.get("id"))] = record
    return list(found.values())


def _device(record: Record, macs: Mapping[str, Mapping[str, str]]) -> Device:
    identity = str(record.get("id"))
    return Device(
        id=identity,
        name=str(record.get("name") or ""),
        site=name_of(record.get("site"), "slug", "name"),
        role=name_of(record.get("role") or record.get("device_role"), "slug", "name"),
        kind=name_of(record.get("device_type"), "slug", "model"),
        rack=name_of(record.get("rack"), "name"),
        unit=int(float(record.get("position") or 0)),
        face=name_of(record.get("face"), "value"),
        serial=str(record.get("serial") or "").strip(),
        status=name_of(record.get("status"), "value"),
        address=bare(record.get("primary_ip4") or record.get("primary_ip")),
        controller=bare(record.get("oob_ip")),
        macs=dict(sorted(macs.get(identity, {}).items())),
    )


def _cable(record: Record) -> Cable | None:
    ends = [
        End(name_of(end.get("device"), "name"), str(end.get("name") or ""))
        for side in ("a_terminations", "b_terminations")
        for each in record.get(side) or ()
        if isinstance(end := each.get("object"), Mapping) and end.get("device")
    ]
    if not ends:
        return None
    return Cable(
        tuple(sorted(ends)), name_of(record.get("status"), "value"), str(record.get("label") or "")
    )


def name_of(value: Any, *names: str) -> str:
    """A nested object's name; the value itself where only that is given."""
    if isinstance(value, Mapping):
        return next((str(value[name]) for name in names if value.get(name) is not None), "")
    return "" if value is None else str(value)


def bare(address: Any) -> str:
    """An address without its prefix length."""
    return name_of(address, "address").partition("/")[0]

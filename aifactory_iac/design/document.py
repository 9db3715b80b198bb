"""A design as plain JSON values: what `aifactory design --format json` prints.

Findings are not part of it: they are shown with their source lines, or by `check`. Floats are
rounded to six decimals so that the last bits of an addition never show.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import math
from collections.abc import Mapping
from typing import Any

from aifactory_iac.design.model import Design, NetworkDesign

SCHEMA_VERSION = 1


def document(design: Design) -> dict[str, Any]:
    """The design with `schemaVersion`; equal designs give equal documents.

    `nodes` has one mapping for each node, in table order; `None` stands for what does not apply or
    is not known.
    """
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Design",
        "blueprint": design.blueprint,
        "version": design.version,
        "summary": _summary(design),
        "pools": {name: _record(pool) for name, pool in design.pools.items()},
        "networks": {name: _network(network) for name, network in design.networks.items()},
        "sites": _sites(design),
        "storage": {name: _record(tier) for name, tier in design.storage.items()},
        "workloads": {name: _record(workload) for name, workload in design.workloads.items()},
        "economics": _record(design.economics),
        "subnets": [_record(subnet) for subnet in design.subnets],
        "racks": _racks(design),
        "devices": [_record(device) for device in design.each_device()],
        "nodes": _nodes(design),
    }


def _summary(design: Design) -> dict[str, Any]:
    power = design.power.values()
    return {
        "nodes": len(design.nodes),
        "gpus": sum(pool.gpus for pool in design.pools.values()),
        "spares": sum(pool.spares for pool in design.pools.values()),
        "racks": len(design.racks),
        "switches": sum(network.switches.total for network in design.networks.values()),
        "cables": sum(sum(_record(n.cables).values()) for n in design.networks.values()),
        "power": {
            "it_kw": _plain(sum(site.it_kw for site in power)),
            "facility_kw": _plain(sum(site.facility_kw for site in power)),
            "verified": all(site.verified for site in power),
        },
    }


def _network(network: NetworkDesign) -> dict[str, Any]:
    record: dict[str, Any] = _record(network)
    record["switches"]["total"] = network.switches.total
    return record


def _sites(design: Design) -> dict[str, Any]:
    sites = sorted({pool.site for pool in design.pools.values()} | set(design.power))
    return {
        site: {
            "pools": [pool.name for pool in design.pools.values() if pool.site == site],
            "power": _record(design.power[site]) if site in design.power else None,
            "cooling": _record(design.cooling[site]) if site in design.cooling else None,
        }
        for site in sites
    }


def _racks(design: Design) -> list[dict[str, Any]]:
    racks = design.racks
    columns = zip(
        racks.name,
        (racks.sites[index] for index in racks.site.tolist()),
        racks.kind,
        racks.nodes.tolist(),
        racks.used_units.tolist(),
        racks.units.tolist(),
        racks.power_kw.tolist(),
        racks.limit_kw.tolist(),
        racks.weight_kg.tolist(),
        strict=True,
    )
    keys = (
        "name",
        "site",
        "kind",
        "nodes",
        "used_units",
        "units",
        "power_kw",
        "limit_kw",
        "weight_kg",
    )
    return [{key: _plain(value) for key, value in zip(keys, row, strict=True)} for row in columns]


def _nodes(design: Design) -> list[dict[str, Any]]:
    table = design.nodes
    addresses = zip(table.in_band.tolist(), table.out_of_band.tolist(), strict=True)
    return [
        {
            "name": node.name,
            "site": node.site,
            "pool": node.pool,
            "system": node.system,
            "rack": node.rack,
            "unit": node.unit,
            "role": node.role,
            "scalable_unit": node.scalable_unit,
            "slot": node.slot,
            "spare": node.spare,
            "in_band": _address(in_band),
            "out_of_band": _address(out_of_band),
        }
        for node, (in_band, out_of_band) in zip(design.each_node(), addresses, strict=True)
    ]


def _address(number: int) -> str | None:
    return str(ipaddress.IPv4Address(number)) if number else None


def _record(value: object) -> Any:
    """A dataclass as a mapping of its fields, all the way down."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _record(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): _record(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_record(item) for item in value]
    return _plain(value)


def _plain(value: object) -> Any:
    """Floats to six decimals; what JSON cannot say (NaN, infinity) is `None`."""
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value

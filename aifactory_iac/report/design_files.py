"""The design as files for people with spreadsheets and for other tools."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from aifactory_iac.design import document
from aifactory_iac.design.model import Design
from aifactory_iac.report.canonical import to_json


def design_files(design: Design) -> Mapping[str, str]:
    """File name to text: the tables as CSV (RFC 4180, UTF-8, header line) and all of it as JSON."""
    return {
        "design.json": to_json(document(design)),
        "inventory.csv": _csv(
            ("name", "site", "pool", "system", "role", "rack", "unit", "scalable_unit", "slot",
             "spare"),
            _inventory(design),
        ),
        "racks.csv": _csv(
            ("name", "site", "kind", "nodes", "used_units", "units", "power_kw", "limit_kw"),
            _racks(design),
        ),
        "networks.csv": _csv(
            ("name", "site", "role", "technology", "switch", "leaf", "spine", "core",
             "host_cables", "leaf_spine_cables", "spine_core_cables", "oversubscription"),
            _networks(design),
        ),
        "devices.csv": _csv(
            ("name", "site", "kind", "owner", "tier", "model", "rack", "unit"), _devices(design)
        ),
        "addresses.csv": _csv(
            ("site", "purpose", "cidr", "used", "capacity"),
            ((s.site, s.purpose, s.cidr, s.used, s.capacity) for s in design.subnets),
        ),
        "bill-of-materials.csv": _csv(("item", "kind", "count", "spare"), _bill(design)),
    }  # fmt: skip


def _inventory(design: Design) -> Iterator[Sequence[object]]:
    for node in design.each_node():
        yield (
            node.name, node.site, node.pool, node.system, node.role, node.rack or "",
            node.unit or "", node.scalable_unit, node.slot, "yes" if node.spare else "no",
        )  # fmt: skip


def _racks(design: Design) -> Iterator[Sequence[object]]:
    racks = design.racks
    for row in range(len(racks)):
        yield (
            racks.name[row], racks.sites[int(racks.site[row])], racks.kind[row],
            int(racks.nodes[row]), int(racks.used_units[row]), int(racks.units[row]),
            round(float(racks.power_kw[row]), 3), round(float(racks.limit_kw[row]), 3),
        )  # fmt: skip


def _networks(design: Design) -> Iterator[Sequence[object]]:
    for network in design.networks.values():
        yield (
            network.name, network.site, network.role, network.technology, network.switch or "",
            network.switches.leaf, network.switches.spine, network.switches.core,
            network.cables.host, network.cables.leaf_spine, network.cables.spine_core,
            round(network.oversubscription, 6),
        )  # fmt: skip


def _devices(design: Design) -> Iterator[Sequence[object]]:
    """Switches and storage appliances; the owner is the network or the storage tier."""
    for device in design.each_device():
        yield (
            device.name, device.site, device.kind, device.owner, device.tier, device.model,
            device.rack or "", device.unit or "",
        )  # fmt: skip


def _bill(design: Design) -> Iterator[Sequence[object]]:
    """What is bought, not rented: how many of each item, and how many of them stand by."""
    bill: dict[tuple[str, str], tuple[int, int]] = {}
    for kind, item, count, spare in _bought(design):
        before = bill.get((kind, item), (0, 0))
        bill[kind, item] = before[0] + count, before[1] + spare
    for (kind, item), (count, spare) in sorted(bill.items()):
        yield item, kind, count, spare


def _bought(design: Design) -> Iterator[tuple[str, str, int, int]]:
    """Kind, item, count and spares; sites that draw power of ours are those that we equip."""
    for pool in design.pools.values():
        if pool.site in design.power:
            yield "system", pool.system, pool.machines, pool.spares // pool.trays
    for network in design.networks.values():
        if network.switch is not None:
            cables = network.cables
            total = cables.host + cables.leaf_spine + cables.spine_core
            yield "switch", network.switch, network.switches.total, 0
            yield "cable", f"{network.port_gbps} Gb/s cable, {network.technology}", total, 0
    for tier in design.storage.values():
        if tier.system is not None:
            yield "storage", tier.system, tier.appliances, 0
    for kind in design.racks.kind:
        yield "rack", f"{kind} rack", 1, 0


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()

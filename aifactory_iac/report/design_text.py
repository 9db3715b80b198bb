"""The engineered factory on a terminal: what it amounts to, site by site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import RenderableType

from aifactory_iac.design.model import Design
from aifactory_iac.report.figures import UNVERIFIED, kilowatts, number
from aifactory_iac.report.tables import heading, pairs, table


def design_view(design: Design) -> Iterator[RenderableType]:
    """Summary first, then pools, networks, power, storage and addresses."""
    yield heading(f"{design.blueprint} {design.version}")
    yield pairs(summary_rows(design))
    yield heading("Compute")
    yield table(
        ("pool", "site", "system", "nodes", "spare", "GPUs", "per rack", "dense PFLOPS", "memory"),
        [
            (
                pool.name,
                pool.site,
                pool.system,
                number(pool.nodes, 6),
                number(pool.spares, 6),
                number(pool.gpus, 7),
                str(pool.per_rack or "-"),
                _flops(pool.petaflops_dense),
                f"{number(pool.memory_tb)} TB" if pool.gpus else "-",
            )
            for pool in design.pools.values()
        ],
        right=("nodes", "spare", "GPUs", "per rack"),
    )
    if design.networks:
        yield heading("Networks")
        yield table(
            (
                "network",
                "technology",
                "switch",
                "ports",
                "leaf",
                "spine",
                "core",
                "cables",
                "oversub.",
            ),
            [
                (
                    network.name,
                    network.technology,
                    network.switch or "cloud",
                    number(network.endpoints, 7),
                    number(network.switches.leaf, 6),
                    number(network.switches.spine, 6),
                    number(network.switches.core, 6),
                    number(
                        network.cables.host + network.cables.leaf_spine + network.cables.spine_core,
                        7,
                    ),
                    f"{network.oversubscription:.2f}" if network.switch else "-",
                )
                for network in design.networks.values()
            ],
            right=("ports", "leaf", "spine", "core", "cables", "oversub."),
        )
    if design.power:
        yield heading("Power and cooling")
        yield table(
            (
                "site",
                "nodes",
                "network",
                "storage",
                "IT",
                "facility",
                "envelope",
                "after feed loss",
                "air",
                "liquid",
            ),
            [
                (
                    power.site,
                    kilowatts(power.nodes_kw),
                    kilowatts(power.network_kw),
                    kilowatts(power.storage_kw),
                    _mark(power.verified) + kilowatts(power.it_kw),
                    _mark(power.verified) + kilowatts(power.facility_kw),
                    kilowatts(power.envelope_kw),
                    kilowatts(power.after_feed_loss_kw),
                    kilowatts(design.cooling[power.site].air_kw),
                    kilowatts(design.cooling[power.site].liquid_kw),
                )
                for power in design.power.values()
            ],
            right=(
                "nodes",
                "network",
                "storage",
                "IT",
                "facility",
                "envelope",
                "after feed loss",
                "air",
                "liquid",
            ),
        )
    if design.storage:
        yield heading("Storage")
        yield table(
            (
                "tier",
                "site",
                "kind",
                "units",
                "capacity",
                "needs",
                "read GB/s",
                "needs ",
                "write GB/s",
                "needs  ",
            ),
            [
                (
                    tier.name,
                    tier.site,
                    tier.kind,
                    str(tier.appliances or "-"),
                    _terabytes(tier.capacity_tb),
                    _terabytes(tier.needed_capacity_tb),
                    _mark(tier.verified) + _or_dash(tier.read_gb_s),
                    number(tier.needed_read_gb_s),
                    _mark(tier.verified) + _or_dash(tier.write_gb_s),
                    number(tier.needed_write_gb_s),
                )
                for tier in design.storage.values()
            ],
            right=("units", "capacity", "needs", "read GB/s", "needs ", "write GB/s", "needs  "),
        )
    if design.subnets:
        yield heading("Addresses")
        yield table(
            ("site", "purpose", "block", "used", "room"),
            [
                (
                    subnet.site,
                    subnet.purpose,
                    subnet.cidr,
                    number(subnet.used, 7),
                    number(subnet.capacity, 8),
                )
                for subnet in design.subnets
            ],
            right=("used", "room"),
        )
    if not _all_verified(design):
        yield heading(f"{UNVERIFIED} rests on a fact that no source proves; `design -v` names it.")


def summary_rows(design: Design) -> list[tuple[str, str]]:
    """The few figures that everyone asks for first."""
    it_kw = sum(power.it_kw for power in design.power.values())
    facility_kw = sum(power.facility_kw for power in design.power.values())
    mark = _mark(_all_verified(design))
    rows = [
        ("nodes", number(len(design.nodes), 7)),
        ("GPUs", number(sum(pool.gpus for pool in design.pools.values()), 8)),
        ("racks", number(len(design.racks), 7)),
    ]
    if design.power:
        rows.append(
            ("power", f"{mark}{kilowatts(it_kw)} IT, {mark}{kilowatts(facility_kw)} facility")
        )
    return rows


def _all_verified(design: Design) -> bool:
    return all(power.verified for power in design.power.values()) and all(
        tier.verified for tier in design.storage.values()
    )


def _mark(verified: bool) -> str:  # noqa: FBT001 - a cell's mark, not a switch
    return "" if verified else UNVERIFIED


def _flops(by_precision: Mapping[str, float]) -> str:
    wanted = ("bf16", "fp8", "fp4")
    found = [f"{name} {number(by_precision[name])}" for name in wanted if name in by_precision]
    return ", ".join(found) or "-"


def _terabytes(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{number(value / 1000)} PB" if value >= 1000 else f"{number(value)} TB"


def _or_dash(value: float | None) -> str:
    return "-" if value is None else number(value)

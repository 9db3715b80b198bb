"""The engineered factory on a terminal: what it amounts to, site by site."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.design.estimate import Range
from aifactory_iac.design.model import Design, NetworkDesign, PoolDesign, TierDesign
from aifactory_iac.report.figures import (
    UNVERIFIED,
    UNVERIFIED_MEANS,
    amount,
    kilowatts,
    number,
    terabytes,
)
from aifactory_iac.report.tables import Fitted, heading, pairs, table

_PRECISIONS = ("bf16", "fp8", "fp4")


def design_view(design: Design) -> Iterator[RenderableType]:
    """Summary first, then pools, networks, power, storage and addresses."""
    yield heading(f"{design.blueprint} {design.version}")
    yield pairs(summary_rows(design))
    if design.pools:
        yield heading("Compute (PF: petaFLOPS, dense)")
        yield _pools(tuple(design.pools.values()))
    if design.networks:
        yield heading("Networks")
        yield _networks(design)
    if design.power:
        yield heading("Power")
        yield _power(design)
        yield heading("Feeds and cooling")
        yield _cooling(design)
    if design.storage:
        yield heading("Storage")
        yield _capacities(design)
        fast = [tier for tier in design.storage.values() if tier.needed_read_gb_s or tier.read_gb_s]
        if fast:
            yield heading("Throughput of storage")
            yield _throughputs(fast)
    if design.subnets:
        yield heading("Addresses")
        yield _addresses(design)
    if not _all_verified(design):
        yield Text(f"\n{UNVERIFIED_MEANS}; `aifactory design -v` names it.", style="dim")


def summary_rows(design: Design) -> list[tuple[str, str]]:
    """The few figures that everyone asks for first."""
    it_kw = sum(power.it_kw for power in design.power.values())
    facility_kw = sum(power.facility_kw for power in design.power.values())
    mark = _mark(verified=all(power.verified for power in design.power.values()))
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


def _pools(pools: tuple[PoolDesign, ...]) -> Fitted:
    given = [each for each in _PRECISIONS if any(each in pool.petaflops_dense for pool in pools)]
    peaks = tuple(f"{each} PF" for each in given)
    return table(
        ("pool", "site", "system", "nodes", "spare", "GPUs", *peaks, "memory"),
        [
            (
                pool.name,
                pool.site,
                pool.system,
                number(pool.nodes, 6),
                number(pool.spares, 6),
                number(pool.gpus, 7),
                *(_or_dash(pool.petaflops_dense.get(each)) for each in given),
                terabytes(pool.memory_tb) if pool.gpus else "-",
            )
            for pool in pools
        ],
        right=("nodes", "spare", "GPUs", *peaks, "memory"),
    )


def _networks(design: Design) -> Fitted:
    tiers = ("leaf", "spine", "core")
    return table(
        ("network", "technology", "switch", "ports", *tiers, "cables", "oversub."),
        [
            (
                network.name,
                network.technology,
                network.switch or "cloud",
                number(network.endpoints, 7),
                *_switches(network),
            )
            for network in design.networks.values()
        ],
        right=("ports", *tiers, "cables", "oversub."),
    )


def _switches(network: NetworkDesign) -> tuple[str, ...]:
    """Switches by tier, cables and oversubscription; dashes where the cloud has its own."""
    if network.switch is None:
        return ("-",) * 5
    switches, cables = network.switches, network.cables
    return (
        number(switches.leaf, 6),
        number(switches.spine, 6),
        number(switches.core, 6),
        number(cables.host + cables.leaf_spine + cables.spine_core, 7),
        f"{network.oversubscription:.2f}",
    )


def _power(design: Design) -> Fitted:
    figures = ("nodes", "network", "storage", "IT", "facility", "envelope", "PUE")
    return table(
        ("site", *figures),
        [
            (
                power.site,
                kilowatts(power.nodes_kw),
                kilowatts(power.network_kw),
                kilowatts(power.storage_kw),
                _mark(verified=power.verified) + kilowatts(power.it_kw),
                _mark(verified=power.verified) + kilowatts(power.facility_kw),
                kilowatts(power.envelope_kw),
                f"{power.pue_design:.2f}",
            )
            for power in design.power.values()
        ],
        right=figures,
    )


def _cooling(design: Design) -> Fitted:
    figures = ("feeds", "after a loss", "air", "liquid", "airflow", "water")
    rows = []
    for power in design.power.values():
        cooling = design.cooling[power.site]
        rows.append(
            (
                power.site,
                f"{power.feeds} ({power.redundancy})",
                kilowatts(power.after_feed_loss_kw),
                kilowatts(cooling.air_kw),
                kilowatts(cooling.liquid_kw),
                f"{number(cooling.airflow_cfm)} CFM",
                f"{number(cooling.water_l_min)} l/min",
            )
        )
    return table(("site", *figures), rows, right=figures)


def _capacities(design: Design) -> Fitted:
    figures = ("units", "needed", "there is")
    return table(
        ("tier", "site", "kind", *figures),
        [
            (
                tier.name,
                tier.site,
                tier.kind,
                number(tier.appliances, 6) if tier.appliances else "-",
                terabytes(tier.needed_capacity_tb),
                _capacity(tier, elastic=tier.site not in design.power),
            )
            for tier in design.storage.values()
        ],
        right=figures,
    )


def _capacity(tier: TierDesign, *, elastic: bool) -> str:
    """What there is; a cloud's object store grows as it is filled."""
    if tier.capacity_tb is not None:
        return terabytes(tier.capacity_tb)
    return "elastic" if elastic else "not known"


def _throughputs(tiers: list[TierDesign]) -> Fitted:
    figures = ("read needed", "reads", "write needed", "writes")
    return table(
        ("tier", *figures),
        [
            (
                tier.name,
                _rate(tier.needed_read_gb_s),
                _rate(tier.read_gb_s, verified=tier.verified),
                _rate(tier.needed_write_gb_s),
                _rate(tier.write_gb_s, verified=tier.verified),
            )
            for tier in tiers
        ],
        right=figures,
    )


def _rate(gb_s: float | None, *, verified: bool = True) -> str:
    if gb_s is None:
        return "not known"
    return _mark(verified=verified) + amount(Range.point(gb_s), "GB/s")[0]


def _addresses(design: Design) -> Fitted:
    return table(
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


def _all_verified(design: Design) -> bool:
    return all(power.verified for power in design.power.values()) and all(
        tier.verified for tier in design.storage.values()
    )


def _mark(*, verified: bool) -> str:
    return "" if verified else UNVERIFIED


def _or_dash(value: float | None) -> str:
    return "-" if value is None else number(value)

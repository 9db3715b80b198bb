"""What is wrong with a storage tier, said with the way out."""

from __future__ import annotations

import math
from collections.abc import Mapping

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.catalog.facts import StorageSystem
from aifactory_iac.design.capacity_rules import said
from aifactory_iac.design.known import number, rounded_up
from aifactory_iac.design.model import TierDesign
from aifactory_iac.design.storage.fsx import FsxChoice, Steps
from aifactory_iac.findings import Finding, Path

ROUNDING = 1 + 1e-9


def tier_path(tier: Tier, *rest: str) -> Path:
    """A place in the tier's part of the document."""
    return ("storage", "tiers", tier.name, *rest)


def shortfalls(tier: Tier, design: TierDesign) -> tuple[Finding, ...]:
    """Too slow (medium) and over capacity (high); unknown supply says nothing here."""
    ways = (
        ("reads", design.needed_read_gb_s, design.read_gb_s),
        ("writes", design.needed_write_gb_s, design.write_gb_s),
    )
    slow = (
        f"{number(given)} GB/s of {way}, but {number(needed)} GB/s are needed"
        for way, needed, given in ways
        if given is not None and needed > given * ROUNDING
    )
    return (*(_too_slow(tier, text) for text in slow), *_too_full(tier, design))


def _too_slow(tier: Tier, text: str) -> Finding:
    if tier.kind == "fsx-lustre":
        place, hint = "capacity", "Give it more capacity or a higher `throughput_tier`."
    else:
        place, hint = "appliances", "Add appliances, or name fewer pools under `serves`."
    return said(100, f"Tier `{tier.name}` gives {text}.", tier_path(tier, place), hint)


def _too_full(tier: Tier, design: TierDesign) -> tuple[Finding, ...]:
    held, needed = design.capacity_tb, design.needed_capacity_tb
    if held is None or needed <= held * ROUNDING:
        return ()
    finding = said(
        101,
        f"Tier `{tier.name}` holds {number(held)} TB, but datasets with a year of growth, copies "
        f"and checkpoints take {number(needed)} TB.",
        tier_path(tier, "capacity"),
        f"Give it at least {rounded_up(needed)} TB, or keep data or checkpoints elsewhere.",
        verified=tier.capacity is not None or design.verified,
    )
    return (finding,)


def not_sized(tier: Tier, system: StorageSystem | None) -> Finding:
    """A tier whose appliances or rates are not known, so that its throughput is not checked."""
    if system is None:
        reason, hint = "names no appliance of the catalog", "Name one under `system`."
    elif tier.appliances:
        reason = f"rests on `{system.id}`, for which no throughput is published"
        hint = "Add the vendor's figure in a catalog overlay."
    elif system.read_gb_s:
        reason = f"is asked for more than any number of `{system.id}` gives"
        hint = "Check the units of `throughput` and `capacity`."
    else:
        reason = f"has no number of appliances, and no throughput is published for `{system.id}`"
        hint = "Say how many under `appliances`, or add the vendor's figure in a catalog overlay."
    text = f"Tier `{tier.name}` {reason}: its throughput is not checked."
    return said(103, text, tier_path(tier, "system"), hint)


def appliance_unverified(tier: Tier, system: StorageSystem) -> Finding:
    """Throughput that no source is good enough for."""
    return said(
        102,
        f"The throughput of `{system.id}` has no source good enough to build on.",
        tier_path(tier, "system"),
        "Confirm it with the vendor, and give the figure in a catalog overlay.",
    )


def powerless(tier: Tier, design: TierDesign) -> tuple[Finding, ...]:
    """Appliances whose power nobody publishes: they are missing from power, energy and carbon."""
    if design.power_kw is not None or not design.appliances:
        return ()
    text = (
        f"No power is published for `{tier.system or tier.kind}`: the {design.appliances} "
        f"appliances of tier `{tier.name}` are missing from power, energy and carbon."
    )
    hint = "Set `appliance_power` to what the vendor quotes."
    return (said(108, text, tier_path(tier, "appliance_power"), hint),)


def off_step(tier: Tier, choice: FsxChoice, steps: Mapping[str, Steps]) -> tuple[Finding, ...]:
    """A stated capacity that AWS does not sell, with the next one that it does."""
    if tier.capacity is None or math.isclose(tier.capacity.gib, choice.gib, rel_tol=1e-9):
        return ()
    sold = steps[choice.tier.id]
    finding = said(
        104,
        f"FSx sells no {tier.capacity} at {choice.tier.mb_s_per_tib} MB/s per TiB: capacity starts "
        f"at {sold.first:,} GiB and comes in steps of {sold.step:,} GiB, so {choice.gib:,} GiB "
        "will be provisioned.",
        tier_path(tier, "capacity"),
        f"Write `{choice.gib} GiB`.",
    )
    return (finding,)

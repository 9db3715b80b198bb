"""One resolver of waivers for every command: what is excused, and how each waiver fared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from aifactory_iac.findings import render_path
from aifactory_iac.policy.check import Outcome
from aifactory_iac.policy.data import Level, WaiverLimits
from aifactory_iac.policy.gate import WaiverState, WaiverUse
from aifactory_iac.policy.verdict import Judgement
from aifactory_iac.policy.waiver import PlacedWaiver, Waiver, Waivers

_Target = tuple[str, str, str]


def settle(
    judged: Sequence[Judgement], waivers: Waivers, limits: WaiverLimits, at: dt.date
) -> tuple[list[Judgement], tuple[WaiverUse, ...]]:
    """The findings with their waivers, and every waiver with its fate.

    Rule, path and key must match exactly. The last day is inclusive. A finding that a crash made,
    or of a hard rule, is never excused.
    """
    by_target: dict[_Target, list[int]] = {}
    for position, item in enumerate(judged):
        if item.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
            target = (item.rule.id, render_path(item.path), item.key)
            by_target.setdefault(target, []).append(position)
    settled = list(judged)
    uses: list[WaiverUse] = list(waivers.malformed)
    for placed in waivers.placed:
        waiver = placed.waiver
        hits = by_target.get((waiver.rule, waiver.target, waiver.finding), [])
        use = _fate(placed, [judged[position] for position in hits], limits, at)
        uses.append(use)
        if use.state.excuses:
            for position in hits:
                settled[position] = replace(settled[position], waiver=waiver)
    return settled, tuple(uses)


def _fate(
    placed: PlacedWaiver, hits: Sequence[Judgement], limits: WaiverLimits, at: dt.date
) -> WaiverUse:
    state, reason = _state(placed.waiver, hits, limits, at)
    waiver = placed.waiver
    named = f"the waiver of {waiver.rule} at {waiver.target} ({waiver.finding})"
    return WaiverUse(placed.path, state, f"{named} {reason}", placed.span)


def _state(
    waiver: Waiver, hits: Sequence[Judgement], limits: WaiverLimits, at: dt.date
) -> tuple[WaiverState, str]:
    if waiver.approver.casefold() == waiver.owner.casefold():
        return WaiverState.SELF_APPROVED, f"is approved by its own owner, {waiver.owner}"
    if waiver.created > at:
        return WaiverState.MALFORMED, f"was created on {waiver.created}, after {at}"
    if waiver.expires < at:
        return WaiverState.EXPIRED, f"expired on {waiver.expires}"
    if not hits:
        return WaiverState.UNUSED, "excuses nothing: there is no such finding"
    if any(hit.level is Level.HARD for hit in hits):
        return WaiverState.NOT_WAIVABLE, "cannot hold: the rule is hard in this profile"
    days = (waiver.expires - waiver.created).days
    longest = min(limits.longest_days.get(hit.severity, 0) for hit in hits)
    if days > longest:
        return WaiverState.TOO_LONG, f"runs {days} days; at most {longest} are allowed"
    left = (waiver.expires - at).days
    if left <= limits.warn_days:
        return WaiverState.EXPIRING, f"ends in {left} days, on {waiver.expires}"
    return WaiverState.APPLIED, f"holds until {waiver.expires}"

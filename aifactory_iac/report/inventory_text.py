"""Drift between an inventory and a blueprint, on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.providers.inventory.drift import KINDS, Drift, DriftReport, Kind
from aifactory_iac.report.tables import heading, table

SCHEMA_VERSION = 1
SHOWN = 12
"""Differences of a kind that are listed when nobody asks for more words."""

_TITLES: Mapping[Kind, str] = {
    "missing": "Not in the inventory",
    "surplus": "In the inventory, and not in the blueprint",
    "duplicate": "Recorded twice",
    "renamed": "Under another name",
    "moved": "In another place",
    "serial": "With another serial number",
    "uuid": "With another UUID",
    "macs": "With other network cards",
    "controller": "With another controller's address",
    "address": "With another address",
    "status": "In a state that is not in use",
}


def inventory_view(report: DriftReport, *, verbose: bool = False) -> Iterator[RenderableType]:
    """All differences by kind, then one line that sums them up."""
    for kind in KINDS:
        drifts = [each for each in report.drifts if each.kind == kind]
        if drifts:
            yield from _of_a_kind(kind, drifts, verbose=verbose)
    yield Text(_summary(report))


def _of_a_kind(kind: Kind, drifts: list[Drift], *, verbose: bool) -> Iterator[RenderableType]:
    yield heading(f"{_TITLES[kind]} ({len(drifts)})")
    shown = drifts if verbose else drifts[:SHOWN]
    yield table(
        ("name", "intended", "recorded", "by"),
        [(each.name, each.intended, each.recorded, each.by) for each in shown],
        tokens=("name",),
    )
    if len(shown) < len(drifts):
        yield Text(f"and {len(drifts) - len(shown):,} more; -v lists them")


def _summary(report: DriftReport) -> str:
    compared = f"{report.compared:,} of {report.intended:,} machines found in {report.source}"
    aside = f", {report.aside:,} other devices left aside" if report.aside else ""
    if not report.drifts:
        return f"No drift: {compared}{aside}"
    counts = ", ".join(f"{count:,} {kind}" for kind, count in report.counts.items())
    return f"\nDrift: {counts}; {compared}{aside}"


def inventory_document(report: DriftReport) -> dict[str, Any]:
    """What `aifactory inventory --format json` prints."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "InventoryDrift",
        "source": report.source,
        "intended": report.intended,
        "compared": report.compared,
        "aside": report.aside,
        "counts": {kind: report.counts.get(kind, 0) for kind in KINDS},
        "drift": [
            {
                "kind": each.kind,
                "name": each.name,
                "intended": each.intended,
                "recorded": each.recorded,
                "by": each.by,
            }
            for each in report.drifts
        ],
    }

"""Rent of cloud storage: FSx and object tiers by the gigabyte-month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, constant, estimate, fact, reckoned
from aifactory_iac.design.model import TierDesign

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

MONTHS = 12.0


def storage_rent(
    site: str, storage: Mapping[str, TierDesign], catalog: Catalog
) -> dict[str, dict[str, Estimate]]:
    """Rent of a year by tier of a cloud site; tiers without a price are absent."""
    found: dict[str, dict[str, Estimate]] = {}
    for name, tier in sorted(storage.items()):
        price = _price(tier, catalog) if tier.site == site else None
        held = tier.capacity_tb if tier.capacity_tb is not None else tier.needed_capacity_tb
        if price is None or not held:
            continue
        value = price.value.scaled(held * 1e3 * MONTHS)
        known = (price, reckoned("capacity", Range.point(held), "TB"))
        rent = estimate(value, "USD", "capacity x price per GB-month x 12", known)
        found[name] = {"storage_rent_usd_year": rent, "opex_usd_year": rent}
    return found


def _price(tier: TierDesign, catalog: Catalog) -> Known | None:
    if tier.kind == "fsx-lustre":
        tiers = [
            each for each in catalog.fsx_tiers.values() if each.mb_s_per_tib == tier.throughput_tier
        ]
        if not tiers or tiers[0].usd_gb_month is None:
            return None
        chosen = tiers[0]
        return fact(
            f"FSx at {chosen.mb_s_per_tib} MB/s per TiB",
            Range.point(chosen.usd_gb_month or 0.0),
            "USD/GB-month",
            chosen.provenance,
            "usd_gb_month",
            when=chosen.price_date or "no date",
        )
    if tier.kind == "object":
        return constant(catalog, "s3.usd_gb_month")
    return None

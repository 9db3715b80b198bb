"""Rent of cloud storage: FSx and object tiers by the gigabyte-month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.design.economics.rent import PRICED_REGION
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, borrowed, constant, estimate, fact, reckoned
from aifactory_iac.design.model import TierDesign

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

MONTHS = 12.0
GB_PER_TB = 1e3


def storage_rent(
    site: AwsSite, storage: Mapping[str, TierDesign], catalog: Catalog
) -> dict[str, dict[str, Estimate]]:
    """Rent of a year by tier of a cloud site; tiers without a price are absent.

    Object tiers are billed for what is put on them, FSx for what is provisioned. Requests, versions
    and transfers are not counted.
    """
    found: dict[str, dict[str, Estimate]] = {}
    for name, tier in sorted(storage.items()):
        price = _price(tier, catalog) if tier.site == site.name else None
        held = tier.needed_capacity_tb if tier.kind == "object" else tier.capacity_tb
        if price is None or not held:
            continue
        if site.region != PRICED_REGION:
            price = borrowed(price, f"{PRICED_REGION}, in place of {site.region}")
        value = price.value.scaled(held * GB_PER_TB * MONTHS)
        known = (price, reckoned("capacity", Range.point(held), "TB", verified=tier.verified))
        rent = estimate(value, "USD", "capacity x price per GB-month x 12", known)
        found[name] = {"storage_rent_usd_year": rent, "opex_usd_year": rent}
    return found


def _price(tier: TierDesign, catalog: Catalog) -> Known | None:
    if tier.kind == "object":
        return constant(catalog, "s3.usd_gb_month")
    offered = (each for _, each in sorted(catalog.fsx_tiers.items()))
    chosen = next((each for each in offered if each.mb_s_per_tib == tier.throughput_tier), None)
    if chosen is None or chosen.usd_gb_month is None:
        return None
    return fact(
        f"FSx at {chosen.mb_s_per_tib} MB/s per TiB",
        Range.point(chosen.usd_gb_month),
        "USD/GB-month",
        chosen.provenance,
        "usd_gb_month",
        when=chosen.price_date or "no date",
    )

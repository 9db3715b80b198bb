"""What it costs to rent: cloud instances by the hour or the block; prices keep their date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool, Purchase
from aifactory_iac.catalog.facts import Instance
from aifactory_iac.design.economics.energy import HOURS_PER_YEAR
from aifactory_iac.design.economics.money import rent_usd, rented_hours
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, borrowed, estimate, fact, reckoned, told
from aifactory_iac.design.model import PoolDesign

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

PRICED_REGION = "us-east-1"
"""Region of the catalog's On-Demand price list."""

LEAST_USE = 1e-3
"""Below this share of use a price per hour of use says nothing."""


def hourly(instance: Instance) -> Known | None:
    """On-Demand price of an instance with its date; `None` when it is not sold so."""
    if instance.usd_h is None:
        return None
    return fact(
        f"{instance.id} On-Demand, Linux, {PRICED_REGION}",
        Range.point(instance.usd_h),
        "USD/h",
        instance.provenance,
        "usd_h",
        when=instance.price_date or "no date",
    )


def in_block(instance: Instance) -> Known | None:
    """Capacity Block price of an instance as last seen in public; `None` when none was."""
    if instance.capacity_block_usd_h is None:
        return None
    return fact(
        f"{instance.id} in a Capacity Block",
        Range.point(instance.capacity_block_usd_h),
        "USD/h",
        instance.provenance,
        "capacity_block_usd_h",
        when=instance.capacity_block_price_date or "no date",
    )


def price_of(instance: Instance, purchase: Purchase | None, region: str) -> Known | None:
    """What an hour of an instance costs as it is bought; `None` when no price is known.

    Where the price of a block, spot or reservation is not published, On-Demand stands in; it and
    prices of another region than the price list's are marked as unverified.
    """
    listed = hourly(instance)
    if purchase is not None and purchase.capacity_block is not None:
        block = in_block(instance)
        if block is not None:
            return block
    if listed is None:
        return None
    if purchase is not None and not purchase.on_demand:
        return borrowed(listed, "in place of a price that is not published")
    return listed if region == PRICED_REGION else borrowed(listed, f"in place of {region}")


def rent_of(pool: PoolDesign, settings: Pool, region: str, catalog: Catalog) -> dict[str, Estimate]:
    """Rent of a cloud pool in a year; empty when the instance has no price."""
    instance = catalog.aws_instances.get(pool.system)
    paid = price_of(instance, settings.purchase, region) if instance else None
    if paid is None:
        return {}
    block = settings.purchase.capacity_block if settings.purchase else None
    hours = rented_hours(
        block_hours=block.duration.hours if block else None,
        autoscale=settings.autoscale,
        utilisation=settings.utilisation,
    )
    known = (
        reckoned("instances", Range.point(pool.nodes), ""),
        paid,
        told("hours paid for", Range.point(hours), "h"),
    )
    value = paid.value.map(lambda usd: rent_usd(pool.nodes, usd, hours))
    found = {
        "rent_usd_year": estimate(value, "USD", "instances x price x hours", known),
    }
    if pool.gpus_per_node:
        used = settings.utilisation if hours == HOURS_PER_YEAR else 1.0
        each = paid.value.scaled(1.0 / pool.gpus_per_node)
        gpus = reckoned("GPUs of one instance", Range.point(pool.gpus_per_node), "")
        found["rented_usd_per_gpu_hour"] = estimate(
            each, "USD/GPU-h", "price / GPUs of one instance", (paid, gpus)
        )
        if used >= LEAST_USE:
            found["usd_per_gpu_hour"] = estimate(
                each.scaled(1.0 / used),
                "USD/GPU-h",
                "price / GPUs of one instance / share of paid hours that are used",
                (paid, gpus, told("utilisation of paid hours", Range.point(used), "")),
            )
    return found


def cheapest_rent(accelerator: str | None, catalog: Catalog) -> tuple[Instance, Known] | None:
    """The lowest On-Demand price per GPU for an accelerator; of equals the largest instance."""
    offers = [
        (instance, price)
        for _, instance in sorted(catalog.aws_instances.items())
        if accelerator and instance.accelerator == accelerator and instance.accelerators
        for price in (hourly(instance),)
        if price is not None
    ]
    return min(offers, key=_order, default=None)


def _order(offer: tuple[Instance, Known]) -> tuple[float, int, str]:
    instance, price = offer
    each = price.value.mid / instance.accelerators
    return round(each, 6), -instance.accelerators, instance.id

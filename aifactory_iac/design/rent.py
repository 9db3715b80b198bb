"""What it costs to rent: cloud instances by the hour or the block; prices keep their date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.catalog.facts import Instance
from aifactory_iac.design.energy import HOURS_PER_YEAR
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.design.known import Known, estimate, fact, reckoned, told
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.money import rent_usd, rented_hours

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


def hourly(instance: Instance) -> Known | None:
    """On-Demand price of an instance with its date; `None` when it is not sold so."""
    if instance.usd_h is None:
        return None
    return fact(
        f"{instance.id} On-Demand, Linux, us-east-1",
        Range.point(instance.usd_h),
        "USD/h",
        instance.provenance,
        "usd_h",
        when=instance.price_date or "no date",
    )


def rent_of(pool: PoolDesign, settings: Pool, catalog: Catalog) -> dict[str, Estimate]:
    """Rent of a cloud pool in a year; empty when the instance has no price."""
    instance = catalog.aws_instances.get(pool.system)
    price = hourly(instance) if instance else None
    if price is None:
        return {}
    block = settings.purchase.capacity_block if settings.purchase else None
    hours = rented_hours(
        block_hours=block.duration.hours if block else None,
        autoscale=settings.autoscale,
        utilisation=settings.utilisation,
    )
    listed = settings.purchase is None or settings.purchase.on_demand
    paid = Known(price.value, price.given) if listed else _stand_in(price)
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
        if used > 0:
            found["usd_per_gpu_hour"] = estimate(
                each.scaled(1.0 / used),
                "USD/GPU-h",
                "price / GPUs of one instance / share of paid hours that are used",
                (paid, gpus, told("utilisation of paid hours", Range.point(used), "")),
            )
    return found


def _stand_in(price: Known) -> Known:
    """The On-Demand price in place of one that is not published; marked as unverified."""
    given = price.given
    name = f"{given.name}, in place of the block, spot or reserved price"
    return Known(price.value, type(given)(name, given.value, given.source, verified=False))


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

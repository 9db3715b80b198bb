"""Compute pools: one machine, one size, one way of buying, and what fits the site."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.compute import Pool, Purchase
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.suggest import did_you_mean_or_list
from aifactory_iac.findings import Finding, Path

_ONLY_OWN = ("bmc", "install", "per_rack", "spares")
_ONLY_CLOUD = ("purchase", "autoscale")


def pool_findings(view: View) -> Iterator[Finding]:
    """Findings on every pool."""
    for pool in view.blueprint.compute:
        yield from _machine(view, pool)
        yield from _size(view, pool)
        yield from _site_settings(view, pool)
        if pool.purchase is not None:
            yield from _purchase(view, pool, pool.purchase)
        yield from _mig(view, pool)
        if pool.spares is not None and None not in (pool.spares.count, pool.spares.confidence):
            message = f"the spares of `{pool.name}` are given by number and by confidence"
            yield found("108", message, _at(pool, "spares"), hint="keep one of the two")


def _at(pool: Pool, *rest: str) -> Path:
    return ("compute", pool.name, *rest)


def _machine(view: View, pool: Pool) -> Iterator[Finding]:
    aws = view.is_aws(pool.site)
    if pool.system is not None and pool.instance is not None:
        message = f"`{pool.name}` names both a `system` and an `instance`"
        yield found("101", message, _at(pool), hint="keep the one that its site has")
    elif pool.system is None and pool.instance is None:
        key = "instance: p5.48xlarge" if aws else "system: dgx-h100"
        message = f"`{pool.name}` does not say which machine it is of"
        yield found("101", message, _at(pool), hint=f"add one, such as `{key}`")
    elif aws and pool.system is not None:
        message = f"`{pool.site}` is an AWS site, which has no `{pool.system}`"
        yield found("103", message, _at(pool, "system"), hint="name an `instance` instead")
    elif aws is False and pool.instance is not None:
        message = f"`{pool.site}` is not an AWS site, so it has no `{pool.instance}`"
        yield found("103", message, _at(pool, "instance"), hint="name a `system` instead")


def _size(view: View, pool: Pool) -> Iterator[Finding]:
    if pool.count is not None and pool.scalable_units is not None:
        message = f"`{pool.name}` gives both `count` and `scalable_units`"
        yield found("102", message, _at(pool), hint="keep one of the two")
        return
    if pool.count is None and pool.scalable_units is None:
        message = f"`{pool.name}` does not say how many nodes it has"
        yield found("102", message, _at(pool), hint="add `count` or `scalable_units`")
        return
    if pool.scalable_units is None or (pool.system is None and pool.instance is None):
        return
    system = view.system(pool)
    unknown = pool.system is not None and system is None
    if not unknown and (system is None or system.scalable_unit_nodes is None):
        message = f"`{pool.system or pool.instance}` has no scalable unit in the catalog"
        yield found("105", message, _at(pool, "scalable_units"), hint="give `count` in nodes")


def _site_settings(view: View, pool: Pool) -> Iterator[Finding]:
    aws = view.is_aws(pool.site)
    if aws is None:
        return
    for key in _ONLY_OWN if aws else _ONLY_CLOUD:
        if getattr(pool, key) in (None, False):
            continue
        number = "104" if key == "purchase" else "107"
        where = "machines of one's own" if aws else "AWS sites"
        message = (
            f"`{key}` is for {where}, and `{pool.site}` is {'an' if aws else 'not an'} AWS site"
        )
        yield found(number, message, _at(pool, key), hint="drop the key")


def _purchase(view: View, pool: Pool, purchase: Purchase) -> Iterator[Finding]:
    ways = {
        "on_demand": purchase.on_demand,
        "spot": purchase.spot,
        "capacity_block": purchase.capacity_block is not None,
        "reservation": purchase.reservation is not None,
    }
    chosen = [way for way, taken in ways.items() if taken]
    if len(chosen) != 1:
        how = " and ".join(f"`{way}`" for way in chosen) or "no way at all"
        message = f"`{pool.name}` is bought in {how}; it must be exactly one"
        if chosen:
            message = f"`{pool.name}` is bought by {how}; it must be exactly one"
        hint = "keep one of `on_demand`, `spot`, `capacity_block`, `reservation`"
        yield found("104", message, _at(pool, "purchase"), hint=hint)
    instance = view.instance(pool)
    if purchase.capacity_block is None or instance is None:
        return
    if instance.capacity_block is False and instance.provenance.verified("capacity_block"):
        message = f"`{instance.id}` is not sold in Capacity Blocks"
        path = _at(pool, "purchase", "capacity_block")
        yield found("104", message, path, hint="use `on_demand` or `reservation`")


def _mig(view: View, pool: Pool) -> Iterator[Finding]:
    accelerator = view.accelerator(pool)
    if pool.mig is None or accelerator is None or pool.mig in accelerator.mig_profiles:
        return
    if not accelerator.mig_profiles:
        message = f"{accelerator.name} cannot be cut into MIG instances"
        yield found("106", message, _at(pool, "mig"), hint="use `sharing` instead")
        return
    message = f"{accelerator.name} has no MIG profile `{pool.mig}`"
    hint = did_you_mean_or_list(pool.mig, accelerator.mig_profiles, "profiles")
    yield found("106", message, _at(pool, "mig"), hint=hint)

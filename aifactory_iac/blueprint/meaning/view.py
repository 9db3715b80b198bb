"""A blueprint with its names looked up, as the semantic checks need it."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.blueprint.model.storage import Tier

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog
    from aifactory_iac.catalog.facts import Accelerator, Instance, System


@dataclass(frozen=True)
class View:
    """Lookups by name; `None` for names of nothing."""

    blueprint: Blueprint
    catalog: Catalog

    @functools.cached_property
    def pools(self) -> dict[str, Pool]:
        """Compute pools by name."""
        return {pool.name: pool for pool in self.blueprint.compute}

    @functools.cached_property
    def tiers(self) -> dict[str, Tier]:
        """Storage tiers by name."""
        return {tier.name: tier for tier in self.blueprint.storage.tiers}

    @functools.cached_property
    def _sites(self) -> dict[str, OnPremSite | EdgeSite | AwsSite]:
        return {site.name: site for site in self.blueprint.sites}

    def site(self, name: str) -> OnPremSite | EdgeSite | AwsSite | None:
        """The site of that name."""
        return self._sites.get(name)

    def is_aws(self, site: str) -> bool | None:
        """Whether the site is an AWS site; `None` when there is no such site."""
        found = self._sites.get(site)
        return None if found is None else isinstance(found, AwsSite)

    def system(self, pool: Pool) -> System | None:
        """The pool's system in the catalog."""
        return self.catalog.systems.get(pool.system) if pool.system is not None else None

    def instance(self, pool: Pool) -> Instance | None:
        """The pool's instance type in the catalog."""
        if pool.instance is None:
            return None
        return self.catalog.aws_instances.get(pool.instance)

    def accelerator(self, pool: Pool) -> Accelerator | None:
        """The accelerator of the pool's machines; the usual one where a system takes several."""
        system, instance = self.system(pool), self.instance(pool)
        name = instance.accelerator if instance is not None else None
        if system is not None and system.accelerators:
            name = system.accelerators[0]
        return self.catalog.accelerators.get(name) if name is not None else None

    def gpus(self, pool: Pool) -> int | None:
        """Accelerators of the whole pool; `None` when its size is not known without a design."""
        system, instance = self.system(pool), self.instance(pool)
        each = system.gpus if system is not None else instance.accelerators if instance else None
        if each is None:
            return None
        if pool.count is not None:
            return pool.count * each
        nodes = system.scalable_unit_nodes if system is not None else None
        if pool.scalable_units is None or nodes is None:
            return None
        return pool.scalable_units * nodes * each

    def linked(self, one: str, others: Iterable[str]) -> bool:
        """Whether a site is one of the others, or joined to one by a link."""
        reached = {one}
        for link in self.blueprint.links:
            if one in link.between:
                reached.update(link.between)
        return not reached.isdisjoint(others)

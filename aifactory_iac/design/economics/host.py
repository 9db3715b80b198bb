"""The site of a pool as its money and energy see it, worked out once for all pools of the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.design.economics.site_terms import (
    SiteTerms,
    construction_of,
    region_of,
    terms_of,
)
from aifactory_iac.design.known import Known
from aifactory_iac.design.model import PoolDesign, SitePower, TierDesign

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model.document import Blueprint
    from aifactory_iac.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Host:
    """Terms of a site, and what its pools share."""

    terms: SiteTerms
    region: str
    construction: Known
    """Cost of building per watt of IT power."""
    stores: bool
    """Whether the site has storage of its own."""
    shared: Mapping[str, float]
    """Switch and storage power in kW by pool, shared out by maximum node power."""
    counted: bool
    """Whether all of the site's power is known and verified."""

    def shared_kw(self, pool: PoolDesign) -> float:
        """The pool's share of switches and storage."""
        return self.shared.get(pool.name, 0.0)

    def it_kw(self, pool: PoolDesign) -> float | None:
        """Maximum IT power of a pool with its share; `None` where a node's is not known."""
        if pool.node_power_kw is None:
            return None
        return pool.nodes * pool.node_power_kw + self.shared_kw(pool)


def hosts_of(
    blueprint: Blueprint,
    catalog: Catalog,
    pools: Mapping[str, PoolDesign],
    power: Mapping[str, SitePower],
    storage: Mapping[str, TierDesign],
) -> dict[str, Host]:
    """All sites by name."""
    storing = {tier.site for tier in storage.values() if tier.kind != "local-nvme"}
    hosts = {}
    for site in blueprint.sites:
        here = power.get(site.name)
        local = [pool for _, pool in sorted(pools.items()) if pool.site == site.name]
        hosts[site.name] = Host(
            terms=terms_of(site, here, blueprint, catalog),
            region=region_of(site),
            construction=construction_of(site, catalog),
            stores=site.name in storing,
            shared=_shares(local, here),
            counted=here is None or here.verified,
        )
    return hosts


def _shares(pools: list[PoolDesign], power: SitePower | None) -> dict[str, float]:
    own = {pool.name: pool.nodes * (pool.node_power_kw or 0.0) for pool in pools}
    together = sum(own.values())
    if power is None or together <= 0:
        return {}
    shared = power.network_kw + power.storage_kw
    return {name: shared * kw / together for name, kw in own.items()}

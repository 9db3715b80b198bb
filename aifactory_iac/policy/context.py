"""What rules see: the blueprint, the design and the planned resources, indexed once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from aifactory_iac.blueprint.model.base import Named
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.model.governance import Tenant
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.blueprint.model.storage import Dataset, Tier
from aifactory_iac.blueprint.model.workloads import Batch, Serving, Training
from aifactory_iac.policy.gate import GateState
from aifactory_iac.policy.resources import Resources
from aifactory_iac.program.planned import PlannedResource

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog
    from aifactory_iac.design.model import Design

AnySite = OnPremSite | EdgeSite | AwsSite
AnyWorkload = Training | Batch | Serving
_Named = TypeVar("_Named", bound=Named)


@dataclass(frozen=True)
class Context:
    """Everything a rule may look at. `at` is the day of the check: rules have no clock.

    Named lists are mappings by name in order of name, so that no rule can see the order of a
    document. `design` and `planned` are `None` where they were not made; a rule that needs them is
    then unknown.
    """

    blueprint: Blueprint
    design: Design | None
    planned: Iterable[PlannedResource] | None
    catalog: Catalog
    at: dt.date
    gate: GateState = field(default_factory=GateState)

    @property
    def engineered(self) -> Design:
        """The design. Only a rule that declares its need of it may ask."""
        if self.design is None:
            raise LookupError("a rule read the design without declaring that it needs it")
        return self.design

    @cached_property
    def resources(self) -> Resources:
        """The planned resources; empty where none were planned."""
        return Resources.of_plan(self.planned or ())

    @cached_property
    def sites(self) -> Mapping[str, AnySite]:
        """Sites by name."""
        return _by_name(self.blueprint.sites)

    @cached_property
    def pools(self) -> Mapping[str, Pool]:
        """Compute pools by name."""
        return _by_name(self.blueprint.compute)

    @cached_property
    def networks(self) -> Mapping[str, Network]:
        """Networks by name."""
        return _by_name(self.blueprint.fabric)

    @cached_property
    def tiers(self) -> Mapping[str, Tier]:
        """Storage tiers by name."""
        return _by_name(self.blueprint.storage.tiers)

    @cached_property
    def datasets(self) -> Mapping[str, Dataset]:
        """Datasets by name."""
        return _by_name(self.blueprint.storage.datasets)

    @cached_property
    def clusters(self) -> Mapping[str, Cluster]:
        """Clusters by name."""
        return _by_name(self.blueprint.orchestration.clusters)

    @cached_property
    def workloads(self) -> Mapping[str, AnyWorkload]:
        """Workloads by name."""
        return _by_name(self.blueprint.orchestration.workloads)

    @cached_property
    def tenants(self) -> Mapping[str, Tenant]:
        """Tenants by name."""
        return _by_name(self.blueprint.governance.tenants)

    @cached_property
    def datasets_on(self) -> Mapping[str, tuple[Dataset, ...]]:
        """Datasets by the tier they live on."""
        found: dict[str, list[Dataset]] = {}
        for dataset in self.datasets.values():
            found.setdefault(dataset.lives_on, []).append(dataset)
        return {tier: tuple(datasets) for tier, datasets in found.items()}

    @cached_property
    def workloads_on(self) -> Mapping[str, tuple[AnyWorkload, ...]]:
        """Workloads by each cluster that they may run on."""
        found: dict[str, list[AnyWorkload]] = {}
        for workload in self.workloads.values():
            for cluster in dict.fromkeys(workload.clusters):
                found.setdefault(cluster, []).append(workload)
        return {cluster: tuple(workloads) for cluster, workloads in found.items()}

    @cached_property
    def clusters_of_pool(self) -> Mapping[str, tuple[Cluster, ...]]:
        """Clusters by each pool whose nodes are theirs."""
        found: dict[str, list[Cluster]] = {}
        for cluster in self.clusters.values():
            for pool in dict.fromkeys(cluster.pools):
                found.setdefault(pool, []).append(cluster)
        return {pool: tuple(clusters) for pool, clusters in found.items()}

    def workloads_of_pool(self, pool: str) -> tuple[AnyWorkload, ...]:
        """Workloads that may run on a pool, by name."""
        found = {
            workload.name: workload
            for cluster in self.clusters_of_pool.get(pool, ())
            for workload in self.workloads_on.get(cluster.name, ())
        }
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def tenants_on(self) -> Mapping[str, tuple[Tenant, ...]]:
        """Tenants by each cluster that they use; one that names none uses all."""
        found: dict[str, list[Tenant]] = {}
        for tenant in self.tenants.values():
            for cluster in dict.fromkeys(tenant.on) or self.clusters:
                found.setdefault(cluster, []).append(tenant)
        return {cluster: tuple(tenants) for cluster, tenants in found.items()}

    @cached_property
    def facility_sites(self) -> Mapping[str, OnPremSite | EdgeSite]:
        """Sites with a building of one's own, by name."""
        return {n: site for n, site in self.sites.items() if not isinstance(site, AwsSite)}

    @cached_property
    def aws_sites(self) -> Mapping[str, AwsSite]:
        """Cloud sites, by name."""
        return {n: site for n, site in self.sites.items() if isinstance(site, AwsSite)}

    @cached_property
    def efa_pools(self) -> frozenset[str]:
        """Pools whose nodes talk over EFA: a network serves them, and their type has it."""
        served = {
            pool
            for network in self.networks.values()
            if network.technology in (None, "efa")
            for pool in network.serves
        }
        types = self.catalog.aws_instances
        return frozenset(
            pool.name
            for pool in self.pools.values()
            if pool.name in served and (found := types.get(pool.instance or "")) and found.efa > 0
        )

    @cached_property
    def production(self) -> bool:
        """Whether the deployment does real work."""
        return self.blueprint.governance.environment == "production"

    @cached_property
    def country(self) -> Mapping[str, str | None]:
        """Country (ISO 3166-1 alpha-2) of each site; `None` for a region the catalog lacks."""
        return {name: self._country(site) for name, site in self.sites.items()}

    def _country(self, site: AnySite) -> str | None:
        if not isinstance(site, AwsSite):
            return site.location.country
        region = self.catalog.aws_regions.get(site.region)
        return region.country if region is not None else None


def _by_name(items: Iterable[_Named]) -> dict[str, _Named]:
    return {item.name: item for item in sorted(items, key=lambda item: item.name)}

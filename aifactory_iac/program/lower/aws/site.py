"""One AWS site as the layers see it: its pools, clusters, tiers, tags and account."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.base import DataClass, Zone
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.governance import Role
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.blueprint.quantity import Duration
from aifactory_iac.catalog.facts import Instance
from aifactory_iac.design.model import Design
from aifactory_iac.program.ports import port
from aifactory_iac.program.unit import FromEnvironment, PortType, ProviderCall, Take

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

_ENVIRONMENT = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
_CLASSES: tuple[DataClass, ...] = ("public", "internal", "confidential", "restricted")
"""Mildest first."""


def deferred(text: str) -> str | FromEnvironment:
    """`${env:NAME}` as a value read when applying; any other text as it is."""
    match = _ENVIRONMENT.fullmatch(text)
    return FromEnvironment(match[1]) if match else text


@dataclass(frozen=True)
class SiteView:
    """An AWS site with what stands on it; every list by name, empty pools left out."""

    blueprint: Blueprint
    design: Design
    catalog: Catalog
    site: AwsSite

    @property
    def name(self) -> str:
        """Name of the site."""
        return self.site.name

    @property
    def account(self) -> str | FromEnvironment:
        """The account's number, or where it is read from when applying."""
        return deferred(self.site.account)

    @property
    def production(self) -> bool:
        """Whether what keeps data is protected from deletion."""
        return self.blueprint.governance.environment == "production"

    @cached_property
    def zones(self) -> tuple[str, ...]:
        """Zone letters in alphabetical order; what must stay in one zone is in the first."""
        return tuple(sorted(set(self.site.availability_zones)))

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Pools of the site that have nodes and are in an EKS cluster of the site."""
        clustered = {name for cluster in self.clusters for name in cluster.pools}
        return tuple(pool for pool in self.all_pools if pool.name in clustered)

    @cached_property
    def all_pools(self) -> tuple[Pool, ...]:
        """Pools of the site that have nodes of a known instance type, by name."""
        found = (
            pool
            for pool in self.blueprint.compute
            if pool.site == self.name
            and pool.instance in self.catalog.aws_instances
            and pool.name in self.design.pools
            and self.design.pools[pool.name].nodes > 0
        )
        return tuple(sorted(found, key=lambda pool: pool.name))

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """EKS clusters of the site, by name."""
        found = (
            cluster
            for cluster in self.blueprint.orchestration.clusters
            if cluster.site == self.name
            and cluster.kind == "kubernetes"
            and cluster.distribution in (None, "eks")
        )
        return tuple(sorted(found, key=lambda cluster: cluster.name))

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """Roles that hold at this site, by name."""
        found = (r for r in self.blueprint.governance.roles if not r.on or self.name in r.on)
        return tuple(sorted(found, key=lambda role: role.name))

    @property
    def log_retention(self) -> Duration:
        """How long the site's own logs are kept: as long as those of its clusters."""
        kept = [cluster.log_retention for cluster in self.clusters]
        return max(kept, default=Cluster.model_fields["log_retention"].default)

    @property
    def audit_tier(self) -> Tier | None:
        """The object tier of this site that takes the audit trail, if it is here."""
        audit = self.blueprint.governance.audit
        found = [t for t in self.tiers("object") if audit and t.name == audit.sink.tier]
        return found[0] if found else None

    def tiers(self, kind: str) -> tuple[Tier, ...]:
        """Storage tiers of the site of one kind, by name."""
        found = (
            tier
            for tier in self.blueprint.storage.tiers
            if tier.site == self.name and tier.kind == kind
        )
        return tuple(sorted(found, key=lambda tier: tier.name))

    def instance(self, pool: Pool) -> Instance:
        """The instance type of one of `all_pools`."""
        return self.catalog.aws_instances[pool.instance or ""]

    def efa(self, pool: Pool) -> bool:
        """Whether the pool's nodes talk over EFA: a network serves them and their type has it."""
        served = any(
            pool.name in network.serves and network.technology in (None, "efa")
            for network in self.blueprint.fabric
        )
        return served and self.instance(pool).efa > 0

    @property
    def has_network(self) -> bool:
        """Whether anything at the site stands in a network."""
        return bool(self.clusters or self.tiers("fsx-lustre"))

    @property
    def occupied(self) -> bool:
        """Whether anything at all stands at the site."""
        return self.has_network or bool(self.tiers("object"))

    def mounts(self, tier: Tier) -> tuple[Pool, ...]:
        """Pools that mount a tier: those that it names, or all of the site."""
        return tuple(pool for pool in self.pools if not tier.serves or pool.name in tier.serves)

    def provider(self) -> ProviderCall:
        """The site's AWS provider: bound to one region and refused in any other account."""
        return ProviderCall(
            name=self.name,
            package="aws",
            args={"region": self.site.region, "allowed_account_ids": (self.account,)},
        )

    def take(self, layer: str, output: str, kind: PortType) -> Take:
        """An output of another layer of this site."""
        return Take(port(self.name, layer, output), kind)

    def data_class(self, tiers: tuple[Tier, ...]) -> DataClass:
        """The strictest class of the datasets on some tiers; `internal` where none is declared."""
        names = {tier.name for tier in tiers}
        found = [
            dataset.data_class
            for dataset in self.blueprint.storage.datasets
            if dataset.lives_on in names
        ]
        return max(found, key=_CLASSES.index, default="internal")

    def tenant(self, tier: Tier) -> str:
        """The tenant that owns all datasets of a tier, or `shared`."""
        owners = {
            tenant.name
            for tenant in self.blueprint.governance.tenants
            for dataset in self.blueprint.storage.datasets
            if dataset.lives_on == tier.name and dataset.name in tenant.data
        }
        owned = {name for tenant in self.blueprint.governance.tenants for name in tenant.data}
        unowned = any(
            dataset.lives_on == tier.name and dataset.name not in owned
            for dataset in self.blueprint.storage.datasets
        )
        return owners.pop() if len(owners) == 1 and not unowned else "shared"

    def tags(
        self, zone: Zone, *, data_class: str | None = None, tenant: str = "shared"
    ) -> Mapping[str, Any]:
        """Tags of every resource that takes them; the blueprint's own come first and are kept.

        The class of the site's strictest dataset stands where none is given.
        """
        tiers = tuple(t for t in self.blueprint.storage.tiers if t.site == self.name)
        metadata = self.blueprint.metadata
        tags = {
            "blueprint": metadata.name,
            "data-class": data_class or self.data_class(tiers),
            "environment": self.blueprint.governance.environment,
            "managed-by": "aifactory",
            "site": self.name,
            "tenant": tenant,
            "zone": zone,
        }
        if metadata.owner is not None:
            tags["owner"] = metadata.owner
        return dict(sorted({**self.blueprint.governance.tags, **tags}.items()))

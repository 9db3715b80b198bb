"""One cluster as the platform sees it: pools, owners of drivers, links that carry RDMA."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.governance import Tenant
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.design.model import Design, NetworkDesign, PoolDesign
from aifactory_iac.findings import Path
from aifactory_iac.program.lower.quotas import Shares, resource_of, slices, tenants_of
from aifactory_iac.program.unit import Options

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

NVIDIA = "nvidia.com/gpu"


@dataclass(frozen=True)
class ClusterView:
    """A Kubernetes cluster with what stands on it; every list by name."""

    blueprint: Blueprint
    design: Design
    catalog: Catalog
    spread: Shares
    cluster: Cluster

    @property
    def name(self) -> str:
        """Name of the cluster; also of its provider."""
        return self.cluster.name

    @property
    def origin(self) -> Path:
        """Where the blueprint asks for the cluster."""
        return ("orchestration", "clusters", self.cluster.name)

    @property
    def services(self) -> frozenset[str]:
        """Platform services that the blueprint asks for."""
        return frozenset(self.blueprint.orchestration.services)

    @property
    def distribution(self) -> str:
        """The distribution asked for, else the usual one of its site."""
        return self.cluster.distribution or ("eks" if self.on_aws else "rke2")

    @cached_property
    def on_aws(self) -> bool:
        """Whether the cluster is at an AWS site."""
        return any(
            isinstance(site, AwsSite) and site.name == self.cluster.site
            for site in self.blueprint.sites
        )

    @cached_property
    def pools(self) -> tuple[PoolDesign, ...]:
        """Its pools that have nodes."""
        return tuple(
            self.design.pools[name]
            for name in sorted(self.cluster.pools)
            if name in self.design.pools and self.design.pools[name].nodes
        )

    @cached_property
    def accelerated(self) -> tuple[PoolDesign, ...]:
        """Its pools with accelerators that something advertises to the scheduler."""
        return tuple(pool for pool in self.pools if self.resource(pool) is not None)

    @cached_property
    def with_nvidia(self) -> tuple[PoolDesign, ...]:
        """Its pools with accelerators of NVIDIA."""
        return tuple(pool for pool in self.accelerated if self.resource(pool) == NVIDIA)

    @cached_property
    def tenants(self) -> tuple[Tenant, ...]:
        """Tenants that use it."""
        return tenants_of(self.blueprint, self.cluster)

    @cached_property
    def rdma(self) -> tuple[NetworkDesign, ...]:
        """Networks of its pools that carry RDMA over adapters of one's own."""
        names = {pool.name for pool in self.pools}
        return tuple(
            network
            for _, network in sorted(self.design.networks.items())
            if network.site == self.cluster.site
            and names & set(network.pools)
            and (network.technology.startswith("infiniband") or network.technology.endswith("roce"))
        )

    @cached_property
    def efa(self) -> tuple[PoolDesign, ...]:
        """Pools whose nodes talk over EFA."""
        served = {
            name
            for network in self.blueprint.fabric
            if network.technology in (None, "efa")
            for name in network.serves
        }
        return tuple(
            pool
            for pool in self.pools
            if self.on_aws
            and pool.name in served
            and pool.system in self.catalog.aws_instances
            and self.catalog.aws_instances[pool.system].efa > 0
        )

    def asked(self, pool: PoolDesign) -> Pool:
        """The pool as the blueprint has it."""
        return next(item for item in self.blueprint.compute if item.name == pool.name)

    def resource(self, pool: PoolDesign) -> str | None:
        """Extended resource of the pool's accelerators."""
        return resource_of(pool, self.catalog)

    def slices(self, pool: PoolDesign) -> int:
        """Schedulable units of one accelerator of the pool."""
        return slices(self.asked(pool), pool, self.catalog)

    def driver_in_image(self, pool: PoolDesign) -> bool:
        """Whether the nodes come up with a driver: EKS's accelerated images, and pinned images.

        An image that is pinned by digest is built by the factory's owner, who names the driver in
        it; one that is only named by its operating system is the distribution's own, without.
        """
        image = self.asked(pool).image
        return self.on_aws or (
            image is not None and image.digest is not None and image.driver is not None
        )

    def options(self, *after: str) -> Options:
        """Options of a component of this cluster that stands after others."""
        return Options(provider=self.name, depends_on=tuple(sorted(after)))

"""The platform of every Kubernetes cluster: one unit a site, `<site>/platform`.

Each cluster of the site is a provider of the unit, bound to the kubeconfig that the site's cluster
unit gives; a separate unit, so that no provider is ever configured by a cluster that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design.model import Design
from aifactory_iac.findings import Finding, in_order
from aifactory_iac.program.lower.platform import operators, tenancy
from aifactory_iac.program.lower.platform.cluster import ClusterView
from aifactory_iac.program.lower.quotas import shares
from aifactory_iac.program.ports import output_name, port
from aifactory_iac.program.unit import ProviderCall, Take, Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


@dataclass(frozen=True, slots=True)
class LoweredPlatforms:
    """Platform units of all sites, and what they leave to people."""

    units: tuple[Unit, ...]
    findings: tuple[Finding, ...]


def lower_platforms(blueprint: Blueprint, design: Design, catalog: Catalog) -> LoweredPlatforms:
    """The platform of every Kubernetes cluster that has nodes, by site."""
    spread = shares(blueprint, design)
    views = [
        view
        for cluster in sorted(
            blueprint.orchestration.clusters, key=lambda item: (item.site, item.name)
        )
        if cluster.kind == "kubernetes"
        if (view := ClusterView(blueprint, design, catalog, spread, cluster)).pools
    ]
    return LoweredPlatforms(
        units=tuple(
            _unit(site, tuple(found))
            for site, found in groupby(views, key=lambda view: view.cluster.site)
        ),
        findings=in_order(
            finding
            for view in views
            for finding in (*operators.left_out(view), *tenancy.left_out(view))
        ),
    )


def units(blueprint: Blueprint, design: Design, catalog: Catalog) -> tuple[Unit, ...]:
    """As `lower_platforms`, without its findings."""
    return lower_platforms(blueprint, design, catalog).units


def _unit(site: str, views: tuple[ClusterView, ...]) -> Unit:
    return Unit(
        site=site,
        layer="platform",
        providers=tuple(
            ProviderCall(
                name=view.name,
                package="kubernetes",
                args={
                    "kubeconfig": Take(
                        port(site, "cluster", output_name(view.name, "kubeconfig")), "Kubeconfig"
                    ),
                    "enable_server_side_apply": True,
                },
            )
            for view in views
        ),
        calls=tuple(
            call for view in views for call in (*operators.operators(view), *tenancy.tenancy(view))
        ),
        gives=(),
    )

"""AWS sites as units: network, keys, storage, cluster, compute and governance.

| unit | holds | takes from |
|---|---|---|
| `<site>/keys` | KMS keys: one per tier, one each for disks, secrets, logs, audit and alerts | - |
| `<site>/network` | VPC, security groups of pools and file systems | keys |
| `<site>/storage` | buckets, Lustre file systems | keys, network |
| `<site>/cluster` | EKS control planes, node roles, the nodes that run add-ons | keys, network |
| `<site>/compute` | accelerated node groups | keys, network, cluster |
| `<site>/replication` | copies of buckets at other sites | keys, storage of both sites |
| `<site>/governance` | budgets and their alerts, the audit trail | keys, storage |

A unit that would hold nothing is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.design.model import Design
from aifactory_iac.findings import Finding
from aifactory_iac.program.lower.aws.cluster import cluster_unit
from aifactory_iac.program.lower.aws.compute import compute_unit
from aifactory_iac.program.lower.aws.governance import governance_unit
from aifactory_iac.program.lower.aws.keys import keys_unit
from aifactory_iac.program.lower.aws.network import block, network_unit
from aifactory_iac.program.lower.aws.remarks import remarks
from aifactory_iac.program.lower.aws.replication import replication_unit
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.lower.aws.storage import storage_unit
from aifactory_iac.program.unit import Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

_LAYERS = (
    keys_unit,
    network_unit,
    storage_unit,
    replication_unit,
    cluster_unit,
    compute_unit,
    governance_unit,
)


@dataclass(frozen=True, slots=True)
class LoweredSites:
    """Units of all AWS sites, and what they leave to people."""

    units: tuple[Unit, ...]
    findings: tuple[Finding, ...]


def lower_sites(blueprint: Blueprint, design: Design, catalog: Catalog) -> LoweredSites:
    """The units of every AWS site, sites by name; a site whose block cannot be a VPC has none."""
    views = [
        SiteView(blueprint, design, catalog, site)
        for site in sorted(blueprint.sites, key=lambda item: item.name)
        if isinstance(site, AwsSite)
    ]
    built = [view for view in views if not view.has_network or block(view.site.addresses)]
    return LoweredSites(
        units=tuple(unit for view in built for layer in _LAYERS if (unit := layer(view)).calls),
        findings=tuple(finding for view in views for finding in remarks(view)),
    )


def units(blueprint: Blueprint, design: Design, catalog: Catalog) -> tuple[Unit, ...]:
    """The units of every AWS site, as `lower_sites` without its findings."""
    return lower_sites(blueprint, design, catalog).units

"""What a blueprint asks of an AWS site that these programs leave to people, said as findings."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.findings import Finding, Path, Severity
from aifactory_iac.program.lower.aws.budgets import without_rate
from aifactory_iac.program.lower.aws.cluster import ARN
from aifactory_iac.program.lower.aws.compute import reservation_variable
from aifactory_iac.program.lower.aws.network import NARROWEST, WIDEST, block
from aifactory_iac.program.lower.aws.replication import destinations
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.lower.aws.storage import capacity_gib

LEAST_ZONES = 2


def remarks(view: SiteView) -> tuple[Finding, ...]:
    """Findings of one site; high where AWS would refuse what is planned."""
    return (
        *_addresses(view),
        *_zones(view),
        *_pools(view),
        *_capacity_blocks(view),
        *_clusters(view),
        *_roles(view),
        *_links(view),
        *_tiers(view),
        *without_rate(view),
    )


def _addresses(view: SiteView) -> Iterator[Finding]:
    if view.has_network and block(view.site.addresses) is None:
        yield Finding(
            "aws/addresses",
            Severity.HIGH,
            f"`{view.site.addresses}` cannot be the block of a VPC with a subnet for each zone; "
            f"nothing is provisioned at `{view.name}`",
            ("sites", view.name, "addresses"),
            f"give a network from /{WIDEST} to /{NARROWEST} without host bits",
        )


def _zones(view: SiteView) -> Iterator[Finding]:
    if view.clusters and len(view.zones) < LEAST_ZONES:
        yield Finding(
            "aws/zones",
            Severity.HIGH,
            f"an EKS control plane spans two zones, and `{view.name}` has only zone "
            f"`{view.zones[0]}`",
            ("sites", view.name, "availability_zones"),
            "name two different zone letters",
        )


def _pools(view: SiteView) -> Iterator[Finding]:
    clustered = {pool.name for pool in view.pools}
    for pool in view.all_pools:
        if pool.name not in clustered:
            yield Finding(
                "aws/pool-without-cluster",
                Severity.MEDIUM,
                f"pool `{pool.name}` is in no EKS cluster of `{view.name}`; nothing provisions it",
                ("compute", pool.name),
                "name it under `pools` of a cluster at the site",
            )
        elif pool.autoscale:
            yield Finding(
                "aws/autoscaler",
                Severity.INFO,
                f"pool `{pool.name}` may scale to zero, but no autoscaler is installed: it keeps "
                "the size that something sets",
                ("compute", pool.name, "autoscale"),
                "install Cluster Autoscaler; EKS tags the node group for its discovery",
            )


def _capacity_blocks(view: SiteView) -> Iterator[Finding]:
    for pool in view.pools:
        if pool.purchase is not None and pool.purchase.capacity_block is not None:
            block = pool.purchase.capacity_block
            yield Finding(
                "aws/capacity-block",
                Severity.INFO,
                f"pool `{pool.name}` waits for a capacity block from {block.start} for "
                f"{block.duration}: it is paid up front and never bought by a program",
                ("compute", pool.name, "purchase", "capacity_block"),
                f"buy it, then apply with {reservation_variable(pool)}=cr-... in the environment",
            )


def _clusters(view: SiteView) -> Iterator[Finding]:
    eks = {cluster.name for cluster in view.clusters}
    for cluster in sorted(view.blueprint.orchestration.clusters, key=lambda item: item.name):
        path = ("orchestration", "clusters", cluster.name)
        if cluster.site != view.name:
            continue
        if cluster.name not in eks:
            yield Finding(
                "aws/cluster-kind",
                Severity.MEDIUM,
                f"cluster `{cluster.name}` is not an EKS cluster; on AWS only EKS is provisioned",
                path,
                "set `kind: kubernetes` and `distribution: eks`",
            )
        elif cluster.endpoint.public and not cluster.endpoint.allowed:
            yield Finding(
                "aws/public-endpoint",
                Severity.MEDIUM,
                f"the public endpoint of cluster `{cluster.name}` names no networks and stays "
                "private",
                (*path, "endpoint"),
                "list the networks that may reach it under `allowed`",
            )


def _roles(view: SiteView) -> Iterator[Finding]:
    if not view.clusters:
        return
    for role in view.roles:
        named = [member for member in sorted(role.members) if not ARN.fullmatch(member)]
        if named:
            yield Finding(
                "aws/role-without-arn",
                Severity.INFO,
                f"members of role `{role.name}` that are not IAM ARNs get no access entry at "
                f"`{view.name}`: {', '.join(named)}",
                ("governance", "roles", role.name, "members"),
                "add the ARN of the IAM role that they assume",
            )


_LINKS = {
    "direct-connect": "its circuit is ordered from a carrier",
    "dark-fiber": "its fibre is leased from a carrier",
    "vpn": "its keys and the gateway at the other end are the network team's",
}


def _links(view: SiteView) -> Iterator[Finding]:
    for link in sorted(view.blueprint.links, key=lambda item: item.name):
        if view.name in link.between and link.kind in _LINKS:
            yield Finding(
                "aws/link",
                Severity.LOW,
                f"link `{link.name}` ({link.kind}) is not provisioned: {_LINKS[link.kind]}",
                ("links", link.name),
                f"attach it to the network of `{view.name}` once it is up",
            )


def _tiers(view: SiteView) -> Iterator[Finding]:
    audit = view.blueprint.governance.audit
    for tier in sorted(view.blueprint.storage.tiers, key=lambda item: item.name):
        path: Path = ("storage", "tiers", tier.name)
        if tier.site != view.name:
            continue
        if tier.kind in ("parallel", "nfs"):
            yield Finding(
                "aws/tier-kind",
                Severity.MEDIUM,
                f"tier `{tier.name}` is of kind {tier.kind}, which nothing provisions on AWS",
                (*path, "kind"),
                "use `fsx-lustre` or `object`",
            )
        if tier.kind == "fsx-lustre" and capacity_gib(view, tier) is None:
            yield Finding(
                "aws/tier-size",
                Severity.MEDIUM,
                f"tier `{tier.name}` has no size, so no file system is provisioned for it",
                path,
                "state its `capacity`",
            )
        if tier.kind == "object":
            copied = {target.name for target, _ in destinations(view, tier)}
            for name in sorted(set(tier.replicate_to) - copied):
                yield Finding(
                    "aws/replication",
                    Severity.MEDIUM,
                    f"tier `{tier.name}` is not copied to `{name}`: both have to be object tiers "
                    "in one AWS account, and encrypted in the same way",
                    (*path, "replicate_to"),
                )
        sink = audit is not None and tier == view.audit_tier
        if sink and audit is not None and tier.retain is not None and tier.retain < audit.retain:
            yield Finding(
                "aws/audit-retention",
                Severity.MEDIUM,
                f"tier `{tier.name}` deletes objects after {tier.retain}, but the audit trail in "
                f"it is to be kept for {audit.retain}",
                (*path, "retain"),
                f"set `retain: {audit.retain}` or keep the trail in a tier of its own",
            )

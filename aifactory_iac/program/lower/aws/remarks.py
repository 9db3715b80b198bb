"""What a blueprint asks of an AWS site that these programs leave to people, said as findings."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.findings import Finding, Path
from aifactory_iac.program.lower.aws.budgets import without_rate
from aifactory_iac.program.lower.aws.cluster import ARN
from aifactory_iac.program.lower.aws.compute import reservation_variable
from aifactory_iac.program.lower.aws.network import NARROWEST, WIDEST, block
from aifactory_iac.program.lower.aws.replication import destinations
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.rules import found

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
        yield found(
            "AIF-PRG-020",
            f"`{view.site.addresses}` cannot be the block of a VPC with a subnet for each zone; "
            f"nothing is provisioned at `{view.name}`.",
            ("sites", view.name, "addresses"),
            hint=f"give a network from /{WIDEST} to /{NARROWEST} without host bits, such as "
            "`10.0.0.0/16`",
        )


def _zones(view: SiteView) -> Iterator[Finding]:
    if view.clusters and len(view.zones) < LEAST_ZONES:
        yield found(
            "AIF-PRG-021",
            f"An EKS control plane spans two zones, and `{view.name}` has only zone "
            f"`{view.zones[0]}`.",
            ("sites", view.name, "availability_zones"),
            hint="name two different zone letters, such as `[a, b]`",
        )


def _pools(view: SiteView) -> Iterator[Finding]:
    clustered = {pool.name for pool in view.pools}
    for pool in view.all_pools:
        if pool.name not in clustered:
            yield found(
                "AIF-PRG-022",
                f"Pool `{pool.name}` is in no EKS cluster of `{view.name}`; nothing provisions it.",
                ("compute", pool.name),
                hint=f"name it under `pools` of an EKS cluster at `{view.name}`",
            )
        elif pool.autoscale:
            yield found(
                "AIF-PRG-023",
                f"Pool `{pool.name}` may scale to zero, but these programs install no autoscaler: "
                "it keeps the size that something else sets.",
                ("compute", pool.name, "autoscale"),
                hint="install Cluster Autoscaler; EKS tags the node group for its discovery",
            )


def _capacity_blocks(view: SiteView) -> Iterator[Finding]:
    for pool in view.pools:
        if pool.purchase is not None and pool.purchase.capacity_block is not None:
            block = pool.purchase.capacity_block
            yield found(
                "AIF-PRG-024",
                f"Pool `{pool.name}` waits for a capacity block from {block.start} for "
                f"{block.duration}; it is paid up front, and no program buys it.",
                ("compute", pool.name, "purchase", "capacity_block"),
                hint=f"buy it, then apply with `{reservation_variable(pool)}=cr-...` in the "
                "environment",
            )


def _clusters(view: SiteView) -> Iterator[Finding]:
    eks = {cluster.name for cluster in view.clusters}
    for cluster in sorted(view.blueprint.orchestration.clusters, key=lambda item: item.name):
        path = ("orchestration", "clusters", cluster.name)
        if cluster.site != view.name:
            continue
        if cluster.name not in eks:
            yield found(
                "AIF-PRG-025",
                f"Cluster `{cluster.name}` is not an EKS cluster, the only kind that is "
                "provisioned on AWS.",
                path,
                hint="set `kind: kubernetes` and `distribution: eks`",
            )
        elif cluster.endpoint.public and not cluster.endpoint.allowed:
            yield found(
                "AIF-PRG-026",
                f"The public endpoint of cluster `{cluster.name}` names no networks, so it stays "
                "private.",
                (*path, "endpoint"),
                hint="list the networks that may reach it, such as `allowed: [203.0.113.0/24]`",
            )


def _roles(view: SiteView) -> Iterator[Finding]:
    if not view.clusters:
        return
    for role in view.roles:
        named = [member for member in sorted(role.members) if not ARN.fullmatch(member)]
        if named:
            yield found(
                "AIF-PRG-027",
                f"Members of role `{role.name}` that are not IAM ARNs get no access entry at "
                f"`{view.name}`: {', '.join(f'`{member}`' for member in named)}.",
                ("governance", "roles", role.name, "members"),
                hint="add the IAM role that they assume, as `arn:aws:iam::<account>:role/<name>`",
            )


_LINKS = {
    "direct-connect": "its circuit is ordered from a carrier",
    "dark-fiber": "its fibre is leased from a carrier",
    "vpn": "its keys and the gateway at the other end are the network team's",
}


def _links(view: SiteView) -> Iterator[Finding]:
    for link in sorted(view.blueprint.links, key=lambda item: item.name):
        if view.name in link.between and link.kind in _LINKS:
            yield found(
                "AIF-PRG-028",
                f"Link `{link.name}` ({link.kind}) is not provisioned: {_LINKS[link.kind]}.",
                ("links", link.name),
                hint=f"order it, and attach it to the network of `{view.name}` once it is up",
            )


def _tiers(view: SiteView) -> Iterator[Finding]:
    audit = view.blueprint.governance.audit
    for tier in sorted(view.blueprint.storage.tiers, key=lambda item: item.name):
        path: Path = ("storage", "tiers", tier.name)
        if tier.site != view.name:
            continue
        if tier.kind in ("parallel", "nfs"):
            yield found(
                "AIF-PRG-029",
                f"Tier `{tier.name}` is of kind `{tier.kind}`, which nothing provisions on AWS.",
                (*path, "kind"),
                hint="use `fsx-lustre` or `object`",
            )
        if tier.kind == "object":
            copied = {target.name for target, _ in destinations(view, tier)}
            for name in sorted(set(tier.replicate_to) - copied):
                yield found(
                    "AIF-PRG-030",
                    f"Tier `{tier.name}` is not copied to `{name}`: both have to be object tiers "
                    "in one AWS account, and encrypted in the same way.",
                    (*path, "replicate_to"),
                    hint=f"give both sites one `account` and both tiers one `encryption`, or copy "
                    f"to another tier than `{name}`",
                )
        sink = audit is not None and tier == view.audit_tier
        if sink and audit is not None and tier.retain is not None and tier.retain < audit.retain:
            yield found(
                "AIF-PRG-031",
                f"Tier `{tier.name}` deletes objects after {tier.retain}, but the audit trail in "
                f"it is to be kept for {audit.retain}.",
                (*path, "retain"),
                hint=f"set `retain: {audit.retain}`, or keep the trail in a tier of its own",
            )

"""What a blueprint asks of an AWS site that these programs leave to people, said as findings."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.findings import Finding, Severity
from aifactory_iac.program.lower.aws.budgets import without_rate
from aifactory_iac.program.lower.aws.cluster import ARN
from aifactory_iac.program.lower.aws.compute import reservation_variable
from aifactory_iac.program.lower.aws.site import SiteView


def remarks(view: SiteView) -> tuple[Finding, ...]:
    """Findings of one site; none blocks, for none makes what is provisioned wrong."""
    return (
        *_pools(view),
        *_capacity_blocks(view),
        *_clusters(view),
        *_roles(view),
        *_links(view),
        *without_rate(view),
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


def _links(view: SiteView) -> Iterator[Finding]:
    for link in sorted(view.blueprint.links, key=lambda item: item.name):
        if view.name in link.between and link.kind != "internet":
            yield Finding(
                "aws/link",
                Severity.LOW,
                f"link `{link.name}` ({link.kind}) is not provisioned: its circuit is ordered from "
                "a carrier",
                ("links", link.name),
                "attach it to the VPC once it is up",
            )

"""The cluster layer: EKS control planes and the small nodes that carry their add-ons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.program.lower import labels
from aifactory_iac.program.lower.aws.retention import log_retention_days
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.ports import output_name
from aifactory_iac.program.unit import Call, Give, Options, Ref, Unit

SYSTEM_INSTANCE = "m7i.2xlarge"
SYSTEM_IMAGE = "AL2023_x86_64_STANDARD"
SYSTEM_NODES_PER_ZONE = 1
"""Nodes for DNS, operators and schedulers. Accelerated nodes are tainted against them, and EKS
waits for its DNS add-on, so a cluster needs a few plain nodes before the first accelerated one. The
type is a choice of this program, general purpose and current, one in each zone; a blueprint sizes
its accelerated pools only."""

LONGEST_NAME = 100

ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/.+")
_POLICIES = (
    (frozenset({"apply", "admin"}), "AmazonEKSClusterAdminPolicy"),
    (frozenset({"read", "plan", "approve"}), "AmazonEKSAdminViewPolicy"),
)
"""EKS access policies, strongest first, by what a role may do."""


def cluster_name(view: SiteView, cluster: Cluster) -> str:
    """Name of the cluster in AWS, unique in an account; EKS takes at most 100 characters."""
    room = LONGEST_NAME - len(cluster.name) - 1
    return f"{view.blueprint.metadata.name[:room]}-{cluster.name}"


def access(view: SiteView) -> Mapping[str, Mapping[str, str]]:
    """Access entries from the roles at this site, by principal; the strongest policy wins."""
    entries: dict[str, Mapping[str, str]] = {}
    for may, policy in _POLICIES:
        for role in view.roles:
            for member in sorted(role.members):
                if may & set(role.may) and ARN.fullmatch(member):
                    name = re.sub(r"[^A-Za-z0-9]+", "-", member.split("::", 1)[1])
                    entries.setdefault(name, {"principal_arn": member, "policy": policy})
    return dict(sorted(entries.items()))


def cluster_unit(view: SiteView) -> Unit:
    """Control plane, node role, system nodes and add-ons of every cluster of the site."""
    calls: list[Call] = []
    gives: list[Give] = []
    for cluster in view.clusters:
        calls += _calls(view, cluster)
        gives += _gives(cluster)
    return Unit(
        site=view.name,
        layer="cluster",
        providers=(view.provider(),),
        calls=tuple(sorted(calls, key=lambda call: call.name)),
        gives=tuple(sorted(gives, key=lambda give: give.name)),
    )


def _calls(view: SiteView, cluster: Cluster) -> tuple[Call, ...]:
    name = cluster.name
    control_plane, role, system = f"cluster-{name}", f"node-{name}", f"system-{name}"
    origin = ("orchestration", "clusters", name)
    options = Options(provider=view.name)
    tags = view.tags("management")
    subnets = view.take("network", "private_subnet_ids", "SubnetIds")
    return (
        Call("aws.eks:Cluster", control_plane, _cluster_args(view, cluster), options, origin),
        Call("aws.nodes:NodeRole", role, {"tags": tags}, options, origin),
        Call(
            "aws.nodes:NodeGroup",
            system,
            {
                "cluster_name": Ref(control_plane, "cluster_name"),
                "node_role_arn": Ref(role, "role_arn"),
                "subnet_ids": subnets,
                "security_group_ids": (Ref(control_plane, "security_group_id"),),
                "instance_type": SYSTEM_INSTANCE,
                "ami_type": SYSTEM_IMAGE,
                "min_size": SYSTEM_NODES_PER_ZONE * len(view.zones),
                "desired_size": SYSTEM_NODES_PER_ZONE * len(view.zones),
                "max_size": SYSTEM_NODES_PER_ZONE * len(view.zones),
                "disk_key_arn": view.take("keys", "disks_key_arn", "KeyArn"),
                "labels": {labels.POOL: "system"},
                "tags": tags,
            },
            options,
            origin,
        ),
        Call(
            "aws.eks:NodeAddons",
            f"addons-{name}",
            {
                "cluster_name": Ref(control_plane, "cluster_name"),
                "addons": _addons(view),
                "tags": tags,
            },
            Options(provider=view.name, depends_on=(system,)),
            origin,
        ),
    )


def _cluster_args(view: SiteView, cluster: Cluster) -> Mapping[str, Any]:
    endpoint = cluster.endpoint
    entries = access(view)
    key = output_name(f"cluster-{cluster.name}", "key_arn")
    return {
        "cluster_name": cluster_name(view, cluster),
        "region": view.site.region,
        "version": cluster.version,
        "subnet_ids": view.take("network", "private_subnet_ids", "SubnetIds"),
        "log_types": tuple(sorted(cluster.control_plane_logs)),
        "log_retention_days": log_retention_days(cluster.log_retention),
        "log_key_arn": view.take("keys", "logs_key_arn", "KeyArn"),
        "secrets_key_arn": view.take("keys", key, "KeyArn") if cluster.encrypt_secrets else None,
        "public_access_cidrs": tuple(sorted(endpoint.allowed)) if endpoint.public else (),
        "access": entries,
        # Without an administrator among the entries nobody could get in.
        "creator_is_admin": all(e["policy"] != _POLICIES[0][1] for e in entries.values()),
        "deletion_protection": view.production,
        "tags": view.tags("management"),
    }


def _addons(view: SiteView) -> tuple[str, ...]:
    """DNS, volumes and the agent that reports broken nodes; the Lustre driver where it is used."""
    lustre = ("aws-fsx-csi-driver",) if view.tiers("fsx-lustre") else ()
    return ("aws-ebs-csi-driver", *lustre, "coredns", "eks-node-monitoring-agent")


def _gives(cluster: Cluster) -> tuple[Give, ...]:
    name = cluster.name
    return (
        Give(
            output_name(name, "cluster_name"), "ClusterName", Ref(f"cluster-{name}", "cluster_name")
        ),
        Give(output_name(name, "endpoint"), "EndpointUrl", Ref(f"cluster-{name}", "endpoint")),
        Give(output_name(name, "kubeconfig"), "Kubeconfig", Ref(f"cluster-{name}", "kubeconfig")),
        Give(output_name(name, "node_role_arn"), "RoleArn", Ref(f"node-{name}", "role_arn")),
        Give(
            output_name(name, "oidc_provider_arn"),
            "Text",
            Ref(f"cluster-{name}", "oidc_provider_arn"),
        ),
        Give(
            output_name(name, "security_group_id"),
            "SecurityGroupId",
            Ref(f"cluster-{name}", "security_group_id"),
        ),
    )

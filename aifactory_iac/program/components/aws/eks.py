"""An EKS control plane: private, logged, its secrets enveloped, its access by named entries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
import pulumi_aws as aws

from .trust import trusts

CORE_ADDONS: Mapping[str, Mapping[str, Any]] = {
    "eks-pod-identity-agent": {},
    "kube-proxy": {},
    # Without this flag the CNI ignores NetworkPolicy objects.
    "vpc-cni": {"enableNetworkPolicy": "true"},
}
"""Add-ons that nodes need to become ready, with their configuration."""


class Access(TypedDict):
    """Who gets into the cluster, and with which EKS access policy."""

    principal_arn: pulumi.Input[str]
    policy: str
    """Name of an EKS cluster access policy, such as `AmazonEKSAdminViewPolicy`."""


@dataclass(frozen=True)
class ClusterArgs:
    """What a `Cluster` needs."""

    cluster_name: str
    region: str
    subnet_ids: pulumi.Input[Sequence[str]]
    log_types: Sequence[pulumi.Input[str]]
    log_retention_days: pulumi.Input[int]
    log_key_arn: pulumi.Input[str]
    tags: Mapping[str, pulumi.Input[str]]
    version: pulumi.Input[str] | None = None
    """Kubernetes version; EKS's default when not given."""
    secrets_key_arn: pulumi.Input[str] | None = None
    """Key that Kubernetes secrets are enveloped with."""
    public_access_cidrs: Sequence[pulumi.Input[str]] = ()
    """Networks that may reach the API from the internet; none makes the endpoint private."""
    access: Mapping[str, Access] | None = None
    """Access entries by a name of ours."""
    creator_is_admin: bool = True
    """Whether the identity that creates the cluster keeps administrator access."""
    deletion_protection: bool = False


class Cluster(pulumi.ComponentResource):
    """The control plane, its log group and role, and the add-ons that nodes cannot do without."""

    cluster_name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    kubeconfig: pulumi.Output[str]
    """Holds no token: it calls `aws eks get-token` with the credentials of whoever uses it."""
    security_group_id: pulumi.Output[str]
    """The group that EKS makes: control plane and nodes talk within it."""
    oidc_provider_arn: pulumi.Output[str]

    def __init__(
        self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Cluster", name, dict(vars(args)), opts)
        child = pulumi.ResourceOptions(parent=self)
        role, attached = self._role(name, args)
        # EKS would make this group itself, without a key and keeping logs for ever.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_in_days=args.log_retention_days,
            kms_key_id=args.log_key_arn,
            tags={**args.tags, "Name": f"{name}-logs"},
            opts=child,
        )
        cluster = aws.eks.Cluster(
            f"{name}-control-plane",
            name=args.cluster_name,
            version=args.version,
            role_arn=role.arn,
            enabled_cluster_log_types=list(args.log_types),
            bootstrap_self_managed_addons=False,
            deletion_protection=args.deletion_protection,
            access_config={
                "authentication_mode": "API",
                "bootstrap_cluster_creator_admin_permissions": args.creator_is_admin,
            },
            encryption_config=(
                {"provider": {"key_arn": args.secrets_key_arn}, "resources": ["secrets"]}
                if args.secrets_key_arn is not None
                else None
            ),
            vpc_config=_endpoint(args),
            tags={**args.tags, "Name": args.cluster_name},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs, *attached]),
        )
        issuer = cluster.identities[0].oidcs[0].issuer
        oidc = aws.iam.OpenIdConnectProvider(
            f"{name}-oidc",
            url=issuer,
            client_id_lists=["sts.amazonaws.com"],
            tags={**args.tags, "Name": f"{name}-oidc"},
            opts=child,
        )
        for addon in sorted(CORE_ADDONS):
            configuration = CORE_ADDONS[addon]
            aws.eks.Addon(
                f"{name}-{addon}",
                cluster_name=cluster.name,
                addon_name=addon,
                configuration_values=json.dumps(configuration) if configuration else None,
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                tags={**args.tags, "Name": f"{name}-{addon}"},
                opts=child,
            )
        self._access(name, args, cluster)

        self.cluster_name = cluster.name
        self.endpoint = cluster.endpoint
        # EKS fills this into the block that we give: unknown until the cluster is there.
        self.security_group_id = pulumi.Output.all(
            cluster.id, cluster.vpc_config.cluster_security_group_id
        ).apply(_own_group)
        self.oidc_provider_arn = oidc.arn
        self.kubeconfig = _kubeconfig(cluster, args.region)
        self.register_outputs(
            {
                "cluster_name": self.cluster_name,
                "endpoint": self.endpoint,
                "security_group_id": self.security_group_id,
                "oidc_provider_arn": self.oidc_provider_arn,
            }
        )

    def _role(
        self, name: str, args: ClusterArgs
    ) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-role",
            assume_role_policy=trusts("eks.amazonaws.com", tagged=True),
            tags={**args.tags, "Name": f"{name}-role"},
            opts=child,
        )
        attached = aws.iam.RolePolicyAttachment(
            f"{name}-AmazonEKSClusterPolicy",
            role=role.name,
            policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
            opts=child,
        )
        return role, [attached]

    def _access(self, name: str, args: ClusterArgs, cluster: aws.eks.Cluster) -> None:
        """One entry and one cluster-wide policy for each principal."""
        child = pulumi.ResourceOptions(parent=self)
        for who, access in sorted((args.access or {}).items()):
            entry = aws.eks.AccessEntry(
                f"{name}-{who}",
                cluster_name=cluster.name,
                principal_arn=access["principal_arn"],
                type="STANDARD",
                tags={**args.tags, "Name": f"{name}-{who}"},
                opts=child,
            )
            aws.eks.AccessPolicyAssociation(
                f"{name}-{who}",
                cluster_name=cluster.name,
                principal_arn=access["principal_arn"],
                policy_arn=f"arn:aws:eks::aws:cluster-access-policy/{access['policy']}",
                access_scope={"type": "cluster"},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[entry]),
            )


def _own_group(made: list[Any]) -> Any:
    _, group = made
    return group or pulumi.UNKNOWN


def _endpoint(args: ClusterArgs) -> dict[str, Any]:
    """Where the API is reached: always inside the VPC, outside only from the networks named."""
    endpoint: dict[str, Any] = {
        "subnet_ids": args.subnet_ids,
        "endpoint_private_access": True,
        "endpoint_public_access": bool(args.public_access_cidrs),
    }
    if args.public_access_cidrs:
        endpoint["public_access_cidrs"] = list(args.public_access_cidrs)
    return endpoint


def _kubeconfig(cluster: aws.eks.Cluster, region: str) -> pulumi.Output[str]:
    return pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": cluster.name,
                    "cluster": {
                        "server": cluster.endpoint,
                        "certificate-authority-data": cluster.certificate_authority.data,
                    },
                }
            ],
            "contexts": [
                {"name": cluster.name, "context": {"cluster": cluster.name, "user": cluster.name}}
            ],
            "current-context": cluster.name,
            "users": [
                {
                    "name": cluster.name,
                    "user": {
                        "exec": {
                            "apiVersion": "client.authentication.k8s.io/v1beta1",
                            "command": "aws",
                            "args": [
                                "eks",
                                "get-token",
                                "--region",
                                region,
                                "--cluster-name",
                                cluster.name,
                            ],
                        }
                    },
                }
            ],
        }
    )


@dataclass(frozen=True)
class NodeAddonsArgs:
    """What `NodeAddons` needs."""

    cluster_name: pulumi.Input[str]
    addons: Sequence[str]
    tags: Mapping[str, pulumi.Input[str]]


class NodeAddons(pulumi.ComponentResource):
    """Add-ons that run as pods on nodes, and so come after the first node group."""

    def __init__(
        self, name: str, args: NodeAddonsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:NodeAddons", name, dict(vars(args)), opts)
        for addon in sorted(args.addons):
            aws.eks.Addon(
                f"{name}-{addon}",
                cluster_name=args.cluster_name,
                addon_name=addon,
                resolve_conflicts_on_create="OVERWRITE",
                resolve_conflicts_on_update="OVERWRITE",
                pod_identity_associations=self._identity(name, addon, args),
                tags={**args.tags, "Name": f"{name}-{addon}"},
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})

    def _identity(
        self, name: str, addon: str, args: NodeAddonsArgs
    ) -> list[dict[str, pulumi.Input[str]]] | None:
        """The role of an add-on that calls AWS, bound to its service account."""
        if addon not in ADDON_IDENTITIES:
            return None
        short, account, policy = ADDON_IDENTITIES[addon]
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(
            f"{name}-{short}",
            assume_role_policy=trusts("pods.eks.amazonaws.com", tagged=True),
            tags={**args.tags, "Name": f"{name}-{short}"},
            opts=child,
        )
        aws.iam.RolePolicyAttachment(
            f"{name}-{short}", role=role.name, policy_arn=policy, opts=child
        )
        return [{"role_arn": role.arn, "service_account": account}]


ADDON_IDENTITIES: Mapping[str, tuple[str, str, str]] = {
    "aws-ebs-csi-driver": (
        "ebs-csi",
        "ebs-csi-controller-sa",
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
    ),
}
"""Short name, service account and IAM policy of add-ons that call AWS."""

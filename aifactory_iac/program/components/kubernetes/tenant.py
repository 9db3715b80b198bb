"""A tenant of a cluster: a namespace with its limits, its people and its walls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi
import pulumi_kubernetes as k8s


class Grant(TypedDict):
    """Who gets which of Kubernetes' own roles in the namespace."""

    role: str
    groups: Sequence[str]
    users: Sequence[str]


@dataclass(frozen=True)
class TenantArgs:
    """The namespace and what may happen in it."""

    tenant: str
    namespace: str
    labels: Mapping[str, str]
    quota: Mapping[str, str]
    """Hard limits of the namespace, such as `requests.nvidia.com/gpu`."""
    default_requests: Mapping[str, str]
    """What a container asks for that asks for nothing."""
    default_limits: Mapping[str, str]
    grants: Mapping[str, Grant]
    """By the name of the role in the blueprint. Never `cluster-admin`."""


class Tenant(pulumi.ComponentResource):
    """Pods run restricted, reach each other and DNS, and nothing else unless a policy says so."""

    namespace: pulumi.Output[str]

    def __init__(
        self, name: str, args: TenantArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the namespace first; everything in it goes with it."""
        super().__init__("aifactory:kubernetes:Tenant", name, dict(vars(args)), opts)
        self._name, self._args = name, args
        namespace = k8s.core.v1.Namespace(
            name,
            metadata={
                "name": args.namespace,
                "labels": {
                    **args.labels,
                    "pod-security.kubernetes.io/enforce": "restricted",
                    "pod-security.kubernetes.io/audit": "restricted",
                    "pod-security.kubernetes.io/warn": "restricted",
                },
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.namespace = namespace.metadata["name"]
        inside = pulumi.ResourceOptions(parent=self, depends_on=[namespace], deleted_with=namespace)
        self._limits(inside)
        self._people(inside)
        self._walls(inside)
        self.register_outputs({"namespace": self.namespace})

    def _limits(self, inside: pulumi.ResourceOptions) -> None:
        k8s.core.v1.ResourceQuota(
            f"{self._name}.quota",
            metadata=self._metadata("quota"),
            spec={"hard": dict(self._args.quota)},
            opts=inside,
        )
        k8s.core.v1.LimitRange(
            f"{self._name}.limits",
            metadata=self._metadata("limits"),
            spec={
                "limits": [
                    {
                        "type": "Container",
                        "default": dict(self._args.default_limits),
                        "default_request": dict(self._args.default_requests),
                    }
                ]
            },
            opts=inside,
        )

    def _people(self, inside: pulumi.ResourceOptions) -> None:
        for who, grant in self._args.grants.items():
            k8s.rbac.v1.RoleBinding(
                f"{self._name}.{who}",
                metadata=self._metadata(who),
                role_ref={
                    "api_group": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": grant["role"],
                },
                subjects=[
                    {"api_group": "rbac.authorization.k8s.io", "kind": kind, "name": subject}
                    for kind, subjects in (("Group", grant["groups"]), ("User", grant["users"]))
                    for subject in subjects
                ],
                opts=inside,
            )

    def _walls(self, inside: pulumi.ResourceOptions) -> None:
        everyone_here: dict[str, Any] = {"pod_selector": {}}
        dns = {
            "namespace_selector": {"match_labels": {"kubernetes.io/metadata.name": "kube-system"}},
            "pod_selector": {"match_labels": {"k8s-app": "kube-dns"}},
        }
        policies: Mapping[str, dict[str, Any]] = {
            "default-deny": {"policy_types": ["Ingress", "Egress"]},
            "allow-dns": {
                "policy_types": ["Egress"],
                "egress": [
                    {
                        "to": [dns],
                        "ports": [
                            {"port": 53, "protocol": "UDP"},
                            {"port": 53, "protocol": "TCP"},
                        ],
                    }
                ],
            },
            "allow-same-namespace": {
                "policy_types": ["Ingress", "Egress"],
                "ingress": [{"from_": [everyone_here]}],
                "egress": [{"to": [everyone_here]}],
            },
        }
        for policy, spec in policies.items():
            k8s.networking.v1.NetworkPolicy(
                f"{self._name}.{policy}",
                metadata=self._metadata(policy),
                spec={"pod_selector": {}, **spec},
                opts=inside,
            )

    def _metadata(self, name: str) -> dict[str, Any]:
        return {"name": name, "namespace": self._args.namespace, "labels": dict(self._args.labels)}

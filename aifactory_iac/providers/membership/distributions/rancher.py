"""`config.yaml` of RKE2 and K3s, which share their options where they share their meaning.

Sources: the two projects' server and agent references, and their CIS hardening guides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from aifactory_iac.providers.membership.distributions.audit import LOG_FLAGS
from aifactory_iac.providers.membership.distributions.control_plane import (
    API_PORT,
    ControlPlane,
    Material,
)

SUPERVISOR_PORT = {"rke2": 9345, "k3s": API_PORT}
"""Where nodes join: RKE2 has a port of its own for it."""

PROVIDER_SINCE = (1, 33)
"""Minor release all of whose RKE2 releases can choose how secrets are encrypted."""

CONTROL_PLANE_TAINT = "node-role.kubernetes.io/control-plane=true:NoSchedule"


@dataclass(frozen=True, slots=True)
class Config:
    """The options that are used, and no others; a dash on disk is an underscore here."""

    node_name: str
    token_file: str
    server: str | None = None
    cluster_init: bool | None = None
    tls_san: Sequence[str] | None = None
    write_kubeconfig_mode: str | None = None
    profile: str | None = None
    protect_kernel_defaults: bool | None = None
    secrets_encryption: bool | None = None
    secrets_encryption_provider: str | None = None
    audit_policy_file: str | None = None
    kube_apiserver_arg: Sequence[str] | None = None
    node_taint: Sequence[str] | None = None

    def document(self) -> dict[str, Any]:
        """As it stands on disk; what is not set is left out."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {
            name.replace("_", "-"): list(value) if isinstance(value, tuple) else value
            for name, value in values
            if value is not None
        }


def server(plane: ControlPlane, host: str) -> Config:
    """Of one server; the first begins the cluster and must be up before the others."""
    first = host == plane.servers[0]
    k3s = plane.distribution == "k3s"
    provider = not k3s and plane.encrypt and (plane.minor or PROVIDER_SINCE) >= PROVIDER_SINCE
    return Config(
        node_name=host,
        token_file=token_file(plane),
        server=None if first else join_url(plane),
        cluster_init=True if k3s and first else None,
        tls_san=tuple(plane.subject_names),
        write_kubeconfig_mode="0600",
        profile="cis" if plane.hardened and not k3s else None,
        protect_kernel_defaults=True if plane.hardened and k3s else None,
        secrets_encryption=True if k3s and plane.encrypt else None,
        secrets_encryption_provider="secretbox" if provider else None,
        audit_policy_file=f"{folder(plane)}/audit-policy.yaml" if plane.audit and not k3s else None,
        kube_apiserver_arg=_api_flags(plane, k3s=k3s) or None,
        node_taint=(CONTROL_PLANE_TAINT,),
    )


def agent(plane: ControlPlane) -> Config:
    """Of every other machine; its install puts its own host name in place of `HOSTNAME`."""
    return Config(
        node_name="HOSTNAME",
        token_file=token_file(plane),
        server=join_url(plane),
        profile="cis" if plane.hardened and plane.distribution == "rke2" else None,
        protect_kernel_defaults=True if plane.hardened and plane.distribution == "k3s" else None,
    )


def material(plane: ControlPlane) -> tuple[Material, ...]:
    """The token, which the first server makes up when it finds none."""
    remedy = "a token of your choice, the same on all; without one the first server makes it"
    return (Material(token_file(plane), remedy, plane.join),)


def folder(plane: ControlPlane) -> str:
    """Where the distribution looks for its configuration."""
    return f"/etc/rancher/{plane.distribution}"


def token_file(plane: ControlPlane) -> str:
    """Where the machine finds what it joins with."""
    return f"{folder(plane)}/token"


def join_url(plane: ControlPlane) -> str:
    """Where a machine joins."""
    return f"https://{plane.address}:{SUPERVISOR_PORT[plane.distribution]}"


def _api_flags(plane: ControlPlane, *, k3s: bool) -> tuple[str, ...]:
    if not plane.audit:
        return ()
    log = f"/var/lib/rancher/{plane.distribution}/server/logs/audit.log"
    policy = [("audit-policy-file", f"{folder(plane)}/audit-policy.yaml")] if k3s else []
    pairs = [*policy, ("audit-log-path", log), *LOG_FLAGS]
    return tuple(f"{name}={value}" for name, value in pairs)

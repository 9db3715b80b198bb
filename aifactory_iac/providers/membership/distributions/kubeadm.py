"""kubeadm's configuration: `init` on the first server, `join` on all others.

`kubeadm.k8s.io/v1beta4` came with 1.31, where flags became lists of name and value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.membership.distributions.audit import LOG_FLAGS
from aifactory_iac.providers.membership.distributions.control_plane import (
    API_PORT,
    ControlPlane,
    Material,
)

LISTS_SINCE = (1, 31)

AUDIT_POLICY = "/etc/kubernetes/audit-policy.yaml"
AUDIT_LOGS = "/var/log/kubernetes/audit"
ENCRYPTION = "/etc/kubernetes/encryption.yaml"
BOOTSTRAP = "/etc/kubernetes/bootstrap.conf"
"""Kubeconfig with a short-lived token of one machine, and the cluster's authority in it."""

Document = dict[str, Any]


def init(plane: ControlPlane) -> tuple[Document, ...]:
    """Of the first server."""
    return (
        {"apiVersion": _version(plane), "kind": "InitConfiguration", **_node(plane.servers[0])},
        _cluster(plane),
        _kubelet(plane),
    )


def join(plane: ControlPlane, host: str | None = None) -> tuple[Document, ...]:
    """Of another server, or without a host of any other machine."""
    server: Document = {"controlPlane": {}} if host else {}
    return (
        {
            "apiVersion": _version(plane),
            "kind": "JoinConfiguration",
            "discovery": {"file": {"kubeConfigPath": BOOTSTRAP}},
            **server,
            **_node(host or "HOSTNAME"),
        },
    )


def material(plane: ControlPlane) -> tuple[Material, ...]:
    """What a machine needs beside its files."""
    token = "made on the first server, for one machine and an hour: `kubeadm token create`"  # noqa: S105
    found = [Material(BOOTSTRAP, token, plane.join)]
    if plane.encrypt:
        key = "an EncryptionConfiguration with a key of your own, the same on all servers"
        found.append(Material(ENCRYPTION, key))
    if len(plane.servers) > 1:
        copied = (
            "ca, sa, front-proxy-ca and etcd/ca as `kubeadm init` made them on the first server"
        )
        found.append(Material("/etc/kubernetes/pki", copied))
    return tuple(found)


def _cluster(plane: ControlPlane) -> Document:
    version = {"kubernetesVersion": _release(plane.version)} if plane.version else {}
    flags: dict[str, str] = {}
    volumes: list[Document] = []
    if plane.audit:
        flags |= {"audit-policy-file": AUDIT_POLICY, "audit-log-path": f"{AUDIT_LOGS}/audit.log"}
        flags |= dict(LOG_FLAGS)
        volumes += [
            _volume("audit-policy", AUDIT_POLICY, "File", read_only=True),
            _volume("audit-logs", AUDIT_LOGS, "DirectoryOrCreate", read_only=False),
        ]
    if plane.encrypt:
        flags["encryption-provider-config"] = ENCRYPTION
        volumes.append(_volume("encryption", ENCRYPTION, "File", read_only=True))
    if plane.hardened:
        flags |= {"profiling": "false", "tls-min-version": "VersionTLS12"}
    server: Document = {"certSANs": plane.subject_names}
    if flags:
        server["extraArgs"] = _flags(plane, flags)
    if volumes:
        server["extraVolumes"] = volumes
    quiet = {"extraArgs": _flags(plane, {"profiling": "false"})} if plane.hardened else {}
    return {
        "apiVersion": _version(plane),
        "kind": "ClusterConfiguration",
        "clusterName": plane.name,
        "controlPlaneEndpoint": f"{plane.address}:{API_PORT}",
        **version,
        "apiServer": server,
        **({"controllerManager": quiet, "scheduler": quiet} if quiet else {}),
    }


def _kubelet(plane: ControlPlane) -> Document:
    hardened = {"protectKernelDefaults": True, "readOnlyPort": 0, "serverTLSBootstrap": True}
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "rotateCertificates": True,
        **(hardened if plane.hardened else {}),
    }


def _node(host: str) -> Document:
    return {"nodeRegistration": {"name": host, "imagePullPolicy": "IfNotPresent"}}


def _flags(plane: ControlPlane, flags: Mapping[str, str]) -> Any:
    if _version(plane).endswith("v1beta3"):
        return dict(sorted(flags.items()))
    return [{"name": name, "value": value} for name, value in sorted(flags.items())]


def _version(plane: ControlPlane) -> str:
    lists = (plane.minor or LISTS_SINCE) >= LISTS_SINCE
    return f"kubeadm.k8s.io/{'v1beta4' if lists else 'v1beta3'}"


def _release(version: str) -> str:
    """A whole version as kubeadm wants it, else a channel that it looks up on the internet."""
    plain = version.removeprefix("v")
    return f"v{plain}" if plain.count(".") == 2 else f"stable-{plain}"


def _volume(name: str, path: str, kind: str, *, read_only: bool) -> Document:
    return {
        "name": name,
        "hostPath": path,
        "mountPath": path,
        "readOnly": read_only,
        "pathType": kind,
    }

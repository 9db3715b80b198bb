"""A Kubernetes control plane as it is to be, whatever brings it about."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.resource import Properties

API_PORT = 6443

OLDEST = (1, 28)
"""The oldest minor release whose files we know; older ones have other kubeadm versions."""

_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:\+(rke2r|k3s)(\d+))?")
_RELEASES_OF = {"rke2r": "rke2", "k3s": "k3s"}


@dataclass(frozen=True, slots=True)
class Material:
    """A secret file that a machine needs and that is never rendered.

    `reference` is where it is kept; without one, `remedy` says how it comes to be there.
    """

    path: str
    remedy: str
    reference: Mapping[str, str] | None = None

    def document(self) -> dict[str, Any]:
        """As the install reads it."""
        reference = {"reference": dict(self.reference)} if self.reference else {}
        return {"path": self.path, "mode": "0600", **reference, "remedy": self.remedy}


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Servers are in the order of their names: the first one begins, the others join it."""

    name: str
    distribution: str
    version: str
    servers: Sequence[str]
    address: str
    names: Sequence[str]
    encrypt: bool
    audit: bool
    hardened: bool
    allowed: Sequence[str]
    join: Mapping[str, str] | None

    @classmethod
    def of(cls, name: str, inputs: Properties) -> ControlPlane:
        """From checked inputs."""
        servers = sorted(inputs["servers"])
        return cls(
            name=name,
            distribution=inputs["distribution"],
            version=inputs.get("version") or "",
            servers=servers,
            address=inputs.get("address") or servers[0],
            names=sorted(inputs.get("names") or ()),
            encrypt=inputs["encryptSecrets"],
            audit=inputs["auditLogs"],
            hardened=inputs["hardening"] == "cis",
            allowed=sorted(inputs["allowed"]),
            join=inputs.get("join"),
        )

    @property
    def subject_names(self) -> list[str]:
        """Names and addresses that the API server's certificate is to be good for."""
        return sorted({self.address, *self.servers, *self.names})

    @property
    def minor(self) -> tuple[int, int] | None:
        """Major and minor release; None while no version was given."""
        found = _VERSION.fullmatch(self.version)
        return (int(found[1]), int(found[2])) if found else None


def version_problem(distribution: str, version: str) -> str:
    """What is wrong with a version; empty when nothing is."""
    found = _VERSION.fullmatch(version)
    if not found:
        return f"is {version!r}, no version such as `1.34`, `1.34.2` or `v1.34.2+rke2r1`"
    maker = _RELEASES_OF.get(found[4] or "", distribution)
    if maker != distribution:
        return f"is {version!r}, a release of {maker}, not of {distribution}"
    if (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return f"is {version!r}, older than {oldest}, the oldest whose files are known here"
    return ""

"""How a cluster stands: what it says of itself, held against what it is to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Encryption = Literal["seen", "not seen", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One look. `ready` and `nodes` are names; `encryption` is what the API server's metrics tell.

    `kept` are the nodes of each tenant.
    """

    identity: str
    version: str
    nodes: Sequence[str]
    ready: Sequence[str]
    encryption: Encryption = "unknown"
    kept: Mapping[str, Sequence[str]] | None = None

    def document(self) -> dict[str, Any]:
        """As it is kept in the state: nothing in it changes while the cluster does not."""
        return {
            "identity": self.identity,
            "version": self.version,
            "nodes": len(self.nodes),
            "ready": len(self.ready),
            "encryption": self.encryption,
            **({"kept": {k: list(v) for k, v in self.kept.items()}} if self.kept else {}),
        }

    def missing(
        self, servers: Sequence[str], nodes: Sequence[str], version: str, *, encrypt: bool
    ) -> list[str]:
        """What is not as it is to be, one text each."""
        absent = [f"server {each} is not a node yet" for each in servers if each not in self.nodes]
        silent = [
            f"server {each} is not ready"
            for each in servers
            if each in self.nodes and each not in self.ready
        ]
        unknown = [f"node {each} is not known to it" for each in nodes if each not in self.nodes]
        found = [*absent, *silent, *unknown]
        if version and not runs(self.version, version):
            found.append(f"it runs {self.version}, not {version}")
        if encrypt and self.encryption == "not seen":
            found.append("its API server does not encrypt secrets")
        return found

    def short(self, reservations: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
        """Tenants that have fewer nodes of their own than are kept for them, one text each."""
        wanted = {
            tenant: sum(share["nodes"] for share in shares)
            for tenant, shares in reservations.items()
        }
        having = {tenant: len((self.kept or {}).get(tenant, ())) for tenant in wanted}
        return [
            f"tenant {tenant} has {having[tenant]} of {number} nodes of its own"
            for tenant, number in sorted(wanted.items())
            if having[tenant] < number
        ]


def runs(now: str, wanted: str) -> bool:
    """Whether a release is the wanted one, or one of a wanted minor release."""
    one, other = now.removeprefix("v"), wanted.removeprefix("v")
    return one == other or one.startswith((f"{other}.", f"{other}+", f"{other}-"))

"""The cluster that drains a group's machines: reached only once a machine has to be drained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.membership.connection import access_text, connected
from aifactory_iac.providers.membership.drain import DrainProof, Drains, SchedulerError
from aifactory_iac.providers.membership.draining import Draining
from aifactory_iac.providers.membership.policy import DrainPolicy
from aifactory_iac.providers.secrets import SecretError
from aifactory_iac.providers.surroundings import Surroundings


@dataclass
class ClusterDrains:
    """`Drains` of the cluster that a group's inputs name; one connection for all its machines."""

    cluster: Mapping[str, Any]
    owner: str
    around: Surroundings
    held: AsyncExitStack
    _draining: Draining | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def drain(self, node: str, deadline: float) -> DrainProof:
        """As `Drains.drain` says."""
        return await (await self._open()).drain(node, deadline)

    async def resume(self, proof: DrainProof) -> None:
        """As `Drains.resume` says."""
        await (await self._open()).resume(proof)

    async def proof(self, node: str) -> DrainProof | None:
        """As `Drains.proof` says."""
        return await (await self._open()).proof(node)

    async def _open(self) -> Draining:
        async with self._opening:
            if self._draining is None:
                self._draining = await self._connected()
            return self._draining

    async def _connected(self) -> Draining:
        """Raises `SchedulerError`, also when the way to the cluster is not known yet."""
        cluster, around = self.cluster, self.around
        kind = cluster.get("kind", "kubernetes")
        try:
            text = access_text(around, cluster["id"], cluster.get("access"))
            scheduler = await self.held.enter_async_context(
                connected(kind, text, self.owner, around)
            )
        except SecretError as error:
            raise SchedulerError(f"{cluster['id']}: {error}") from None
        return Draining(
            scheduler,
            around.clock,
            DrainPolicy.of(cluster.get("policy") or {}),
            reason="is updated",
            pace=around.settings.pace,
            held_back=self._held_back,
        )

    def _held_back(self) -> str:
        if self.around.cancelled.is_set():
            return "the run was cancelled"
        return "writes are frozen" if self.around.frozen else ""


@asynccontextmanager
async def drains_of(
    cluster: Mapping[str, Any] | None, owner: str, around: Surroundings
) -> AsyncIterator[Drains | None]:
    """What drains a group's machines, closed at the end; None where no cluster is named."""
    if not cluster:
        yield None
        return
    async with AsyncExitStack() as held:
        yield ClusterDrains(cluster, owner, around, held)

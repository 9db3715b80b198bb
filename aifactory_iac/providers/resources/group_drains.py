"""The cluster that drains a group's machines: reached only once a machine has to be drained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.membership.connection import drains
from aifactory_iac.providers.membership.drain import DrainProof, Drains
from aifactory_iac.providers.surroundings import Surroundings


@dataclass
class ClusterDrains:
    """`Drains` of the cluster that a group's inputs name; one connection for all its machines."""

    cluster: Mapping[str, Any]
    owner: str
    around: Surroundings
    held: AsyncExitStack
    _draining: Drains | None = None
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

    async def _open(self) -> Drains:
        async with self._opening:
            if self._draining is None:
                cluster = self.cluster
                self._draining = await self.held.enter_async_context(
                    drains(
                        cluster["id"],
                        cluster.get("kind", "kubernetes"),
                        self.owner,
                        self.around,
                        access=cluster.get("access"),
                        policy=cluster.get("policy"),
                        reason="is updated",
                    )
                )
            return self._draining


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

"""UFM's REST interface for P_Keys ("PKey GUIDs Rest API", UFM Enterprise REST API guide).

Members are set with PUT, which replaces them as a whole; POST would add, and ignores memberships
that differ by port. The default partition and the
routing engine are UFM's own settings, which this interface does not change.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.switches.errors import (
    LostAnswerError,
    RefusedError,
    SwitchError,
    UnprovenError,
)
from aifactory_iac.providers.switches.partitions.declared import DEFAULT_PKEY, guid
from aifactory_iac.providers.switches.partitions.manager import Held, MayWrite, differences
from aifactory_iac.providers.switches.partitions.members import Partition
from aifactory_iac.providers.switches.rest import Rest

PORT = 443
BASE = "/ufmRest/resources"


class UfmManager:
    """One UFM."""

    def __init__(self, rest: Rest) -> None:
        """Takes the server, based at `BASE`."""
        self._rest = rest

    async def read(self) -> Held:
        """All partitions with their members."""
        answer = await self._rest.get("/pkeys", {"guids_data": "true"})
        if answer.status != 200 or not isinstance(answer.body, Mapping):
            raise SwitchError(f"{self._name} does not show its P_Keys: {answer.detail}")
        return Held({int(key, 16) & 0x7FFF: _members(body) for key, body in answer.body.items()})

    async def bring(
        self, partitions: Sequence[Partition], routing: str, ours: frozenset[int], may: MayWrite
    ) -> Held:
        """Partition by partition; each is read back."""
        held = await self.read()
        for each in partitions:
            if not each.is_default and differences((each,), frozenset(), held):
                may(f"partition {each.name} of {self._name}")
                await self._set(each, held)
        for pkey in sorted(ours - {each.pkey for each in partitions} - {DEFAULT_PKEY}):
            if pkey in held.pkeys:
                may(f"the end of partition 0x{pkey:04x} of {self._name}")
                await self._delete(pkey)
        now = await self.read()
        left = differences(partitions, ours, now)
        if left:
            raise UnprovenError(f"{self._name} took everything, but differs at {', '.join(left)}")
        return Held(now.pkeys, remarks=_remarks(partitions, routing))

    async def close(self) -> None:
        """Closes all connections."""
        await self._rest.close()

    async def _set(self, each: Partition, held: Held) -> None:
        pkey = f"0x{each.pkey:x}"
        if each.guids:
            body: dict[str, Any] = {
                "pkey": pkey,
                "guids": [text.removeprefix("0x") for text in each.guids],
                "membership": each.membership,
                "ip_over_ib": True,
                "index0": False,
            }

            async def done() -> bool:
                return not differences((each,), frozenset(), await self.read())

            await self._sent("PUT", "/pkeys", body, done)
            return
        # UFM takes no empty list, and a partition whose last port goes, goes.
        if held.pkeys.get(each.pkey):
            await self._delete(each.pkey)
        await self._add(each.pkey)

    async def _add(self, pkey: int) -> None:
        async def done() -> bool:
            return pkey in (await self.read()).pkeys

        body = {"pkey": f"0x{pkey:x}", "ip_over_ib": True, "index0": False}
        if not await done():
            await self._sent("POST", "/pkeys/add", body, done)

    async def _delete(self, pkey: int) -> None:
        async def done() -> bool:
            return pkey not in (await self.read()).pkeys

        await self._sent("DELETE", f"/pkeys/0x{pkey:x}", None, done)

    async def _sent(
        self, method: str, path: str, body: Any, done: Callable[[], Awaitable[bool]]
    ) -> None:
        """After a lost answer one looks, and sends it once more if it was not done."""
        try:
            answer = await self._rest.send(method, path, body=body)
        except LostAnswerError:
            if await done():
                return
            answer = await self._rest.send(method, path, body=body)
        self._accepted(answer.status, answer.detail, path)

    def _accepted(self, status: int, detail: str, what: str) -> None:
        if status >= 400:
            raise RefusedError(f"{self._name} refused {what}", (detail,))

    @property
    def _name(self) -> str:
        return self._rest.reach.name


def _members(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        guid(str(each["guid"])): str(each.get("membership", "full"))
        for each in body.get("guids", ())
        if isinstance(each, Mapping) and "guid" in each
    }


def _remarks(partitions: Sequence[Partition], routing: str) -> tuple[str, ...]:
    """What is declared and cannot be done here."""
    limited = any(each.is_default and each.membership == "limited" for each in partitions)
    return (
        *(("UFM sets the default partition's membership itself, in gv.cfg",) if limited else ()),
        f"UFM sets its routing engine itself; see that it is {routing}",
    )

"""What every manager of partitions can do for us, wherever it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aifactory_iac.providers.switches.partitions.members import Partition

MayWrite = Callable[[str], None]
"""Raises `HaltedError` when what it is told of may not be begun now."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a manager has: membership by port GUID, by P_Key; and remarks for the user."""

    pkeys: Mapping[int, Mapping[str, str]]
    routing: str | None = None
    serial: str = ""
    remarks: tuple[str, ...] = field(default=())


class PartitionManager(Protocol):
    """One subnet manager. Every method may raise the errors of `switches/errors.py`."""

    async def read(self) -> Held:
        """What it has now. Writes nothing."""
        ...

    async def bring(
        self, partitions: Sequence[Partition], routing: str, ours: frozenset[int], may: MayWrite
    ) -> Held:
        """Brings it to what is wanted, and reads it back.

        `ours` are the P_Keys that we had it have before: what of them is no longer wanted goes.
        All others are nobody's business.
        """
        ...

    async def close(self) -> None:
        """Drops every connection."""
        ...


def differences(
    partitions: Sequence[Partition], ours: frozenset[int], held: Held
) -> dict[str, dict[str, object]]:
    """By property path: what is wanted and what the manager has instead."""
    found: dict[str, dict[str, object]] = {}
    for each in partitions:
        if each.is_default:
            everybody = held.pkeys.get(each.pkey, {}).get("ALL", each.membership)
            if everybody != each.membership:
                at = f"partitions.{each.name}.membership"
                found[at] = {"wanted": each.membership, "found": everybody}
            continue
        there = dict(held.pkeys.get(each.pkey, {}))
        expected = dict.fromkeys(each.guids, each.membership)
        if each.pkey not in held.pkeys or there != expected:
            shown = there if each.pkey in held.pkeys else None
            found[f'partitions["{each.name}"]'] = {"wanted": expected, "found": shown}
    for pkey in sorted(ours - {each.pkey for each in partitions}):
        if pkey in held.pkeys:
            found[f'partitions["0x{pkey:04x}"]'] = {
                "wanted": None,
                "found": dict(held.pkeys[pkey]),
            }
    return found

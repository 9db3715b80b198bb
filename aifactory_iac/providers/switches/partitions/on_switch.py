"""The subnet manager of a managed switch: partitions as part of its configuration.

They go the same way as ports do: as one transaction with a job that takes them back, saved only
once the switch was seen again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aifactory_iac.providers.surroundings import Surroundings
from aifactory_iac.providers.switches.driver import SwitchDriver
from aifactory_iac.providers.switches.journal import Journal
from aifactory_iac.providers.switches.partitions.declared import guid
from aifactory_iac.providers.switches.partitions.manager import Held, MayWrite
from aifactory_iac.providers.switches.partitions.members import Partition
from aifactory_iac.providers.switches.transaction import Declared, Recognises, Transaction
from aifactory_iac.providers.switches.tree import Tree


class SwitchManager:
    """One switch with a subnet manager."""

    def __init__(
        self,
        driver: SwitchDriver,
        address: str,
        intent: str,
        before: Sequence[Partition],
        recognises: Recognises,
        confirm_seconds: int,
        around: Surroundings,
    ) -> None:
        """Takes an MLNX-OS driver, and what we had it have before."""
        self._driver = driver
        self._address = address
        self._intent = intent
        self._before = before
        self._recognises = recognises
        self._confirm_seconds = confirm_seconds
        self._around = around

    async def read(self) -> Held:
        """What `show ib partition` says."""
        running = await self._driver.read()
        self._recognises(running.identity)
        return _held(running.tree, running.identity.serial)

    async def bring(
        self,
        partitions: Sequence[Partition],
        routing: str,
        ours: frozenset[int],  # noqa: ARG002 - the transaction knows it by name
        may: MayWrite,  # noqa: ARG002 - the transaction asks before every write of its own
    ) -> Held:
        """As one transaction."""
        transaction = Transaction(
            driver=self._driver,
            declared=Declared(
                name=self._address,
                intent=self._intent,
                config=_declared(partitions, routing),
                before=_declared(self._before, None),
                confirm_seconds=self._confirm_seconds,
            ),
            recognises=self._recognises,
            journal=Journal.of(self._around.settings.state_dir, self._address),
            around=self._around,
        )
        outcome = await transaction.run()
        return _held(outcome.running.tree, outcome.running.identity.serial)

    async def close(self) -> None:
        """Drops every connection."""
        await self._driver.close()


def _declared(partitions: Sequence[Partition], routing: str | None) -> dict[str, Any]:
    shown: Mapping[str, Any] = {
        each.name: {
            "pkey": f"0x{each.pkey:04x}",
            "members": {"ALL": each.membership}
            if each.is_default
            else dict.fromkeys(each.guids, each.membership),
        }
        for each in partitions
    }
    return {"ib": {"partitions": shown, **({"routing": routing} if routing else {})}}


def _held(tree: Tree, serial: str) -> Held:
    return Held(
        {
            int(each["pkey"], 16): {
                name if name == "ALL" else guid(name): kind for name, kind in each["member"].items()
            }
            for each in tree.get("partition", {}).values()
            if each.get("pkey")
        },
        routing=tree.get("sm", {}).get("routing-engines"),
        serial=serial,
    )

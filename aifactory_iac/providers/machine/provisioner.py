"""What can bring machines to their desired state: one small protocol, several back ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.result import MachineResult


class Gate(Protocol):
    """What lets a machine be disturbed: budgets of its group, rack and breaker, watts a minute."""

    def disturbance(self, intent: MachineIntent) -> AbstractAsyncContextManager[None]:
        """Held while a machine is out of service or may be; waits for a free place.

        Raises:
            ClosedError: Too many failed, or the run was asked to stop: nothing more is disturbed.
                On a stop the others raise it as well.
        """
        ...

    async def power_on(self, intent: MachineIntent) -> None:
        """Waits until the machine's watts may be drawn."""
        ...

    def flash(self, intent: MachineIntent) -> AbstractAsyncContextManager[None]:
        """Held while firmware is written."""
        ...

    def upload(self, intent: MachineIntent) -> AbstractAsyncContextManager[None]:
        """Held while a package is sent to a BMC."""
        ...


class ClosedError(Exception):
    """The gate lets nobody through any more; the text says why."""


class OpenGate:
    """Lets everybody through: for a single machine, whose own budgets still hold."""

    @asynccontextmanager
    async def disturbance(self, intent: MachineIntent) -> AsyncIterator[None]:  # noqa: ARG002
        """Held at once."""
        yield

    async def power_on(self, intent: MachineIntent) -> None:
        """At once."""

    @asynccontextmanager
    async def flash(self, intent: MachineIntent) -> AsyncIterator[None]:  # noqa: ARG002
        """Held at once."""
        yield

    @asynccontextmanager
    async def upload(self, intent: MachineIntent) -> AsyncIterator[None]:  # noqa: ARG002
        """Held at once."""
        yield


class Provisioner(Protocol):
    """One way to act on machines. Nothing of it raises for a machine: the result says what failed.

    Every method may be called again after a kill at any moment, and never does twice what it may
    have done already.
    """

    async def observe(self, intent: MachineIntent, before: MachineResult | None) -> MachineResult:
        """Looks, without a write. A machine that is not reached comes back as `before`, stale."""
        ...

    async def converge(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        """Brings one machine to its intent, as far as every check and budget allows."""
        ...

    async def release(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        """Lets a machine go: power and disks stay, unless a wipe is the policy and is proven."""
        ...

    async def close(self) -> None:
        """Ends sessions and connections."""
        ...

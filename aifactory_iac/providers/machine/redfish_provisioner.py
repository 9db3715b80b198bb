"""The direct back end: machines through the Redfish of their own controllers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aifactory_iac.providers.machine import decide as deciding
from aifactory_iac.providers.machine.converge import Converging
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.look import Looker
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.provisioner import ClosedError, Gate
from aifactory_iac.providers.machine.publishing import Publishing
from aifactory_iac.providers.machine.record import BusyMachineError, Record, Records
from aifactory_iac.providers.machine.result import MachineResult, Quarantine
from aifactory_iac.providers.machine.steps import wipe
from aifactory_iac.providers.machine.steps.step import World
from aifactory_iac.providers.machine.tools import LeftAloneError, StoppedError, Tools
from aifactory_iac.providers.membership.drain import Drains, SchedulerError
from aifactory_iac.providers.provisioning.folder import Folder
from aifactory_iac.providers.provisioning.seeds import Seeds
from aifactory_iac.providers.redfish.attribute_registry import AttributeRegistries
from aifactory_iac.providers.redfish.client import Reach, ReadRetries, RedfishClient
from aifactory_iac.providers.redfish.connections import Connections, HttpConnections
from aifactory_iac.providers.redfish.credential_marks import CredentialMarks
from aifactory_iac.providers.redfish.outcome import (
    ForbiddenError,
    RedfishError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.session_ledger import SessionLedger
from aifactory_iac.providers.redfish.trust import TrustError, TrustPolicy
from aifactory_iac.providers.secrets import Credentials, SecretError
from aifactory_iac.providers.surroundings import Surroundings

Tell = Callable[[str, str], None]
"""Machine and what happens to it, for people."""


@dataclass
class RedfishProvisioner:
    """A `Provisioner` over Redfish. Made and closed inside one event loop."""

    around: Surroundings
    provisioning: Folder | None = None
    """What the site's provisioning service serves from; without it nothing can be installed."""
    drains: Drains | None = None
    tell: Tell = lambda _name, _what: None
    retries: ReadRetries = field(default_factory=ReadRetries)
    connections: Connections | None = None
    _seeds: Seeds | None = None
    _learnt: set[str] = field(default_factory=set)

    async def observe(self, intent: MachineIntent, before: MachineResult | None) -> MachineResult:
        """Looks, without a write. A machine that is not reached comes back as `before`, stale."""
        try:
            async with self._looker(intent) as looker:
                whole = before is None or not before.identity.known
                record = Record()
                parts = deciding.parts(intent, record, whole=whole)
                seen = await looker.look(intent, parts, self.around.clock.now())
                against = list(intent.identity.contradictions(seen.identity))
                known = intent.identity.completed(seen.identity)
                if known.known:
                    record = self._records().read(known)
                profile = await looker.profile()
                await self._learn(seen, looker.client)
        except _UNREACHED as error:
            return _unreached(intent, before, error)
        if against:
            return _left_alone(
                intent, before, f"is not the machine that is meant: {'; '.join(against)}"
            )
        world = World(seen.at, self.around.settings.pace, profile)
        decision = deciding.decide(replace(intent, identity=known), seen, record, world)
        state = deciding.state_of(intent, record, decision)
        if state is State.QUARANTINED:
            state = State.NONCONFORMANT
        return _result(intent, state, known, seen, record)

    async def converge(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        """Brings one machine to its intent, as far as every check and budget allows."""
        if intent.owner != "managed":
            return await self.observe(intent, before)
        return await self._run(intent, before, gate, lambda tools: Converging(intent, tools))

    async def release(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        """Detaches what we attached; power stays, and disks unless policy and approval say wipe."""
        gone = MachineResult(intent.name, State.DETACHED, intent.identity)
        if intent.owner != "managed" or not intent.identity.known:
            return gone
        bare = MachineIntent(
            name=intent.name,
            controller=intent.controller,
            identity=intent.identity,
            place=intent.place,
            protected=intent.protected,
            drain=intent.drain,
            drain_seconds=intent.drain_seconds,
            approval=intent.approval,
            wipe=wipe.allowed(intent, self.around.clock.now()),
        )
        record = self._records().read(intent.identity)
        if not (record.attached or record.kept or bare.wipe):
            return gone
        done = await self._run(
            bare,
            before,
            gate,
            lambda tools: Converging(
                bare,
                tools,
                parts_of=deciding.releasing_parts,
                decide=deciding.releasing,
                state_of=deciding.releasing_state,
            ),
        )
        return replace(done, state=State.DETACHED) if done.settled else done

    async def verify(
        self, intent: MachineIntent, own: Credentials, factory: Credentials | None
    ) -> tuple[str, ...]:
        """What the machine behind a controller is different in, by whichever login lets us look.

        A factory credential that may only change its password lets nobody look: nothing is known
        then, and the accounts are the only thing that can be written.
        """
        client = self.client(intent)
        client.credentials = own
        looker = Looker(client, intent.controller.system)
        try:
            seen = await looker.look(intent, frozenset(), self.around.clock.now())
        except UnauthorizedError:
            if factory is None:
                raise
            return ()
        finally:
            await client.close()
        return tuple(intent.identity.contradictions(seen.identity))

    async def close(self) -> None:
        """Closes all connections."""
        if self.connections is not None:
            await self.connections.close()
            self.connections = None

    async def _run(
        self,
        intent: MachineIntent,
        before: MachineResult | None,
        gate: Gate,
        make: Callable[[Tools], Converging],
    ) -> MachineResult:
        converging: Converging | None = None
        try:
            async with self._looker(intent) as looker:
                converging = make(self._tools(intent, looker, gate))
                await converging.run()
        except _UNREACHED as error:
            return _after(converging, _unreached(intent, before, error))
        except (StoppedError, BusyMachineError, ClosedError) as error:
            return _after(converging, _stopped(intent, before, str(error)))
        except (LeftAloneError, SchedulerError) as error:
            return _after(converging, _left_alone(intent, before, str(error)))
        return _of(converging)

    def _tools(self, intent: MachineIntent, looker: Looker, gate: Gate) -> Tools:
        around = self.around
        if self._seeds is None and self.provisioning is not None:
            self._seeds = Seeds.of(self.provisioning, around.clock.now)
        return Tools(
            looker=looker,
            records=self._records(),
            publishing=Publishing(
                self._seeds,
                lambda reference: around.secrets.text(reference.model_dump()).strip(),
                lambda what: self.tell(intent.name, what),
            ),
            drains=self.drains,
            clock=around.clock,
            pace=around.settings.pace,
            gate=gate,
            cancelled=around.cancelled.is_set,
            tell=lambda what: self.tell(intent.name, what),
        )

    @asynccontextmanager
    async def _looker(self, intent: MachineIntent) -> AsyncIterator[Looker]:
        """A conversation with the machine's controller, whose session ends with it."""
        client = self.client(intent)
        try:
            yield Looker(client, intent.controller.system)
        finally:
            await client.close()

    def client(self, intent: MachineIntent) -> RedfishClient:
        """A client of the machine's controller. Raises `SecretError`, `TrustError`."""
        controller, around = intent.controller, self.around
        if self.connections is None:
            self.connections = HttpConnections()
        credentials = around.credentials(controller.credentials) if controller.credentials else None
        lab = around.settings.lab
        ca = lab.ca if lab is not None and lab.ca else str(around.settings.site_ca or "")
        trust = TrustPolicy(controller.trust, ca, controller.fingerprint)
        trust.context()
        state = around.settings.state_dir
        return RedfishClient(
            address=controller.address,
            base=around.endpoint(controller.address) or f"https://{controller.address}",
            trust=trust,
            credentials=credentials,
            concurrency=controller.concurrency,
            reach=Reach(
                connections=self.connections,
                clock=around.clock,
                refused=CredentialMarks(state / "refused"),
                ledger=SessionLedger(state / "sessions"),
                may_write=self._may_write,
                retries=replace(
                    self.retries,
                    first=self.retries.first * around.settings.pace,
                    longest=self.retries.longest * around.settings.pace,
                ),
            ),
        )

    async def _learn(self, seen: Observation, client: RedfishClient) -> None:
        """Reads which BIOS attributes there are, from the first machine of its kind."""
        registry = str(seen.raw.get("bios-registry", ""))
        if registry and registry not in self._learnt:
            self._learnt.add(registry)
            folder = self.around.settings.state_dir / "registries"
            await AttributeRegistries(folder).learn(registry, client)

    def _may_write(self) -> str:
        if self.around.frozen:
            return "frozen"
        return "cancelled" if self.around.cancelled.is_set() else ""

    def _records(self) -> Records:
        return Records(self.around.settings.state_dir / "machines")


_UNREACHED = (RedfishError, SecretError, TrustError)


def _of(converging: Converging) -> MachineResult:
    assert converging.seen is not None  # noqa: S101 - it has run to its end
    intent = converging.intent
    found = _result(intent, converging.state, intent.identity, converging.seen, converging.record)
    return replace(found, did=tuple(converging.did))


def _after(converging: Converging | None, failed: MachineResult) -> MachineResult:
    """What a run that did not reach its end has learned nevertheless.

    Nothing of a machine that is not the one that is meant: what is declared of it is not known.
    """
    if converging is None or converging.seen is None or converging.state is State.REACHABLE:
        return failed
    reached = _of(converging)
    return replace(
        reached,
        state=failed.state if failed.quarantine else reached.state,
        error=failed.error,
        quarantine=failed.quarantine,
        stale=failed.stale,
    )


def _result(
    intent: MachineIntent, state: State, identity: Identity, seen: Observation, record: Record
) -> MachineResult:
    return MachineResult(
        name=intent.name,
        state=state,
        identity=identity,
        power=seen.power,
        observed=_declared(intent, seen),
        installed=record.image,
        seen=seen.at,
    )


def _declared(intent: MachineIntent, seen: Observation) -> Mapping[str, Any]:
    """What was seen of that which is declared, and what the machine is."""
    found: dict[str, Any] = {"vendor": seen.vendor, "model": seen.model}
    if intent.bios:
        found["bios"] = {name: seen.bios.get(name) for name in sorted(intent.bios)}
        found["registry"] = str(seen.raw.get("bios-registry", ""))
    if intent.secure_boot is not None:
        found["secureBoot"] = seen.secure_boot
    if intent.firmware:
        found["firmware"] = {
            each.name: seen.firmware.get(each.name, "") for each in intent.firmware
        }
    return found


def _unreached(
    intent: MachineIntent, before: MachineResult | None, error: Exception
) -> MachineResult:
    """Not reached is neither gone nor off: everything stays as it was last seen."""
    kept = before or MachineResult(intent.name, State.DECLARED)
    final = isinstance(error, UnauthorizedError | ForbiddenError | UntrustedError)
    if final:
        return replace(_left_alone(intent, before, str(error)), stale=True)
    return replace(kept, error=str(error), stale=True, did=())


def _stopped(intent: MachineIntent, before: MachineResult | None, why: str) -> MachineResult:
    kept = before or MachineResult(intent.name, State.DECLARED)
    return replace(kept, error=why, did=())


def _left_alone(intent: MachineIntent, before: MachineResult | None, why: str) -> MachineResult:
    kept = before or MachineResult(intent.name, State.DECLARED)
    attempts = kept.quarantine.attempts if kept.quarantine else 0
    return replace(
        kept,
        state=State.QUARANTINED,
        error=why,
        quarantine=Quarantine(why, attempts + 1, 0.0),
        did=(),
    )

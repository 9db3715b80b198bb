"""The back end `ironic`: machines through an OpenStack Ironic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from aifactory_iac.providers.backends.ironic.decide import Seen, World
from aifactory_iac.providers.backends.ironic.node import Node
from aifactory_iac.providers.backends.ironic.releasing import releasing
from aifactory_iac.providers.backends.ironic.rest import Access, IronicRest
from aifactory_iac.providers.backends.ironic.running import Running, Tools
from aifactory_iac.providers.backends.ironic.service import Service
from aifactory_iac.providers.backends.ironic.states import provision
from aifactory_iac.providers.backends.ironic.wishes import Wishes, deployed_image
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.provisioner import ClosedError, Gate, OpenGate
from aifactory_iac.providers.machine.result import MachineResult, Quarantine
from aifactory_iac.providers.machine.steps import wipe
from aifactory_iac.providers.machine.tools import LeftAloneError, StoppedError
from aifactory_iac.providers.membership.drain import Drains
from aifactory_iac.providers.provisioning.folder import Folder
from aifactory_iac.providers.provisioning.seeds import Seeds
from aifactory_iac.providers.redfish.outcome import (
    ForbiddenError,
    RedfishError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.trust import TrustError
from aifactory_iac.providers.secrets import SecretError
from aifactory_iac.providers.surroundings import Surroundings

Tell = Callable[[str, str], None]
"""Machine and what happens to it, for people."""


@dataclass
class IronicProvisioner:
    """A `Provisioner` over Ironic. Made and closed inside one event loop.

    `owner` is the Ironic project that we act for; `authority` is the path of the site's certificate
    authority on the conductor's machine; `deployer` is the URL of Ironic's own deploy ISO, where
    the conductor's settings name none. With `forget`, a release removes the nodes that we enrolled.
    """

    around: Surroundings
    access: Access
    owner: str = ""
    authority: str = ""
    deployer: str = ""
    forget: bool = True
    provisioning: Folder | None = None
    drains: Drains | None = None
    tell: Tell = lambda _name, _what: None
    _service: Service | None = None
    _seeds: Seeds | None = field(default=None, repr=False)

    async def observe(self, intent: MachineIntent, before: MachineResult | None) -> MachineResult:
        """Looks, without a write. An Ironic that is not reached gives back `before`, stale."""
        running = Running(
            intent, World(_nowhere(intent, self.around)), self._tools(OpenGate(), intent)
        )
        try:
            await running.look()
        except _UNREACHED as error:
            return _unreached(intent, before, error)
        against = _contradictions(intent, running.seen)
        if against:
            return _left_alone(
                intent, before, f"is not the machine that is meant: {'; '.join(against)}"
            )
        return self._result(intent, running.seen)

    async def converge(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        """Brings one machine to its intent, as far as every check and budget allows."""
        if intent.owner != "managed":
            return await self.observe(intent, before)
        try:
            world = World(self._wishes(intent), self.owner)
        except SecretError as error:
            return _unreached(intent, before, error)
        return await self._run(Running(intent, world, self._tools(gate, intent)), before)

    async def release(
        self, intent: MachineIntent, before: MachineResult | None, gate: Gate
    ) -> MachineResult:
        """Detaches what Ironic attached for us, and has it forget the node.

        Power and disks stay as they are, unless policy, approval and serial number say wipe.
        Nothing is undeployed otherwise, because Ironic powers off and, by default, erases what it
        undeploys.
        """
        if intent.owner != "managed":
            return MachineResult(intent.name, State.DETACHED, intent.identity)
        running = Running(
            intent,
            World(_nowhere(intent, self.around), self.owner),
            self._tools(gate, intent),
            decide=lambda intent, seen, world: releasing(
                intent,
                seen,
                world,
                forget=self.forget,
                wipe=wipe.allowed(intent, self.around.clock.now()),
            ),
            drives=True,
        )
        done = await self._run(running, before)
        return replace(done, state=State.DETACHED) if done.settled else done

    async def close(self) -> None:
        """Closes all connections."""
        service, self._service = self._service, None
        if service is not None:
            await service.rest.close()

    async def _run(self, running: Running, before: MachineResult | None) -> MachineResult:
        intent = running.intent
        try:
            await running.run()
        except _UNREACHED as error:
            return self._after(running, _unreached(intent, before, error))
        except (StoppedError, ClosedError) as error:
            kept = before or MachineResult(intent.name, State.DECLARED, intent.identity)
            return self._after(running, replace(kept, error=str(error)))
        except LeftAloneError as error:
            return self._after(running, _left_alone(intent, before, str(error)))
        return replace(self._result(intent, running.seen), did=tuple(running.did))

    def _after(self, running: Running, failed: MachineResult) -> MachineResult:
        """What a run that did not reach its end has learned nevertheless."""
        did = tuple(running.did)
        if running.seen.node is None or failed.stale:
            return replace(failed, did=did)
        seen = self._result(running.intent, running.seen)
        state = failed.state if failed.quarantine else seen.state
        return replace(seen, state=state, error=failed.error, quarantine=failed.quarantine, did=did)

    def _result(self, intent: MachineIntent, seen: Seen) -> MachineResult:
        now = self.around.clock.now()
        node = seen.node
        if node is None:
            return MachineResult(intent.name, State.DECLARED, intent.identity, seen=now)
        return MachineResult(
            name=intent.name,
            state=_state(intent, seen, node),
            identity=intent.identity.completed(seen.identity or Identity()),
            power=node.power,
            observed=_observed(node),
            installed=deployed_image(node),
            seen=now,
        )

    def _tools(self, gate: Gate, intent: MachineIntent) -> Tools:
        around = self.around
        if self._service is None:
            rest = IronicRest(
                self.access, around.clock, pace=around.settings.pace, may_write=self._may_write
            )
            self._service = Service(rest)
        if self._seeds is None and self.provisioning is not None:
            self._seeds = Seeds.of(self.provisioning, around.clock.now)
        return Tools(
            service=self._service,
            clock=around.clock,
            pace=around.settings.pace,
            gate=gate,
            drains=self.drains,
            seeds=self._seeds,
            cancelled=around.cancelled.is_set,
            tell=lambda what: self.tell(intent.name, what),
        )

    def _wishes(self, intent: MachineIntent) -> Wishes:
        """Raises `SecretError`."""
        controller = intent.controller
        verify: bool | str = controller.trust != "insecure"
        if controller.trust == "site-ca" and self.authority:
            verify = self.authority
        credentials = None
        if controller.credentials is not None:
            credentials = self.around.credentials(controller.credentials)
        return replace(
            _nowhere(intent, self.around),
            credentials=credentials,
            verify=verify,
            deployer=self.deployer,
        )

    def _may_write(self) -> str:
        if self.around.frozen:
            return "frozen"
        return "cancelled" if self.around.cancelled.is_set() else ""


_UNREACHED = (RedfishError, SecretError, TrustError)


def _nowhere(intent: MachineIntent, around: Surroundings) -> Wishes:
    """Where the BMC is, and nothing that opens it."""
    address = intent.controller.address
    return Wishes(around.endpoint(address) or f"https://{address}")


def _state(intent: MachineIntent, seen: Seen, node: Node) -> State:
    if intent.owner == "external":
        return State.EXTERNAL
    found = provision(node.provision).state
    if node.provision == "manageable" and seen.identity is None:
        return State.REACHABLE
    if intent.owner == "observed" and found is State.AVAILABLE:
        return State.INSPECTED
    return found


def _observed(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"backend": "ironic", "node": node.uuid, "provision": node.provision}
    if node.maintenance is not None:
        found["maintenance"] = node.maintenance
    if node.protected is not None:
        found["protected"] = node.protected
    return found


def _contradictions(intent: MachineIntent, seen: Seen) -> list[str]:
    return list(intent.identity.contradictions(seen.identity)) if seen.identity else []


def _unreached(
    intent: MachineIntent, before: MachineResult | None, error: Exception
) -> MachineResult:
    """Not reached is neither gone nor off: everything stays as it was last seen."""
    kept = before or MachineResult(intent.name, State.DECLARED, intent.identity)
    if isinstance(error, UnauthorizedError | ForbiddenError | UntrustedError):
        return replace(_left_alone(intent, before, str(error)), stale=True)
    return replace(kept, error=str(error), stale=True, did=())


def _left_alone(intent: MachineIntent, before: MachineResult | None, why: str) -> MachineResult:
    kept = before or MachineResult(intent.name, State.DECLARED, intent.identity)
    attempts = kept.quarantine.attempts if kept.quarantine else 0
    return replace(
        kept,
        state=State.QUARANTINED,
        error=why,
        quarantine=Quarantine(why, attempts + 1, 0.0),
        did=(),
    )

"""What is to be done about a node group now: who is brought, who rests, and at what cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Self

from aifactory_iac.providers.fleet.forecast import Forecast, forecast
from aifactory_iac.providers.fleet.group import AS_WANTED
from aifactory_iac.providers.fleet.quarantine import released, resting
from aifactory_iac.providers.fleet.rollout import Wishes
from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.redfish.attribute_registry import (
    AttributeRegistries,
    attribute_failures,
)
from aifactory_iac.providers.resource import Properties
from aifactory_iac.providers.resources.group_intents import (
    budget_of,
    exchanged,
    intents_of,
    wanted_digests,
)
from aifactory_iac.providers.resources.group_state import documents, results_of
from aifactory_iac.providers.surroundings import Surroundings


@dataclass(frozen=True)
class GroupPlan:
    """Inputs and state of a group as values of the fleet."""

    inputs: Properties
    intents: Mapping[str, MachineIntent]
    known: Mapping[str, MachineResult]
    """What is known of each machine; nothing of one that another stands in the place of."""
    digests: Mapping[str, str]
    resting: AbstractSet[str]
    exchanged: Mapping[str, Identity]
    """By machine: who stood in its place before."""
    registries: AttributeRegistries

    @classmethod
    def of(cls, inputs: Properties, state: Properties, around: Surroundings) -> Self:
        """A change of what is wanted of a machine ends its quarantine."""
        now = around.clock.now()
        before, kept, digests = results_of(state), documents(state), wanted_digests(inputs)
        machines = inputs["machines"]
        others = {
            name: before[name].identity
            for name, machine in machines.items()
            if name in before and exchanged(machine, before[name])
        }
        known, still = {}, set()
        for name in machines:
            if name not in before or name in others:
                continue
            same = kept[name].get("wanted") == digests[name]
            if resting(before[name], now, same_intent=same):
                still.add(name)
            ended = before[name].quarantine is not None and not same
            known[name] = released(before[name]) if ended else before[name]
        return cls(
            inputs,
            intents_of(inputs, before),
            known,
            digests,
            frozenset(still),
            others,
            AttributeRegistries(around.settings.state_dir / "registries"),
        )

    @property
    def wishes(self) -> Wishes:
        """What the fleet is asked for."""
        return Wishes(
            intents=self.intents,
            before=self.known,
            budget=budget_of(self.inputs),
            site=self.inputs["site"],
            resting=self.resting,
            spares=self.spares,
            refuse=self.refusal,
        )

    @property
    def spares(self) -> frozenset[str]:
        """Machines that stand by."""
        machines = self.inputs["machines"].items()
        return frozenset(name for name, machine in machines if machine.get("spare"))

    def foretold(self, parallel: int) -> Forecast:
        """What it would cost at most."""
        return forecast(
            self.intents,
            self.known,
            budget_of(self.inputs),
            resting=self.resting,
            exchanged=frozenset(self.exchanged),
            spares=self.spares,
            parallel=parallel,
        )

    def wrong_attributes(self) -> tuple[str, ...]:
        """BIOS attributes that machines are known not to take, before any of them is asked."""
        seen = {str(each.observed.get("registry", "")) for each in self.known.values()}
        return tuple(sorted({text for registry in seen for text in self._attributes(registry)}))

    def _attributes(self, registry: str) -> Iterator[str]:
        entries = self.registries.known(registry) if registry else None
        if entries:
            for name, reason in attribute_failures(self.inputs.get("bios", {}), entries):
                yield f"{joined('bios', name)} {reason}"

    def refusal(self, intent: MachineIntent, seen: MachineResult, now: float) -> str:
        """Why a machine that something is to be done on may not be touched; empty when it may."""
        wrong = "; ".join(self._attributes(str(seen.observed.get("registry", ""))))
        if wrong or intent.install is None:
            return wrong
        approval = intent.approval
        serial = seen.identity.serial
        if intent.name in self.exchanged and not (approval and approval.allows("install", now)):
            was = self.exchanged[intent.name].serial or "not known"
            return (
                f"is another machine than before (serial {serial or 'not given'}, was {was}): to "
                "install it takes an approval of `install`"
            )
        if intent.install.wipe != "never":
            allowed = approval is not None and approval.allows("wipe", now)
            if not allowed or serial not in self.approved_serials:
                return (
                    f"`install.wipe: {intent.install.wipe}` takes an approval of `wipe` that is in "
                    f"force and names its serial {serial or '(not given)'}"
                )
        return ""

    def remembered(self, result: MachineResult) -> MachineResult:
        """What the state is to know; of an exchanged machine that has not got there yet, who was.

        Otherwise the next run would know the new machine, and would ask for no approval any more.
        """
        there = result.settled and result.state in AS_WANTED
        if result.name in self.exchanged and not there:
            return replace(result, identity=self.exchanged[result.name])
        return result

    @property
    def approved_serials(self) -> frozenset[str]:
        """Machines whose disks may be wiped, by serial number."""
        return frozenset(self.inputs.get("approval", {}).get("serials", ()))

    def not_wiped(self, now: float) -> Iterator[str]:
        """What a release leaves on disks although `disks.wipe` asks for more, a line a reason."""
        policy = self.inputs["disks"]["wipe"]
        if policy == "never":
            return
        names: dict[str, list[str]] = defaultdict(list)
        for name, intent in self.intents.items():
            names[self._why_not_wiped(intent, now)].append(name)
        for reason, found in sorted(names.items()):
            if not reason:
                continue
            yield (
                f"disks are left as they are, though `disks.wipe` is `{policy}`: {reason}: "
                f"{', '.join(sorted(found))}"
            )

    def _why_not_wiped(self, intent: MachineIntent, now: float) -> str:
        if intent.owner != "managed":
            return "they are not ours"
        if intent.approval is None or not intent.approval.allows("wipe", now):
            return "no approval of `wipe` is in force"
        if intent.identity.serial not in self.approved_serials:
            return "the approval of `wipe` does not name their serial numbers"
        return ""

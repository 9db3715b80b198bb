"""`NodeGroup`: hundreds of machines as one resource, brought to one desired state together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.backends.choosing import BackendError, provisioner, read_choice
from aifactory_iac.providers.fleet.floor import shared_floor
from aifactory_iac.providers.fleet.group import (
    Crew,
    observe_group,
    release_group,
    still_quarantined,
)
from aifactory_iac.providers.fleet.rollout import bring_group
from aifactory_iac.providers.machine.provisioner import Provisioner
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.provisioning.folder import service_folder
from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Found,
    Made,
    PartialError,
    Properties,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.resources.group_check import failures_of, normal
from aifactory_iac.providers.resources.group_diff import difference
from aifactory_iac.providers.resources.group_drains import drains_of
from aifactory_iac.providers.resources.group_plan import GroupPlan
from aifactory_iac.providers.resources.group_progress import Progress
from aifactory_iac.providers.resources.group_state import (
    document,
    documents,
    ready,
    reasons,
    unreached,
)
from aifactory_iac.providers.surroundings import Surroundings

OUTPUTS = ("results", "ready")

Opening = Callable[[str, Properties, Surroundings], AbstractAsyncContextManager[Provisioner]]


@asynccontextmanager
async def opened(id_: str, inputs: Properties, around: Surroundings) -> AsyncIterator[Provisioner]:
    """The back end that the inputs choose, with the cluster that drains and the boot service."""
    server = inputs.get("provisioningServer")
    async with drains_of(inputs.get("cluster"), id_, around) as drains:
        choice = read_choice(
            inputs.get("backend", {}),
            provisioning=service_folder(around.settings.state_dir, server) if server else None,
            drains=drains,
            tell=lambda machine, what: around.log("debug", f"{machine}: {what}"),
        )
        try:
            found = provisioner(choice, around)
        except BackendError as error:
            raise ProviderError(f"{id_}: {error}") from None
        try:
            yield found
        finally:
            await found.close()


@dataclass(frozen=True)
class NodeGroupType:
    """Node groups; `opening` gives what acts on their machines."""

    opening: Opening = opened
    token: str = "aifactory:metal:NodeGroup"  # noqa: S105 - a type token

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Everything that is wrong, in inputs that are spelled in one way."""
        del old
        inputs = normal(new)
        return Checked(inputs, failures_of(inputs))

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against the inputs, and against machines that were last seen not to be as declared."""
        return difference(old_inputs, state, new)

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """Adopts what is as declared already. The id says site, pool and scalable unit."""
        del name
        if preview:
            _foretell(inputs, {}, around)
            return Made("", {**inputs, **dict.fromkeys(OUTPUTS, UNKNOWN)})
        id_ = f"{inputs['site']}/{inputs['pool']}/{inputs['scalableUnit']}"
        return _made(id_, await self._brought(id_, inputs, {}, around))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """Looks at every machine. One that is not reached is as it was, and stale; none is gone."""
        if not inputs:
            raise ProviderError(
                f"{id_}: a node group cannot be imported by its id alone, which says nothing of "
                "its machines; declare it, and those that are as declared are adopted untouched"
            )
        if inputs.get("bmc") is None:
            return Found({**state, **_nobody_reached(inputs, state)}, inputs)
        plan = GroupPlan.of(inputs, state, around)
        before = {name: plan.known[name] for name in plan.intents if name in plan.known}
        async with self._crew(id_, inputs, around) as crew:
            seen = await observe_group(plan.intents, before, crew)
        results = {name: still_quarantined(each, before.get(name)) for name, each in seen.items()}
        made = _made(id_, _state(inputs, state, plan, results))
        return Found(made.state, inputs)

    async def update(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> Properties:
        """Lets go of machines that are no longer named, then brings the others."""
        if preview:
            _foretell(new, state, around)
            return {**new, **dict.fromkeys(OUTPUTS, UNKNOWN)}
        left = await self._left(id_, old, state, new, around)
        brought = await self._brought(id_, new, state, around)
        return _made(id_, {**brought, "results": {**brought["results"], **left}}).state

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Lets go of all machines: what we attached is detached, power and disks stay."""
        kept = await self._released(id_, inputs, state, around, inputs["machines"])
        if kept:
            texts = reasons(kept)
            raise ProviderError(
                f"{id_}: {len(kept)} of {len(inputs['machines'])} machines were not let go: "
                f"{'; '.join(texts)}"
            )

    async def _brought(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> dict[str, Any]:
        if inputs.get("bmc") is None:
            around.log("info", f"{id_}: no `bmc` is given, so no machine is reached")
            return {**inputs, **_nobody_reached(inputs, state)}
        plan = _planned(inputs, state, around)
        async with self._crew(id_, inputs, around) as crew:
            outcome = await bring_group(plan.wishes, shared_floor(), crew)
        if outcome.closed:
            around.log("error", f"{id_}: nothing more was touched: {outcome.closed}")
        return _state(inputs, state, plan, outcome.results)

    async def _left(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
    ) -> dict[str, Any]:
        """Machines that were to leave and did not: they stay in the state until they have."""
        known = documents(state)
        machines = {
            name: known.get(name, {}).get("left") or old["machines"].get(name)
            for name in sorted({*known, *old["machines"]})
            if name not in new["machines"]
        }
        leaving = {name: machine for name, machine in machines.items() if machine}
        if not leaving:
            return {}
        kept = await self._released(id_, {**old, "machines": leaving}, state, around, leaving)
        return {name: {**each, "left": leaving[name]} for name, each in kept.items()}

    async def _released(
        self,
        id_: str,
        inputs: Properties,
        state: Properties,
        around: Surroundings,
        machines: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Results of those that could not be let go."""
        if inputs.get("bmc") is None or not machines:
            return {}
        plan = GroupPlan.of({**inputs, "machines": machines}, state, around)
        for line in plan.not_wiped(around.clock.now()):
            around.log("warning", line)
        async with self._crew(id_, inputs, around) as crew:
            results = await release_group(plan.intents, plan.known, crew)
        known = documents(state)
        return {
            name: document(each, plan.digests[name], known.get(name))
            for name, each in results.items()
            if not each.settled
        }

    @asynccontextmanager
    async def _crew(
        self, id_: str, inputs: Properties, around: Surroundings
    ) -> AsyncIterator[Crew]:
        settings = around.settings
        async with self.opening(id_, inputs, around) as found:
            yield Crew(
                found,
                around.clock,
                around.cancelled,
                settings.parallel,
                settings.pace,
                Progress(id_, around.log).ended,
            )


TYPE = NodeGroupType()


def _foretell(inputs: Properties, state: Properties, around: Surroundings) -> None:
    """Says in a preview what the rollout would do, as far as that is known without asking."""
    if inputs.get("bmc") is None:
        return
    if has_unknown(inputs):
        around.log("info", "what it does to machines is known once its inputs are")
        return
    for line in _planned(inputs, state, around).foretold(around.settings.parallel).words():
        around.log("info", line)


def _planned(inputs: Properties, state: Properties, around: Surroundings) -> GroupPlan:
    """Raises `ProviderError` when the machines are known not to take what is wanted of them."""
    plan = GroupPlan.of(inputs, state, around)
    wrong = plan.wrong_attributes()
    if wrong:
        raise ProviderError("; ".join(wrong))
    return plan


def _state(
    inputs: Properties,
    state: Properties,
    plan: GroupPlan,
    results: Mapping[str, MachineResult],
) -> dict[str, Any]:
    known = documents(state)
    kept = {
        name: document(plan.remembered(result), plan.digests[name], known.get(name))
        for name, result in sorted(results.items())
    }
    leaving = {name: each for name, each in known.items() if "left" in each and name not in kept}
    return {**inputs, "results": {**kept, **leaving}, "ready": ready(kept)}


def _nobody_reached(inputs: Properties, state: Properties) -> dict[str, Any]:
    known = documents(state)
    results = {name: unreached(known.get(name)) for name in sorted(inputs["machines"])}
    return {"results": results, "ready": 0}


def _made(id_: str, state: dict[str, Any]) -> Made:
    """Raises `PartialError` when a machine is not as declared; the others are, and are kept."""
    made = Made(id_, state)
    undone = reasons(state["results"])
    if undone:
        raise PartialError(made, undone)
    return made

"""Firmware: pushed in the declared order, one package at a time, then activated as its kind asks.

What only a reset of the host or of the chassis activates waits until every package is in, so that
one disturbance serves all; a controller's own package is activated before the next is pushed.
"""

from __future__ import annotations

from collections.abc import Sequence

from aifactory_iac.providers.machine.intent import Component, MachineIntent
from aifactory_iac.providers.machine.look import manager_of
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Act, Record, Standing
from aifactory_iac.providers.machine.steps import power
from aifactory_iac.providers.machine.steps.step import (
    SETTLE,
    Blocked,
    Decision,
    Step,
    Wait,
    World,
)
from aifactory_iac.providers.machine.steps.tasks import TASK_LIMIT
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer
from aifactory_iac.providers.redfish.packages import push
from aifactory_iac.providers.redfish.vendor import Activation

ACTIVATION_KINDS = ("bmc-reset", "chassis-cycle", "ac-cycle")
_STRONGEST: Sequence[Activation] = ("ac-cycle", "chassis-cycle", "host-reset")


def decide(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    """The next package or activation; None when every component conforms."""
    absent = [each.name for each in intent.firmware if each.name not in seen.firmware]
    if absent:
        return Blocked(f"its firmware inventory has no {', '.join(absent)}")
    old = [each for each in intent.firmware if not each.conforms(seen.firmware[each.name])]
    if not old:
        return None
    pushed: list[Component] = []
    for component in old:
        act = record.last("push", purpose(component))
        if act is None or act.standing == "nothing":
            return _push(component, seen)
        activation = world.profile.activation(component.name)
        if activation == "immediate":
            return _soon(component, act, world)
        if activation == "bmc-reset":
            return _activate(component.name, activation, purpose(component), seen, record, world)
        pushed.append(component)
    return _activate_all(pushed, seen, record, world)


def _activate_all(
    pushed: Sequence[Component], seen: Observation, record: Record, world: World
) -> Decision:
    """The strongest activation serves all; what nobody here can do is left to the end."""
    profile = world.profile
    able = [
        each
        for each in pushed
        if profile.activation(each.name) != "ac-cycle" or profile.ac_cycle is not None
    ]
    if not able:
        named = ", ".join(each.name for each in pushed)
        return Blocked(f"{named} takes a real power cycle, and its BMC offers none: cycle its feed")
    kinds = {profile.activation(each.name) for each in able}
    strongest = next(kind for kind in _STRONGEST if kind in kinds)
    what = "+".join(sorted(purpose(each) for each in able))
    named = ", ".join(each.name for each in able)
    return _activate(named, strongest, what, seen, record, world)


def purpose(component: Component) -> str:
    """What a push is for."""
    return f"firmware:{component.name}:{component.version}"


def activation_standing(
    act: Act, intent: MachineIntent, seen: Observation, world: World
) -> Standing:
    """An activation is over when what it was for runs; until then the controller may be gone."""
    named = [part for part in act.purpose.split("+") if part.startswith("firmware:")]
    waiting = [
        each
        for each in intent.firmware
        if purpose(each) in named and not each.conforms(seen.firmware.get(each.name, ""))
    ]
    if not waiting:
        return "happened"
    if _untouched(act, seen):
        return "nothing" if world.over(act.at, SETTLE) else "begun"
    limit = world.profile.away("ac-cycle") + SETTLE
    if not world.over(act.at, limit):
        return "begun"
    return "happened" if act.before.get("manager_reset") else "unknown"


def _untouched(act: Act, seen: Observation) -> bool:
    """Whether neither the controller nor the host has restarted, as the controller tells."""
    before = act.before.get("manager_reset", "")
    return bool(
        before
        and seen.manager_reset == before
        and seen.last_reset == act.before.get("last_reset", "")
    )


def _push(component: Component, seen: Observation) -> Decision:
    busy = [task for task in seen.tasks if not task.ended]
    if busy:
        return Wait(f"its controller is at {busy[0].name or 'a task'}")
    if not component.url or not component.digest:
        return Blocked(
            f"{component.name} is {seen.firmware[component.name]}, not {component.version}, and no "
            "package is declared for it"
        )

    async def send(client: RedfishClient, now: Observation) -> Answer:  # noqa: ARG001
        return await push(client, component.name, component.url, component.digest)

    return Step(
        "push",
        purpose(component),
        f"push {component.name} {component.version}",
        send,
        once=True,
        flashes=True,
    )


def _soon(component: Component, act: Act, world: World) -> Decision:
    if world.over(act.at, TASK_LIMIT):
        return Blocked(f"{component.name} was pushed, and still is not {component.version}")
    return Wait(f"{component.name} {component.version} takes effect by itself")


def _activate(
    named: str,
    activation: Activation,
    what: str,
    seen: Observation,
    record: Record,
    world: World,
) -> Decision:
    if activation == "host-reset":
        done = record.happened(what, "restart", "power-on")
        if done is not None and seen.power != "Off":
            if world.over(done.at, power.RESTART_LIMIT):
                return Blocked(f"was reset, and {named} still runs its old version")
            return Wait(f"{named} is activated by the reset that it is in")
        return power.restart(seen, record, what)
    tried = record.last(activation, what)
    if tried is not None and tried.standing == "happened":
        return Blocked(f"{named} still runs its old version after a {activation}")
    if activation == "ac-cycle" and seen.power != "Off":
        cycle = world.profile.ac_cycle
        if cycle is not None and cycle.host == "Off":
            return power.turn_off(seen, record, what)
    if activation == "chassis-cycle" and "chassis" not in seen.paths:
        return Blocked(f"{named} takes a cycle of the chassis, and its BMC shows none")
    return _cycle(named, activation, what, world)


def _cycle(named: str, activation: Activation, what: str, world: World) -> Step:
    async def send(client: RedfishClient, seen: Observation) -> Answer:
        if activation == "ac-cycle" and world.profile.ac_cycle is not None:
            return await client.post(
                world.profile.ac_cycle.target, dict(world.profile.ac_cycle.body)
            )
        if activation == "chassis-cycle":
            chassis = seen.paths["chassis"]
            return await client.post(
                f"{chassis}/Actions/Chassis.Reset", {"ResetType": "PowerCycle"}
            )
        manager = manager_of(seen, world.profile)
        return await client.post(
            f"{manager}/Actions/Manager.Reset", {"ResetType": "GracefulRestart"}
        )

    host = activation != "bmc-reset"
    return Step(
        activation,
        what,
        f"activate {named} by a {activation}",
        send,
        once=True,
        resets=host,
        disturbs=host,
    )

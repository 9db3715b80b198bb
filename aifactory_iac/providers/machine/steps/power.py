"""On, off and again: each sent once, each over only when the power state says so."""

from __future__ import annotations

from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Act, Record, Standing
from aifactory_iac.providers.machine.steps.step import (
    SETTLE,
    Blocked,
    Decision,
    Send,
    Step,
    Wait,
    World,
)
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer

ON_LIMIT, OFF_LIMIT, RESTART_LIMIT = 300.0, 900.0, 900.0
"""Seconds for a machine to come on, to shut down in order, and to be through its self test: eight
GPUs and two terabytes of memory take more than ten minutes."""

_THROUGH = ("None", "SetupEntered", "OSBootStarted", "OSRunning")
"""Values of `BootProgress` once the firmware is done with its own work."""

MOVING = ("PoweringOn", "PoweringOff")

POWER_KINDS = ("power-on", "shutdown", "power-off", "restart")


def restart(seen: Observation, record: Record, purpose: str) -> Decision:
    """The next step of one reset: on when it is off; in order when something may run on it.

    What is asked for once comes once: a reset that was seen to have happened is not decided again
    for the same purpose.
    """
    if seen.power in MOVING:
        return Wait(f"it is {seen.power}")
    if seen.power == "Off":
        return turn_on(purpose)
    if seen.power != "On":
        return Blocked(f"its power state is {seen.power}")
    if seen.running != "no":
        return turn_off(seen, record, purpose)
    kind = _first(seen, "ForceRestart", "PowerCycle", "GracefulRestart")
    return Step(
        "restart",
        purpose,
        f"reset it ({kind})",
        _reset(kind),
        once=True,
        resets=True,
        disturbs=True,
    )


def turn_on(purpose: str) -> Step:
    """Powers it on; a BMC that takes the request and does nothing is asked twice in all."""
    return Step(
        "power-on", purpose, "power it on", _reset("On"), once=True, resets=True, powers_on=True
    )


def turn_off(seen: Observation, record: Record, purpose: str) -> Step:
    """Shuts it down in order; by force only when nothing runs on it (tinkerbell #177)."""
    asked = record.last("shutdown", purpose)
    stubborn = asked is not None and asked.standing == "nothing"
    if seen.running == "no" or stubborn:
        # Whoever let us disturb it has said that nothing of worth runs there.
        says = "power it off, since it does not shut down" if stubborn else "power it off"
        return Step("power-off", purpose, says, _reset("ForceOff"), once=True, disturbs=True)
    return Step(
        "shutdown",
        purpose,
        "shut it down",
        _reset("GracefulShutdown"),
        once=True,
        disturbs=True,
    )


def in_self_test(seen: Observation, record: Record, world: World) -> bool:
    """Whether the firmware is at work, as its BMC says; for no longer than a self test takes."""
    if seen.progress in ("", *_THROUGH):
        return False
    on = [act for act in record.acts if act.resets and act.standing == "happened"]
    return bool(on) and not world.over(on[-1].at, RESTART_LIMIT)


def standing(act: Act, seen: Observation, world: World) -> Standing:
    """What a look says of a power act; `begun` means: look again."""
    if act.kind == "power-on":
        if seen.power == "On":
            return "happened"
        if seen.power == "PoweringOn":
            return "unknown" if world.over(act.at, ON_LIMIT) else "begun"
        return "nothing" if world.over(act.at, SETTLE) else "begun"
    if act.kind == "power-off":
        if seen.power == "Off":
            return "happened"
        settled = seen.power != "PoweringOff" and world.over(act.at, SETTLE)
        return "nothing" if settled else "begun"
    if act.kind == "shutdown":
        if seen.power == "Off":
            return "happened"
        return "nothing" if world.over(act.at, OFF_LIMIT) else "begun"
    return _restarted(act, seen, world)


def _restarted(act: Act, seen: Observation, world: World) -> Standing:
    """The BMC's own time stamp proves a reset; without one nothing does, and it stays unknown."""
    before = act.before.get("last_reset", "")
    if seen.last_reset and seen.last_reset != before:
        return "happened"
    if seen.power in ("PoweringOn", "PoweringOff", "Off"):
        # It was on when it was asked: something happens; the time stamp or the power tells what.
        return "begun" if not world.over(act.at, RESTART_LIMIT) else "unknown"
    if before and seen.last_reset == before:
        return "nothing" if world.over(act.at, SETTLE) else "begun"
    return "unknown" if world.over(act.at, RESTART_LIMIT) else "begun"


def _reset(kind: str) -> Send:
    async def send(client: RedfishClient, seen: Observation) -> Answer:
        return await client.post(seen.paths["reset"], {"ResetType": kind})

    return send


def _first(seen: Observation, *kinds: str) -> str:
    """The first that the BMC says it takes; the first of all where it says nothing."""
    allowed = seen.targets.get("reset", ())
    return next((kind for kind in kinds if kind in allowed), kinds[0])

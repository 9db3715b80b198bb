"""From what is wanted and what is seen to the one thing to do next. Pure: no clock, no wire."""

from __future__ import annotations

from dataclasses import replace

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.look import Part
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Act, Record, Standing
from aifactory_iac.providers.machine.steps import (
    boot,
    declared_boot,
    firmware,
    install,
    power,
    settings,
    tasks,
    wipe,
)
from aifactory_iac.providers.machine.steps.step import (
    SETTLE,
    Blocked,
    Decision,
    Note,
    Step,
    Wait,
    World,
)

TASK_KINDS = ("push", "erase")
"""Acts that a controller carries out as a task."""


def parts(intent: MachineIntent, record: Record, *, whole: bool) -> frozenset[Part]:
    """What has to be looked at; `whole` asks for everything that adoption records."""
    found: set[Part] = set()
    if intent.bios:
        found.add("bios")
    if intent.secure_boot is not None:
        found.add("secure-boot")
    if intent.firmware:
        found |= {"firmware", "tasks", "manager"}
    if (
        intent.media
        or record.kept
        or record.attached
        or install.wanted_now(intent, record) is not None
    ):
        found.add("media")
    if record.open("push") is not None:
        found |= {"firmware", "tasks"}
    if whole:
        found |= {"macs", "media"}
    return frozenset(found)


def decide(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    """The next thing to do; None when the machine is as it was wanted.

    An installation that is under way is never disturbed by anything else.
    """
    wanted = install.wanted_now(intent, record)
    if wanted is not None and install.booted(record, install.purpose(wanted)) is not None:
        return install.decide(intent, seen, record, world)
    if wanted is None:
        tidying = install.tidy(seen, record)
        if tidying is not None:
            return tidying
    for kind in (firmware.decide, settings.decide, declared_boot.decide, install.decide):
        decision = kind(intent, seen, record, world)
        if decision is not None:
            return _remembering_power(record, decision)
    return _power(intent, seen, record, world)


def standing(act: Act, intent: MachineIntent, seen: Observation, world: World) -> Standing:
    """What a look says of an act that was begun; `begun` means: look again."""
    if act.kind in power.POWER_KINDS:
        found = power.standing(act, seen, world)
        if found == "unknown" and act.kind == "restart" and _achieved(act, intent, seen):
            return "happened"
        return found
    if act.kind in TASK_KINDS:
        return tasks.standing(act, seen, world)
    if act.kind in firmware.ACTIVATION_KINDS:
        return firmware.activation_standing(act, intent, seen, world)
    attached = any(medium.image == act.purpose for medium in seen.media)
    if attached is (act.kind == "insert"):
        return "happened"
    return "nothing" if world.over(act.at, SETTLE) else "begun"


def state_of(intent: MachineIntent, record: Record, decision: Decision) -> State:
    """Where in its life a machine is whose next decision is this one."""
    if intent.owner == "external":
        return State.EXTERNAL
    if isinstance(decision, Blocked):
        return State.QUARANTINED
    if install.wanted_now(intent, record) is not None and record.attached:
        return State.INSTALLING
    if decision is not None:
        return State.INSTALLED if record.attached else State.NONCONFORMANT
    if record.installed:
        return State.INSTALLED
    return State.INSPECTED if intent.owner == "observed" else State.AVAILABLE


def releasing_state(intent: MachineIntent, record: Record, decision: Decision) -> State:
    """The same for a machine that is being let go."""
    if isinstance(decision, Blocked):
        return State.QUARANTINED
    if isinstance(decision, Step) and decision.kind == "erase":
        return State.CLEANING
    erasing = any(act.kind == "erase" and not act.met for act in record.acts)
    return State.CLEANING if erasing and intent.wipe else State.RELEASING


def _achieved(act: Act, intent: MachineIntent, seen: Observation) -> bool:
    """Whether what a reset was for is so; then it does not matter what proves the reset."""
    return act.purpose == settings.purpose(intent) and not settings.differing(intent, seen)


def _remembering_power(record: Record, decision: Decision) -> Decision:
    """A machine that is off is turned on only for a while, unless it is to stay on."""
    if not isinstance(decision, Step) or not decision.powers_on or decision.destroys:
        return decision
    ours = record.happened(decision.purpose, "shutdown", "power-off")
    if ours is None and not record.was_off:
        return Note(replace(record, was_off=True), "it was off before")
    return decision


def _power(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    """The declared power state; without one, the state from before we touched it."""
    wanted = intent.power or ("Off" if record.was_off else None)
    if wanted is None or seen.power == wanted:
        return Note(replace(record, was_off=False), "its power is left") if record.was_off else None
    if seen.power in power.MOVING:
        return Wait(f"it is {seen.power}")
    purpose = f"power:{wanted}"
    if wanted == "On":
        return power.turn_on(purpose)
    if record.was_off and power.in_self_test(seen, record, world):
        return Wait("its self test ends")
    return power.turn_off(seen, record, purpose)


def releasing(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    """What a release does: detaches what is ours. Power stays, and disks unless all says wipe."""
    if record.kept:
        ejecting = boot.detach(record.kept, seen)
        return ejecting or Note(replace(record, kept=()), "no declared image is attached any more")
    clearing = install.clearing(seen, record)
    if clearing is not None or not wipe.allowed(intent, world.now):
        return clearing
    wiping = wipe.decide(seen, record)
    if wiping is None and record.installed:
        return Note(replace(record, installed="", image=""), "its drives are empty")
    return wiping


def releasing_parts(intent: MachineIntent, record: Record) -> frozenset[Part]:
    """What has to be looked at for a release."""
    found: set[Part] = {"media"} if record.attached or record.kept else set()
    if intent.wipe:
        found |= {"drives", "tasks"}
    return frozenset(found)

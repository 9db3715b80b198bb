"""Whether a machine may be disturbed: what was proven, who approved, how often it was already."""

from __future__ import annotations

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import DAY, HOUR, Record
from aifactory_iac.providers.machine.steps.step import Step
from aifactory_iac.providers.membership.drain import (
    DrainProof,
    Drains,
    SchedulerError,
    StillRunningError,
)


class NotFreeError(Exception):
    """The machine may not be disturbed; the text says what would allow it."""


def drains_first(
    intent: MachineIntent, seen: Observation, record: Record, step: Step, now: float
) -> bool:
    """Whether a scheduler has to prove that a step disturbs nobody, where there is one."""
    if not intent.drain or seen.power == "Off":
        return False
    return step.kind == "erase" or not (record.was_off or _approved(intent, step, now))


async def freed(
    intent: MachineIntent,
    seen: Observation,
    record: Record,
    step: Step,
    drains: Drains | None,
    now: float,
) -> DrainProof | None:
    """Makes sure that a step disturbs nobody; drains the machine where a scheduler knows it.

    Raises:
        NotFreeError: Nothing proves it, and nobody approved.
    """
    if step.kind == "erase":
        # That the disks may go was approved; that nobody uses them has to be seen.
        return await _drained(intent, seen, step, drains, now)
    approved = _approved(intent, step, now)
    if intent.protected and not approved:
        raise NotFreeError(f"is protected: to {step.says} takes an approval of `{_action(step)}`")
    if approved or seen.power == "Off" or record.was_off:
        return None
    return await _drained(intent, seen, step, drains, now)


async def _drained(
    intent: MachineIntent, seen: Observation, step: Step, drains: Drains | None, now: float
) -> DrainProof | None:
    if seen.power == "Off":
        return None
    if drains is not None and intent.drain:
        try:
            return await drains.drain(intent.name, now + intent.drain_seconds)
        except StillRunningError as error:
            raise NotFreeError(f"is not drained: {error}") from None
        except SchedulerError as error:
            # A machine that was never a node has no scheduler that could vouch for it.
            if seen.running != "no":
                raise NotFreeError(f"is not drained: {error}") from None
            return None
    if seen.running == "no":
        return None
    ways = (
        "drain it or turn it off" if step.kind == "erase" else "drain it, turn it off, or approve"
    )
    action = "" if step.kind == "erase" else f" `{_action(step)}`"
    raise NotFreeError(f"is on, and nothing proves that nobody uses it: {ways}{action}")


def _action(step: Step) -> str:
    return "install" if step.destroys else "reset"


def _approved(intent: MachineIntent, step: Step, now: float) -> bool:
    return intent.approval is not None and intent.approval.allows(_action(step), now)


def over_budget(intent: MachineIntent, record: Record, now: float) -> str:
    """Why the machine may not be reset once more, by its lifetime budget; empty when it may."""
    hour, day = record.resets_since(now - HOUR), record.resets_since(now - DAY)
    if hour >= intent.budget.resets_per_hour:
        return f"was reset {hours(hour)} within an hour, which is its budget"
    if day >= intent.budget.resets_per_day:
        return f"was reset {hours(day)} within a day, which is its budget"
    return ""


def hours(count: int) -> str:
    """A count in words for people."""
    return "once" if count == 1 else f"{count} times"

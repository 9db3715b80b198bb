"""An installation: published, attached for one boot, booted once, heard of, detached."""

from __future__ import annotations

from dataclasses import replace

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.plan import content_digest, time_limit, unmet
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Act, Record
from aifactory_iac.providers.machine.steps import boot, power
from aifactory_iac.providers.machine.steps.step import (
    Blocked,
    Decision,
    Note,
    Publish,
    Step,
    Wait,
    World,
)

PREFIX = "install:"

_STARTED = ("OSBootStarted", "OSRunning")


def purpose(wanted: Installation) -> str:
    """What the boot of an installer is for: the same for the same content."""
    return f"{PREFIX}{content_digest(wanted)}"


def wanted_now(intent: MachineIntent, record: Record) -> Installation | None:
    """The installation that the machine does not have yet."""
    if intent.install is None or record.installed == content_digest(intent.install):
        return None
    return intent.install


def booted(record: Record, what: str) -> Act | None:
    """The boot of the installer, once it happened."""
    return record.happened(what, "restart", "power-on")


def decide(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    """The next step of the installation; None when there is none to do."""
    wanted = wanted_now(intent, record)
    if wanted is None:
        return None
    what = purpose(wanted)
    act = booted(record, what)
    if act is not None:
        return _heard(wanted, act, seen, record, world)
    if record.image and not _approved(intent, world):
        return Blocked(
            f"runs {record.image[:19]} and would lose its disk to another image: that takes an "
            "approval of `install`"
        )
    if world.published is None:
        return Publish()
    by = world.published.boot
    ours = by.media or (by.url or by.method,)
    if set(ours) - set(record.attached):
        return Note(
            replace(record, attached=tuple(sorted({*record.attached, *ours}))),
            "the images that it will be installed from",
        )
    attaching = boot.attach(world.published.boot, seen)
    if attaching is not None and not boot.overridden(world.published.boot, seen):
        return attaching
    return _boot(seen, record, what)


def _boot(seen: Observation, record: Record, what: str) -> Decision:
    step = power.restart(seen, record, what)
    if isinstance(step, Step):
        return replace(step, destroys=True)
    return step


def _heard(
    wanted: Installation, act: Act, seen: Observation, record: Record, world: World
) -> Decision:
    """Ends the override once the installer runs, the media once its disk is written."""
    if seen.boot.enabled == "Continuous" and seen.boot.armed and _running(seen, world):
        return boot.end_override(seen)
    if world.called is not None:
        reasons = unmet(wanted, world.called)
        if not reasons:
            return Note(
                replace(
                    record.met(),
                    installed=content_digest(wanted),
                    image=wanted.image.digest,
                    was_off=False,
                ),
                "it called back",
            )
        return _given_up(f"its installation did not end well: {'; '.join(reasons)}", seen, record)
    if world.over(act.at, time_limit(wanted)):
        return _given_up(f"did not call back in {wanted.callback.minutes} minutes", seen, record)
    if world.written:
        return boot.detach(record.attached, seen) or Wait("its installed system starts")
    return Wait("it is being installed")


def _running(seen: Observation, world: World) -> bool:
    """Whether the installer was started: the override has done its work, and could do more."""
    return world.written or world.called is not None or seen.progress in _STARTED


def _given_up(reason: str, seen: Observation, record: Record) -> Decision:
    """Nothing stays attached to a machine that is left alone: its next boot would erase again."""
    return boot.detach(record.attached, seen) or boot.end_override(seen) or Blocked(reason)


def tidy(seen: Observation, record: Record) -> Decision:
    """Leaves nothing of ours attached, and no boot overridden, once nothing is being installed."""
    if not record.attached:
        return None
    ejecting = boot.detach(record.attached, seen)
    if ejecting is not None:
        return ejecting
    ending = boot.end_override(seen)
    if ending is not None:
        return ending
    return Note(replace(record, attached=()), "nothing is attached any more")


def clearing(seen: Observation, record: Record) -> Decision:
    """Takes away what an installation brought, whether it came to its end or not."""
    if not record.attached:
        return None
    ejecting = boot.detach(record.attached, seen)
    return ejecting or boot.end_override(seen) or tidy(seen, record)


def _approved(intent: MachineIntent, world: World) -> bool:
    return intent.approval is not None and intent.approval.allows("install", world.now)

"""What one machine may need at most, by what was last seen of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aifactory_iac.providers.install.plan import time_limit
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.lifecycle import TABLE, State
from aifactory_iac.providers.machine.result import MachineResult

Kind = Literal["firmware", "settings", "install", "power-on", "power-off", "look"]


@dataclass(frozen=True, slots=True)
class Work:
    """`minutes` from begin to end, by the limits of the life's table; `watts` that come on."""

    resets: int = 0
    minutes: float = 0.0
    watts: float = 0.0
    destroys: bool = False


def work(intent: MachineIntent, known: MachineResult | None, *, exchanged: bool = False) -> Work:
    """What a machine may need: all that is wanted of it, unless it was seen to be so already.

    `exchanged` says that it is another machine than the one that is known.
    """
    unseen = exchanged or known is None or known.state is State.DECLARED
    seen = None if unseen else known
    kinds = tuple(_needed(intent, seen))
    resets = sum(kind in ("firmware", "settings", "install") for kind in kinds)
    # A machine that a reset brings on anyway is not turned on once more.
    resets += "power-on" in kinds and not resets
    comes_on = (seen is None or seen.power == "Off") and resets > 0
    wiped = intent.install is not None and intent.install.wipe != "never"
    full = exchanged or wiped or bool(seen and seen.installed)
    return Work(
        resets=resets,
        minutes=sum(_minutes(kind, intent) for kind in kinds),
        watts=(intent.place.watts or 0.0) if comes_on else 0.0,
        destroys="install" in kinds and full,
    )


def _needed(intent: MachineIntent, seen: MachineResult | None) -> Iterator[Kind]:
    observed: Mapping[str, Any] = seen.observed if seen else {}
    versions: Mapping[str, str] = observed.get("firmware", {})
    if any(not each.conforms(versions.get(each.name, "")) for each in intent.firmware):
        yield "firmware"
    attributes: Mapping[str, Any] = observed.get("bios", {})
    otherwise = any(attributes.get(name) != value for name, value in intent.bios.items())
    if otherwise or intent.secure_boot not in (None, observed.get("secureBoot")):
        yield "settings"
    if intent.install and (seen is None or seen.installed != intent.install.image.digest):
        yield "install"
    if intent.power and (seen is None or seen.power != intent.power):
        yield "power-on" if intent.power == "On" else "power-off"
    if seen is not None and not seen.settled:
        yield "look"


def _minutes(kind: Kind, intent: MachineIntent) -> float:
    if kind == "install" and intent.install is not None:
        return time_limit(intent.install) / 60
    states = {
        "firmware": State.NONCONFORMANT,
        "settings": State.NONCONFORMANT,
        "power-on": State.CONFORMANT,
        "power-off": State.CONFORMANT,
    }
    return TABLE[states.get(kind, State.INSPECTED)].limit / 60

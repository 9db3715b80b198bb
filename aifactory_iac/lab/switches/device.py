"""What every emulated switch has: who it is, its time, its faults and its witness."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from aifactory_iac.lab.switches.faults import Faults
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.lab.switches.witness import Witness


@dataclass
class Surround:
    """What the switches of one lab share. `now` is in seconds; `pace` shortens durations."""

    now: Callable[[], float]
    witness: Witness
    faults: Faults
    pace: float = 1.0

    def later(self, seconds: float) -> float:
        """The time when so many seconds of a switch's life are over."""
        return self.now() + seconds * self.pace


class Device:
    """One switch."""

    def __init__(self, spec: SwitchSpec, around: Surround) -> None:
        self.spec = spec
        self.around = around
        self.isolated = False

    @property
    def name(self) -> str:
        """Host name in the blueprint: its name in the log and in faults."""
        return self.spec.hostname

    @property
    def serial(self) -> str:
        """Serial number; the same in every lab."""
        return self.spec.serial or serial_of(self.spec.hostname)

    def settle(self) -> None:
        """Does what has become due since anybody last looked."""

    def reachable(self) -> bool:
        """Whether its management answers now."""
        self.settle()
        return not self.isolated

    def note(self, what: str, **details: Any) -> None:
        """Tells the witness of a change."""
        self.around.witness.effect(self.name, what, **details)


def serial_of(name: str) -> str:
    """A serial number that follows from a name."""
    return "MT" + hashlib.sha256(name.encode()).hexdigest()[:10].upper()


def merged(tree: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """A tree with another over it; None takes a name away."""
    both = deepcopy(dict(tree))
    for name, value in other.items():
        if value is None:
            both.pop(name, None)
        elif isinstance(value, Mapping):
            there = both.get(name)
            both[name] = merged(there if isinstance(there, Mapping) else {}, value)
        else:
            both[name] = deepcopy(value)
    return both

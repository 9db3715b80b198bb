"""Which faults meet a request: counted for each machine, drawn from the seed."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from aifactory_iac.lab.redfish.faults.behaviour import STANDING, Delays
from aifactory_iac.lab.redfish.faults.model import PathPattern, Rule, When
from aifactory_iac.lab.redfish.faults.reading import Faults
from aifactory_iac.lab.redfish.spec import MachineSpec


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to happen to a request: a delay, then at most one thing that decides its answer."""

    delay: float = 0.0
    rule: Rule | None = None

    @property
    def names(self) -> str | None:
        """Name of the rule, for the log."""
        return self.rule.name if self.rule else "delay" if self.delay else None


@dataclass(slots=True)
class Decider:
    """Remembers how often each rule has met each machine."""

    faults: Faults = field(default_factory=Faults)
    _met: Counter[tuple[int, str]] = field(default_factory=Counter)
    _fired: Counter[tuple[int, str]] = field(default_factory=Counter)
    _chance: dict[tuple[int, str], random.Random] = field(default_factory=dict)

    def decide(
        self, machine: MachineSpec, method: str, path: str, body: bytes, in_flight: int
    ) -> Verdict:
        """What is to happen to this request; counts it."""
        delay, deciding = 0.0, None
        for index, rule in enumerate(self.faults.rules):
            if isinstance(rule.do, STANDING) or (
                deciding is not None and not isinstance(rule.do, Delays)
            ):
                continue
            if not _fits(rule.when, machine, method, path, body, in_flight):
                continue
            if not self._fires(index, rule.when, machine.name):
                continue
            if isinstance(rule.do, Delays):
                delay += rule.do.seconds
            else:
                deciding = rule
        return Verdict(delay, deciding)

    def standing(self, machine: MachineSpec) -> list[Rule]:
        """Faults that this machine has all the time."""
        return [
            rule
            for rule in self.faults.rules
            if isinstance(rule.do, STANDING) and _is_meant(rule.when, machine)
        ]

    def _fires(self, index: int, when: When, machine: str) -> bool:
        key = (index, machine)
        self._met[key] += 1
        if self._met[key] < when.nth:
            return False
        if when.times is not None and self._fired[key] >= when.times:
            return False
        if when.probability is not None:
            chance = self._chance.setdefault(
                key,
                random.Random(f"{self.faults.seed}/{index}/{machine}"),  # noqa: S311 - no secret
            )
            if chance.random() >= when.probability:
                return False
        self._fired[key] += 1
        return True


def _is_meant(when: When, machine: MachineSpec) -> bool:
    return fnmatchcase(machine.name, when.machine) and fnmatchcase(machine.model, when.model)


def _fits(
    when: When, machine: MachineSpec, method: str, path: str, body: bytes, in_flight: int
) -> bool:
    if not _is_meant(when, machine):
        return False
    methods = (when.method,) if isinstance(when.method, str) else when.method
    if methods is not None and method not in methods:
        return False
    if when.in_flight_above is not None and in_flight <= when.in_flight_above:
        return False
    return _path_fits(when.path, path) and _body_fits(when.body, body)


def _path_fits(pattern: str | PathPattern | None, path: str) -> bool:
    if pattern is None:
        return True
    if isinstance(pattern, str):
        return fnmatchcase(path, pattern)
    if pattern.contains is not None:
        return pattern.contains in path
    return re.search(pattern.regex or "", path) is not None


def _body_fits(wanted: Mapping[str, Any], body: bytes) -> bool:
    if not wanted:
        return True
    try:
        document = json.loads(body)
    except ValueError:
        return False
    return all(at(document, path) == value for path, value in wanted.items())


def at(document: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for step in path.split("."):
        document = document.get(step) if isinstance(document, Mapping) else None
    return document

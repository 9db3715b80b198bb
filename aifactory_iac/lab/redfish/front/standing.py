"""Faults that are there all the time: put on the machines, and taken off again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext

from aifactory_iac.lab.redfish.faults.behaviour import Certificate, Identity, SessionLimit
from aifactory_iac.lab.redfish.faults.deciding import Decider
from aifactory_iac.lab.redfish.front import tls
from aifactory_iac.lab.redfish.front.port import Port
from aifactory_iac.lab.redfish.plant.state import Conditions, Machine
from aifactory_iac.lab.redfish.spec import Tls


@dataclass(slots=True)
class Standing:
    """Puts the standing faults of a file on machines and ports."""

    secured: Tls | None
    _contexts: dict[str, SSLContext] = field(default_factory=dict)
    _usual: dict[str, SSLContext | None] = field(default_factory=dict)

    def put_on(self, decider: Decider, machines: Mapping[str, tuple[Machine, Port]]) -> None:
        """Every machine is as the file says; what an earlier file said is forgotten."""
        for name, (machine, port) in machines.items():
            conditions = Conditions()
            for rule in decider.standing(machine.spec):
                _add(conditions, rule.do)
            self._present(name, conditions, machine.conditions, port)
            if conditions != machine.conditions:
                machine.conditions = conditions
                machine.effect("conditions", conditions=_told(conditions))

    def _present(self, name: str, new: Conditions, old: Conditions, port: Port) -> None:
        """A certificate fault hides the usual certificate, which comes back with its end."""
        if new.certificate == old.certificate or self.secured is None:
            return
        if old.certificate is None:
            self._usual[name] = port.context
        if new.certificate is None:
            port.context = self._usual.pop(name)
        else:
            port.context = self._bad(new.certificate, self.secured)

    def _bad(self, problem: str, secured: Tls) -> SSLContext:
        if problem not in self._contexts:
            with tempfile.TemporaryDirectory(prefix="redfish-lab-") as folder:
                made = tls.spoilt(Path(folder), secured, problem)
                self._contexts[problem] = tls.context(made)
        return self._contexts[problem]


def _add(conditions: Conditions, do: object) -> None:
    if isinstance(do, SessionLimit):
        conditions.session_limit = do.sessions
    elif isinstance(do, Certificate):
        conditions.certificate = do.problem
    elif isinstance(do, Identity):
        conditions.serial, conditions.uuid, conditions.macs = do.serial, do.uuid, do.macs


def _told(conditions: Conditions) -> dict[str, object]:
    usual = Conditions()
    return {
        name: value
        for name in Conditions.__slots__
        if (value := getattr(conditions, name)) != getattr(usual, name)
    }

"""What one run on a machine works with, and the two ways in which it ends early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aifactory_iac.providers.machine.look import Looker
from aifactory_iac.providers.machine.provisioner import Gate
from aifactory_iac.providers.machine.publishing import Publishing
from aifactory_iac.providers.machine.record import Records
from aifactory_iac.providers.membership.drain import Drains
from aifactory_iac.providers.surroundings import Clock


class StoppedError(Exception):
    """The run ends before the machine is done, and it is nobody's fault: `frozen`, cancelled."""


class LeftAloneError(Exception):
    """The machine is quarantined; the text is the reason."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What converging needs of the world."""

    looker: Looker
    records: Records
    publishing: Publishing
    drains: Drains | None
    clock: Clock
    pace: float
    gate: Gate
    cancelled: Callable[[], bool]
    tell: Callable[[str], None]

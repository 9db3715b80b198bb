"""All parts of a lab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aifactory_iac.lab.inventory import Inventory
from aifactory_iac.lab.parts.clouds import clouds
from aifactory_iac.lab.parts.clusters import clusters
from aifactory_iac.lab.parts.machines import fleets
from aifactory_iac.lab.parts.part import Absent, Part, Shared
from aifactory_iac.lab.parts.switches import switches
from aifactory_iac.lab.wish import Wish

_Maker = Callable[[Inventory, Wish, Shared], Iterator[Part | Absent]]
_MAKERS: dict[str, _Maker] = {
    "bmc": fleets,
    "switches": switches,
    "aws": clouds,
    "cluster": clusters,
}


@dataclass(frozen=True, slots=True)
class Parts:
    """What is to run, and what is not, with the reason."""

    present: tuple[Part, ...]
    absent: tuple[Absent, ...]


def parts(wanted: Inventory, wish: Wish, shared: Shared) -> Parts:
    """The parts of all kinds that were wished for."""
    every = [
        each
        for kind, maker in _MAKERS.items()
        if kind in wish.kinds
        for each in maker(wanted, wish, shared)
    ]
    return Parts(
        tuple(each for each in every if isinstance(each, Part)),
        tuple(each for each in every if isinstance(each, Absent)),
    )

"""Switches and storage appliances in racks: bottom up, in order, each where the last one left off.

Devices come as runs of like boxes, so that a hundred thousand switches are a matter of arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.facility.racks import Rows
from aifactory_iac.design.tables import Floats, Ints

_EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Boxes:
    """Like things to be mounted one above the other; figures are of one box.

    A box holds `each` of the names: a chassis can have several switches in it. Weights are NaN
    where not published.
    """

    names: tuple[str, ...]
    units: int
    power_kw: float
    weight_kg: float
    each: int = 1

    @property
    def count(self) -> int:
        """Boxes, the last of which may hold fewer than `each`."""
        return -(-len(self.names) // self.each)


def mount(
    runs: Sequence[Boxes], kind: str, fit: Fit, named: Callable[[Ints], tuple[str, ...]]
) -> Rows:
    """Racks for the boxes; `named` gives the names of racks by position, from 0.

    A box goes on top of the last while units and power of the rack allow, else into a new rack. One
    that is too much for any rack has one to itself.
    """
    load = _Load(fit)
    columns = [load.take(boxes) for boxes in runs]
    none = np.empty(0, dtype=np.int32)
    racks = len(load.used)
    return Rows(
        name=named(np.arange(racks, dtype=np.int32)),
        kind=kind,
        nodes=np.zeros(racks, dtype=np.int32),
        used_units=_ints(load.used),
        power_kw=_floats(load.power),
        weight_kg=_floats(load.weight),
        units=fit.rack_units,
        limit_kw=fit.limit_kw,
        rack=np.concatenate([none, *(rack for rack, _ in columns)]),
        unit=np.concatenate([none, *(unit for _, unit in columns)]),
    )


class _Load:
    """Racks as they fill: what stands in each so far."""

    def __init__(self, fit: Fit) -> None:
        self._fit = fit
        self.used: list[int] = []
        self.power: list[float] = []
        self.weight: list[float] = []

    def take(self, boxes: Boxes) -> tuple[Ints, Ints]:
        """Rack and unit of every name of a run."""
        racks: list[Ints] = []
        units: list[Ints] = []
        left = boxes.count
        while left:
            fitting = min(left, self._room(boxes))
            if not fitting:
                self._open()
                fitting = min(left, max(1, self._room(boxes)))
            places = self.used[-1] + 1 + boxes.units * np.arange(fitting, dtype=np.int32)
            racks.append(np.full(fitting, len(self.used) - 1, dtype=np.int32))
            units.append(places)
            self.used[-1] += fitting * boxes.units
            self.power[-1] += fitting * boxes.power_kw
            self.weight[-1] += fitting * boxes.weight_kg
            left -= fitting
        return _spread(racks, boxes), _spread(units, boxes)

    def _room(self, boxes: Boxes) -> int:
        """Boxes that the last rack still takes."""
        if not self.used:
            return 0
        room = (self._fit.rack_units - self.used[-1]) // boxes.units
        if boxes.power_kw > 0 and np.isfinite(self._fit.limit_kw):
            spare = (self._fit.limit_kw - self.power[-1]) / boxes.power_kw
            room = int(min(room, spare + _EPSILON))
        return max(0, room)

    def _open(self) -> None:
        self.used.append(0)
        self.power.append(0.0)
        self.weight.append(0.0)


def _spread(columns: Sequence[Ints], boxes: Boxes) -> Ints:
    """A column of boxes as one of the names in them."""
    of_boxes = np.concatenate([np.empty(0, dtype=np.int32), *columns])
    return np.repeat(of_boxes, boxes.each)[: len(boxes.names)].astype(np.int32)


def _ints(values: Sequence[int]) -> Ints:
    return np.asarray(values, dtype=np.int32)


def _floats(values: Sequence[float]) -> Floats:
    return np.asarray(values, dtype=np.float64)

"""Which rack of its pool a node stands in: arithmetic on node positions, so that growth appends.

A pool's racks are its own and never mix scalable units: a rack follows from unit and slot. At an
edge site the very first rack keeps room for what is not a node, so that fewer nodes stand in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aifactory_iac.design.facility.rack_fit import Fit
from aifactory_iac.design.model import PoolDesign
from aifactory_iac.design.tables import Ints


@dataclass(frozen=True, slots=True)
class PoolRacks:
    """Racks of a pool: `per_rack` nodes in each, `kept` places of the very first left to others."""

    per_rack: int
    per_unit: int
    """Node positions of a scalable unit; of the whole pool where the system has none."""
    kept: int = 0

    @classmethod
    def of(cls, pool: PoolDesign, fit: Fit, kept: int = 0) -> PoolRacks:
        """The racks of a pool whose nodes fit as `fit` says."""
        return cls(fit.nodes, _per_unit(pool), kept)

    def rack(self, position: Ints) -> Ints:
        """Rack, from 0, of node positions."""
        unit, slot = np.divmod(position, self.per_unit)
        first = self._in_unit(self.kept)
        base = np.where(unit == 0, 0, first + (unit - 1) * self._in_unit(0))
        shift = np.where(unit == 0, self.kept, 0)
        rack: Ints = (base + (slot + shift) // self.per_rack).astype(np.int32)
        return rack

    def place(self, position: Ints) -> Ints:
        """Place in its rack, from 0 at the bottom, of node positions."""
        unit, slot = np.divmod(position, self.per_unit)
        shifted = slot + np.where(unit == 0, self.kept, 0)
        first = (unit == 0) & (shifted < self.per_rack)
        place: Ints = (shifted % self.per_rack - np.where(first, self.kept, 0)).astype(np.int32)
        return place

    def count(self, positions: int) -> int:
        """Racks that the first so many positions take."""
        if positions == 0:
            return 0
        return int(self.rack(np.asarray([positions - 1], dtype=np.int32))[0]) + 1

    def first_position(self, rack: int) -> int:
        """First node position of a rack, in racks that keep no places."""
        unit, within = divmod(rack, self._in_unit(0))
        return unit * self.per_unit + within * self.per_rack

    def _in_unit(self, kept: int) -> int:
        return -(-(self.per_unit + kept) // self.per_rack)


def _per_unit(pool: PoolDesign) -> int:
    """Positions after which a new rack starts; beyond any pool where there are no units."""
    return max(1, pool.nodes_per_unit) if pool.by_unit else _NO_UNITS


_NO_UNITS = 2**31 - 2**16
"""More positions than any pool has."""

"""The order in which things get their places at a site: by build-out phase, then by name.

Whatever hands out something of which there is one sequence (shares of an address block, units of a
shared rack) does so in this order, so that what a later phase brings comes after what is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Phased(Protocol):
    """A pool, network or storage tier, of the blueprint or of the design."""

    @property
    def name(self) -> str:
        """Its name, of which there is one."""

    @property
    def phase(self) -> int:
        """Build-out phase, from 1."""


_Item = TypeVar("_Item", bound=Phased)


def build_order(item: Phased) -> tuple[int, str]:
    """Sort key: phase, then name."""
    return item.phase, item.name


def in_build_order(items: Iterable[_Item]) -> list[_Item]:
    """The items as they join the site."""
    return sorted(items, key=build_order)

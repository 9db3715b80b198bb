"""From a design to units: every target lowers its own sites, and the ports are wired here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.design.model import Design
from aifactory_iac.findings import Finding, in_order
from aifactory_iac.program.lower import aws, onprem, platform
from aifactory_iac.program.lower.onprem.remarks import remarks
from aifactory_iac.program.ports import wire
from aifactory_iac.program.unit import Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Lowered:
    """All units of a blueprint, and what could not be lowered or wired."""

    units: tuple[Unit, ...]
    """In dependency order: a unit stands after all that it takes from."""
    findings: tuple[Finding, ...]
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By unit name, the units that must be applied before it."""

    def unit(self, name: str) -> Unit:
        """The unit of that name (`<site>/<layer>`); raises `KeyError` when there is none."""
        for unit in self.units:
            if unit.name == name:
                return unit
        raise KeyError(name)


def lower(blueprint: Blueprint, design: Design, catalog: Catalog) -> Lowered:
    """Turns a design into units of Pulumi components.

    Pure and stable: permuting any list of the blueprint gives equal units, and growing a pool
    changes the arguments of its own components only.
    """
    on_aws = aws.lower_sites(blueprint, design, catalog)
    on_site = onprem.units(blueprint, design, catalog)
    platforms = platform.lower_platforms(blueprint, design, catalog)
    wiring = wire((*on_aws.units, *on_site, *platforms.units))
    return Lowered(
        units=wiring.units,
        findings=in_order(
            (*on_aws.findings, *remarks(blueprint), *platforms.findings, *wiring.findings)
        ),
        needs=wiring.needs,
    )

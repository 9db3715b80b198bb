"""The tables of the catalog: their fact type, what a record may leave out, and what it refers to.

A data file holds `records:`, a mapping from id to the fields of the fact (`id` and `provenance`
aside) plus `sources`, `unverified` and `note`. `defaults:` stands in for fields that nearly all
records of the file share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.catalog import facts

Fact = (
    facts.Accelerator | facts.System | facts.Switch | facts.Nic | facts.Cable | facts.Rack
    | facts.Instance | facts.Region | facts.StorageSystem | facts.FsxTier | facts.CoolingLimit
    | facts.GridCarbon | facts.ElectricityPrice | facts.Constant
)  # fmt: skip
"""Any record of the catalog."""

PROVENANCE_FIELDS = ("sources", "unverified", "note")
"""What a record says about itself, beside the fields of its fact."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `defaults` are the values of required fields that a record may leave out.

    `refers` names the table that the ids in a field must stand in.
    """

    name: str
    fact: type[Any]
    title: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    refers: Mapping[str, str] = field(default_factory=dict)


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table("accelerators", facts.Accelerator, "accelerator packages"),
        Table(
            "systems",
            facts.System,
            "servers, rack-scale systems and edge systems",
            {"trays": 1, "rails": 0},
            {"accelerators": "accelerators"},
        ),
        Table("switches", facts.Switch, "switch models", {"ports_per_cage": 1}),
        Table("nics", facts.Nic, "network adapters"),
        Table("cables", facts.Cable, "cables and transceivers"),
        Table("racks", facts.Rack, "rack models"),
        Table(
            "aws_instances",
            facts.Instance,
            "EC2 instance types",
            {"ultraserver_only": False, "efa": 0, "network_cards": 1},
            {"accelerator": "accelerators"},
        ),
        Table("aws_regions", facts.Region, "AWS regions"),
        Table("storage_systems", facts.StorageSystem, "storage appliances"),
        Table("fsx_tiers", facts.FsxTier, "FSx for Lustre throughput tiers"),
        Table("cooling_limits", facts.CoolingLimit, "rack density by cooling kind"),
        Table("grid_carbon", facts.GridCarbon, "carbon intensity by country"),
        Table("electricity", facts.ElectricityPrice, "electricity prices"),
        Table("constants", facts.Constant, "numbers that formulas need"),
    )
}

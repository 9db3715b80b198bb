"""The catalog: sourced facts by table and id, from the shipped files and the user's overlays."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from aifactory_iac.catalog import facts
from aifactory_iac.catalog.build import (
    Record,
    build,
    explained,
    fields_of,
    provenance_of,
    source_of,
)
from aifactory_iac.catalog.laid import Overlays
from aifactory_iac.catalog.overlay import Overlay, read_overlay
from aifactory_iac.catalog.reading import read
from aifactory_iac.catalog.tables import TABLES, Fact
from aifactory_iac.findings import Finding

_DATA = Path(__file__).resolve().parent / "data"


class Catalog:
    """Read-only tables of facts, each read from its file when it is first asked for.

    Two catalogs with equal `digest` hold equal facts. The object does no I/O beyond its own files.
    """

    def __init__(self, overlays: Sequence[Overlay] = ()) -> None:
        """The shipped facts with overlays that are read already; `shipped` reads them too."""
        self._overlays = tuple(overlays)
        self._records: dict[str, Mapping[str, Record]] = {}
        self._tables: dict[str, Mapping[str, Fact]] = {}

    @classmethod
    def shipped(cls, overlays: Sequence[Path] = ()) -> Catalog:
        """The catalog that comes with the toolkit, with the user's files laid over it.

        Nothing raises for a file that is missing or wrong: see `findings`.
        """
        unique = {file.resolve() if file.exists() else file: file for file in sorted(overlays)}
        overlays_read = [read_overlay(file) for file in unique.values()]
        names = [each.layer for each in overlays_read]
        return cls(
            [
                # Two files of one name in two folders are told apart by their paths.
                each if names.count(each.layer) == 1 else replace(each, layer=each.shown)
                for each in overlays_read
            ]
        )

    @functools.cached_property
    def sources(self) -> Mapping[str, facts.Source]:
        """Every source by key; those of an overlay as `<file>:<key>`."""
        shipped = {key: source_of(key, record) for key, record in self._shipped("sources").items()}
        return MappingProxyType({**shipped, **self._laid.sources})

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over the names and contents of all data files and overlays.

        Where an overlay stands, and in which order overlays are named, does not enter.
        """
        total = hashlib.sha256()
        for file in sorted(_DATA.glob("*.yaml")):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"catalog {file.name} {content}\n".encode())
        for name, content in sorted((each.layer, each.digest) for each in self._overlays):
            total.update(f"overlay {name} {content}\n".encode(errors="surrogateescape"))
        return total.hexdigest()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the overlays, located, in order; empty for the shipped catalog."""
        return self._laid.findings

    @functools.cached_property
    def _laid(self) -> Overlays:
        if not self._overlays:
            return Overlays()
        from aifactory_iac.catalog.records import lay_over  # loads jsonschema: only for overlays

        return lay_over(self._overlays, self._shipped)

    def table(self, name: str) -> Mapping[str, Fact]:
        """The table of that name.

        Raises:
            KeyError: there is no such table; see `TABLES`.
        """
        if name not in self._tables:
            table, sources = TABLES[name], self.sources
            laid = self._laid.records.get(name, {})
            facts_by_id: dict[str, Fact] = {
                key: build(table, key, record, provenance_of(record, sources))
                for key, record in self._shipped(name).items()
            }
            for key, over in laid.items():
                provenance = provenance_of(over.record, sources, over.layer)
                facts_by_id[key] = build(table, key, over.record, provenance)
            self._tables[name] = MappingProxyType(facts_by_id)
        return self._tables[name]

    def provenance(self, table: str, key: str, field: str) -> tuple[str, ...]:
        """Where one field of a record comes from, as lines for people.

        First the layer that wrote the value, then a warning if no source is good enough for it,
        then the record's sources, then its note. `field` may name an entry of a mapping:
        `tflops_dense.bf16`.

        Raises:
            KeyError: no such table, record or field.
        """
        fact = self.table(table)[key]
        top = field.partition(".")[0]
        if top not in fields_of(TABLES[table]):
            raise KeyError(field)
        laid = self._laid.records.get(table, {}).get(key)
        layer = laid.layer if laid is not None and top in laid.own else "catalog"
        return explained(fact.provenance, field, layer)

    def _shipped(self, name: str) -> Mapping[str, Record]:
        """Plain records of a shipped data file, its defaults filled in."""
        if name not in self._records:
            document = read((_DATA / f"{name}.yaml").read_text(encoding="utf-8"))
            defaults: dict[str, Any] = document.get("defaults", {})
            records: dict[str, Record] = document["records"]
            self._records[name] = {key: {**defaults, **each} for key, each in records.items()}
        return self._records[name]

    @property
    def accelerators(self) -> Mapping[str, facts.Accelerator]:
        """Accelerator packages."""
        return cast("Mapping[str, facts.Accelerator]", self.table("accelerators"))

    @property
    def systems(self) -> Mapping[str, facts.System]:
        """Servers, rack-scale systems and edge systems."""
        return cast("Mapping[str, facts.System]", self.table("systems"))

    @property
    def switches(self) -> Mapping[str, facts.Switch]:
        """Switch models."""
        return cast("Mapping[str, facts.Switch]", self.table("switches"))

    @property
    def nics(self) -> Mapping[str, facts.Nic]:
        """Network adapters."""
        return cast("Mapping[str, facts.Nic]", self.table("nics"))

    @property
    def cables(self) -> Mapping[str, facts.Cable]:
        """Cables, transceivers and fibre."""
        return cast("Mapping[str, facts.Cable]", self.table("cables"))

    @property
    def racks(self) -> Mapping[str, facts.Rack]:
        """Rack models."""
        return cast("Mapping[str, facts.Rack]", self.table("racks"))

    @property
    def aws_instances(self) -> Mapping[str, facts.Instance]:
        """EC2 instance types."""
        return cast("Mapping[str, facts.Instance]", self.table("aws_instances"))

    @property
    def aws_regions(self) -> Mapping[str, facts.Region]:
        """AWS regions."""
        return cast("Mapping[str, facts.Region]", self.table("aws_regions"))

    @property
    def storage_systems(self) -> Mapping[str, facts.StorageSystem]:
        """Storage appliances."""
        return cast("Mapping[str, facts.StorageSystem]", self.table("storage_systems"))

    @property
    def fsx_tiers(self) -> Mapping[str, facts.FsxTier]:
        """FSx for Lustre PERSISTENT_2 SSD tiers."""
        return cast("Mapping[str, facts.FsxTier]", self.table("fsx_tiers"))

    @property
    def cooling_limits(self) -> Mapping[str, facts.CoolingLimit]:
        """Rack density by the blueprint's cooling kinds."""
        return cast("Mapping[str, facts.CoolingLimit]", self.table("cooling_limits"))

    @property
    def grid_carbon(self) -> Mapping[str, facts.GridCarbon]:
        """Carbon intensity by country, ISO 3166-1 alpha-2."""
        return cast("Mapping[str, facts.GridCarbon]", self.table("grid_carbon"))

    @property
    def electricity(self) -> Mapping[str, facts.ElectricityPrice]:
        """Electricity prices: look up `US-TX`, then `US`, then `default`."""
        return cast("Mapping[str, facts.ElectricityPrice]", self.table("electricity"))

    @property
    def constants(self) -> Mapping[str, facts.Constant]:
        """Numbers that formulas need, by dotted name."""
        return cast("Mapping[str, facts.Constant]", self.table("constants"))

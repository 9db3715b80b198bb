"""The catalog: sourced facts by table and id, from the shipped files and the user's overlays."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from aifactory_iac.catalog import facts
from aifactory_iac.catalog.build import Record, build, provenance_of, source_of
from aifactory_iac.catalog.reading import read
from aifactory_iac.catalog.tables import TABLES, Fact
from aifactory_iac.findings import Finding

_DATA = Path(__file__).resolve().parent / "data"


class Catalog:
    """Read-only tables of facts, each read from its file when it is first asked for.

    Two catalogs with equal `digest` hold equal facts. The object does no I/O beyond its own files.
    """

    def __init__(self, folder: Path = _DATA) -> None:
        """Tables from a folder of data files. Use `shipped` unless you test the catalog itself."""
        self._folder = folder
        self._tables: dict[str, Mapping[str, Fact]] = {}

    @classmethod
    def shipped(cls, overlays: Sequence[Path] = ()) -> Catalog:
        """The catalog that comes with the toolkit, with the user's files laid over it."""
        return cls()

    @functools.cached_property
    def sources(self) -> Mapping[str, facts.Source]:
        """Every source by key."""
        records = self._records("sources")
        return MappingProxyType({key: source_of(key, record) for key, record in records.items()})

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over the bytes of all data files in order of name."""
        total = hashlib.sha256()
        for file in sorted(self._folder.glob("*.yaml")):
            total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        return total.hexdigest()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the overlays; empty for the shipped catalog."""
        return ()

    def table(self, name: str) -> Mapping[str, Fact]:
        """The table of that name.

        Raises:
            KeyError: there is no such table; see `TABLES`.
        """
        if name not in self._tables:
            table = TABLES[name]
            sources = self.sources
            self._tables[name] = MappingProxyType(
                {
                    key: build(table, key, record, provenance_of(record, sources))
                    for key, record in self._records(name).items()
                }
            )
        return self._tables[name]

    def _records(self, name: str) -> Mapping[str, Record]:
        """Plain records of a data file, its defaults filled in."""
        document = read((self._folder / f"{name}.yaml").read_text(encoding="utf-8"))
        defaults: dict[str, Any] = document.get("defaults", {})
        records: dict[str, Record] = document["records"]
        return {key: {**defaults, **record} for key, record in records.items()} if defaults else records

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

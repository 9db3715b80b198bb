"""The shipped data as a whole: valid, sourced, without dangling references or duplicates."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import aifactory_iac.catalog as package
from aifactory_iac.blueprint.model.fabric import Technology
from aifactory_iac.blueprint.model.sites import CoolingKind
from aifactory_iac.blueprint.model.workloads import Precision
from aifactory_iac.catalog import TABLES, Catalog
from aifactory_iac.catalog.build import fields_of
from aifactory_iac.catalog.reading import read
from aifactory_iac.catalog.schema import (
    DATE_PATTERN,
    FOLDER,
    PRECISIONS,
    TECHNOLOGIES,
    documents,
    record_schema,
    text_of,
)

DATA = Path(package.__file__).parent / "data"
HARDWARE = (
    "accelerators", "systems", "switches", "nics", "cables", "racks", "aws_instances",
    "storage_systems",
)  # fmt: skip


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): as_json(inner) for key, inner in value.items()}
    return [as_json(item) for item in value] if isinstance(value, list) else value


def records(name: str) -> dict[str, dict[str, Any]]:
    document = read((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    defaults = document.get("defaults", {})
    return {key: {**defaults, **record} for key, record in document["records"].items()}


def test_there_is_one_file_for_each_table_and_one_for_the_sources() -> None:
    assert sorted(file.stem for file in DATA.glob("*.yaml")) == sorted([*TABLES, "sources"])


@pytest.mark.parametrize("name", sorted([*TABLES, "sources"]))
def test_every_file_is_valid_under_its_published_schema(name: str) -> None:
    document = read((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    errors = Draft202012Validator(documents()[f"{name}.json"]).iter_errors(as_json(document))
    assert [error.message for error in errors] == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_record_is_complete(name: str) -> None:
    validator = Draft202012Validator(record_schema(TABLES[name]))
    faults = {
        key: [error.message for error in validator.iter_errors(as_json(record))]
        for key, record in records(name).items()
    }
    assert {key: found for key, found in faults.items() if found} == {}


@pytest.mark.parametrize("name", sorted(documents()))
def test_the_published_schemas_are_those_of_the_code(name: str) -> None:
    """Refresh with `python -m aifactory_iac.catalog.schema`."""
    Draft202012Validator.check_schema(documents()[name])
    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(documents()[name])
    assert sorted(file.name for file in FOLDER.glob("*.json")) == sorted(documents())


@pytest.mark.parametrize("name", sorted([*TABLES, "sources"]))
def test_every_file_names_its_schema_for_editors(name: str) -> None:
    first = (DATA / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../schema/{name}.json"


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_fact_has_a_source_with_a_date(shipped: Catalog, name: str) -> None:
    for key, fact in shipped.table(name).items():
        assert fact.id == key
        assert fact.provenance.sources, key
        for source in fact.provenance.sources:
            assert source.title, source.key
            assert re.match(DATE_PATTERN, source.date), source.key
            assert source.kind, source.key
            assert source.via is None or source.via in shipped.sources, source.key


def test_no_source_is_kept_that_nothing_rests_on(shipped: Catalog) -> None:
    used = {
        source
        for name in TABLES
        for record in records(name).values()
        for source in record["sources"]
    }
    used |= {source.via for source in shipped.sources.values() if source.via}
    assert sorted(set(shipped.sources) - used) == []


@pytest.mark.parametrize("name", sorted(TABLES))
def test_unverified_names_fields_that_the_record_has(name: str) -> None:
    known = set(fields_of(TABLES[name]))
    for key, record in records(name).items():
        for field in record.get("unverified", ()):
            top, _, inner = field.partition(".")
            assert top in known, (key, field)
            assert record.get(top) is not None or top in TABLES[name].defaults, (key, field)
            if inner and top != "nics":
                assert inner in record[top], (key, field)
            if inner and top == "nics":
                assert inner in {nic["role"] for nic in record["nics"]}, (key, field)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_references_between_tables_resolve(shipped: Catalog, name: str) -> None:
    for field, target in TABLES[name].refers.items():
        for key, fact in shipped.table(name).items():
            given = getattr(fact, field)
            for reference in (given,) if isinstance(given, str) else given or ():
                assert reference in shipped.table(target), (key, field)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_no_record_says_a_thing_twice(name: str) -> None:
    for key, record in records(name).items():
        for field in ("sources", "unverified", "accelerators"):
            listed = record.get(field, [])
            assert isinstance(listed, int) or len(listed) == len(set(listed)), (key, field)


def test_ports_name_adapters_of_the_catalog(shipped: Catalog) -> None:
    for system in shipped.systems.values():
        for nic in system.nics:
            assert nic.model is None or nic.model in shipped.nics, system.id


def test_every_region_has_the_carbon_of_its_country_or_its_own(shipped: Catalog) -> None:
    for region in shipped.aws_regions.values():
        assert region.g_per_kwh is not None or region.country in shipped.grid_carbon, region.id
        assert region.country in shipped.electricity, region.id
        assert region.grid_zone[:2] == region.country


def test_a_hardware_id_stands_in_one_table_only(shipped: Catalog) -> None:
    seen: dict[str, str] = {}
    for name in HARDWARE:
        for key in shipped.table(name):
            assert seen.setdefault(key.lower(), name) == name, key


def test_ids_differ_by_more_than_case(shipped: Catalog) -> None:
    for name in TABLES:
        ids = [key.lower() for key in shipped.table(name)]
        assert len(ids) == len(set(ids)), name


def test_the_vocabulary_is_that_of_the_blueprint(shipped: Catalog) -> None:
    assert set(shipped.cooling_limits) == set(CoolingKind.__args__)  # type: ignore[attr-defined]
    assert set(PRECISIONS) == set(Precision.__args__)  # type: ignore[attr-defined]
    assert set(TECHNOLOGIES) == set(Technology.__args__)  # type: ignore[attr-defined]


def test_files_stay_plain_and_readable() -> None:
    for file in sorted(DATA.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        assert text.endswith("\n"), file.name
        assert not text.endswith("\n\n"), file.name
        assert "\t" not in text, file.name
        assert all(line == line.rstrip() for line in text.splitlines()), file.name


def test_schemas_are_plain_json() -> None:
    for file in FOLDER.glob("*.json"):
        assert json.loads(file.read_text(encoding="utf-8"))["$schema"].endswith("2020-12/schema")

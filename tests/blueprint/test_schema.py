"""The published JSON Schemas: valid, fresh, and of one mind with the loader."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from aifactory_iac.blueprint.model import Blueprint, Stack
from aifactory_iac.blueprint.nodes import plain
from aifactory_iac.blueprint.reader import read_document
from aifactory_iac.blueprint.refresh import generated_files
from aifactory_iac.blueprint.schema import NAMES, editor_header, json_schema, schema_id
from aifactory_iac.blueprint.shapes import Field, all_models, fields_of
from aifactory_iac.blueprint.wording import FORMS

_BAD = Path(__file__).resolve().parent / "bad"
_LIBRARY = Path(__file__).resolve().parents[2] / "blueprints"
_STRUCTURAL = (
    "unknown-key",
    "unknown-section",
    "wrong-types",
    "fraction-of-a-node",
    "out-of-bounds",
    "malformed",
    "no-choice",
    "wrong-units",
    "wrong-kind",
    "secret-for-a-reference",
    "key-of-a-layer-inside",
)


@functools.cache
def _generated() -> dict[Path, str]:
    return generated_files()


@functools.cache
def _schema(name: str) -> dict[str, Any]:
    return json_schema(name)


def _errors(name: str, path: Path) -> list[str]:
    root = read_document(path.read_bytes(), path.name, "blueprint").root
    assert root is not None
    validator = Draft202012Validator(_schema(name))
    return [error.json_path for error in validator.iter_errors(plain(root))]


@pytest.mark.parametrize("path", sorted(_generated()), ids=lambda path: path.name)
def test_the_generated_files_are_fresh(path: Path) -> None:
    """`python -m aifactory_iac.blueprint.refresh` writes them anew."""
    if not path.parent.is_dir():
        pytest.skip("docs/ is not part of this tree")
    assert path.read_text(encoding="utf-8") == _generated()[path]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_itself_valid_and_says_what_it_is(name: str) -> None:
    schema = json_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == schema_id(name) == f"urn:aifactory:schema:v1:{name}"
    assert editor_header("a.json") == "# yaml-language-server: $schema=a.json\n"


def test_the_schema_accepts_every_sound_document() -> None:
    documents = [_BAD / "base.yaml", *sorted(_LIBRARY.glob("*/blueprint.yaml"))]
    assert {path: _errors("blueprint", path) for path in documents} == {p: [] for p in documents}


@pytest.mark.parametrize("name", _STRUCTURAL)
def test_the_schema_refuses_what_the_types_refuse(name: str) -> None:
    assert _errors("blueprint", _BAD / f"{name}.yaml")


def test_the_schema_of_a_stack(tmp_path: Path) -> None:
    good = tmp_path / "stack.yaml"
    good.write_text(
        "apiVersion: aifactory/v1\nkind: Stack\nmetadata: {name: prod}\nblueprint: base@^1\n"
        "parameters: {nodes: 3}\noverlay:\n  compute: [{name: a, $remove: true}]\n"
        "  sites: [{name: b, facility: {envelope: 3 MW}}]\n  governance: {audit: null}\n"
    )
    assert _errors("stack", good) == []
    assert _errors("stack", _BAD / "stack-keys.yaml")
    assert _errors("stack", _BAD / "stack-blueprint.yaml")


_FIELDS = sorted(
    {
        (model.__name__, key): field
        for document in (Blueprint, Stack)
        for model in all_models(document)
        for key, field in fields_of(model).items()
    }.items()
)


@pytest.mark.parametrize(
    "field", [each for _, each in _FIELDS], ids=[".".join(k) for k, _ in _FIELDS]
)
def test_every_field_has_meaning_impact_schema_and_a_place_in_the_reference(field: Field) -> None:
    assert len(field.spec.doc) > 5
    assert field.spec.doc.endswith((".", "`"))
    definitions = {"Stack": _schema("stack")} | _schema("stack")["$defs"]
    definitions |= _schema("blueprint")["$defs"]
    described = definitions[field.owner.__name__]["properties"][field.key]
    if field.key not in ("parameters", "overlay"):
        assert described["x-impact"] == field.spec.impact.value
        assert described["description"]
    page = next(text for path, text in _generated().items() if path.suffix == ".md")
    section = page.split(f"\n## {field.owner.__name__}\n", 1)[1].split("\n## ", 1)[0]
    assert f"\n| `{field.key}` |" in section


def test_every_pattern_of_the_model_has_words() -> None:
    patterns = {
        getattr(each, "pattern", None)
        for _, field in _FIELDS
        for each in field.constraints
        if getattr(each, "pattern", None)
    }
    assert patterns
    assert patterns <= set(FORMS)

"""Parameters: where a value may come from, which layer wins, and what does not fit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from aifactory_iac.blueprint import Loaded, Request, load
from aifactory_iac.blueprint.parameter_schema import schema_problems, value_problems
from aifactory_iac.catalog import Catalog

Write = Callable[..., Path]

_DOCUMENT = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata: {name: small}
parameters:
  nodes: {type: integer, minimum: 1, maximum: 64, default: 1}
  title: {type: string, default: plain}
  weird: {type: object, properties: {a: {type: integer}}, default: {a: 1}}
  free: {default: nothing}
sites:
  - {name: a, kind: edge, location: {country: DE}, facility: {envelope: 900 kW}}
compute:
  - {name: p, site: a, system: dgx-h100, count: "${nodes}"}
governance: {tags: {title: "${title}"}}
"""
_STACK = """\
apiVersion: aifactory/v1
kind: Stack
metadata: {name: prod}
blueprint: ./blueprint.yaml
parameters: {nodes: 2}
"""


@pytest.fixture
def stack(write: Write) -> Path:
    write("blueprint.yaml", _DOCUMENT)
    return write("stack.yaml", _STACK)


def _load(path: Path, catalog: Catalog, values: Path | None = None, **given: str) -> Loaded:
    return load(Request(str(path), given, values), catalog)


def _said(loaded: Loaded) -> list[tuple[str, str, str, int, int]]:
    return [
        (each.rule, each.message, each.span.layer, each.span.line, each.span.column)
        for each in loaded.findings
        if each.span is not None
    ]


def test_each_layer_wins_over_the_one_before(stack: Path, write: Write, catalog: Catalog) -> None:
    values = write("values.yaml", "nodes: 3\n")
    results = [
        _load(stack.parent / "blueprint.yaml", catalog),
        _load(stack, catalog),
        _load(stack, catalog, values),
        _load(stack, catalog, values, nodes="4"),
    ]
    assert [each.parameters["nodes"] for each in results] == [1, 2, 3, 4]
    assert [each.blueprint.compute[0].count for each in results if each.blueprint] == [1, 2, 3, 4]
    chain = results[-1].origins.parameters["nodes"]
    layers = [each.place.source.layer for each in (*chain.before, chain)]
    assert layers == ["parent", "stack", "values file", "command line"][-3:] or layers == [
        "blueprint",
        "stack",
        "values file",
        "command line",
    ]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("nodes", "8", 8),
        ("nodes", "8.0", 8),
        ("nodes", "0x10", 16),
        ("title", "1.30", "1.30"),
        ("title", "no", "no"),
        ("title", "a: b [c", "a: b [c"),
        ("title", "", ""),
        ("weird", "{a: 5}", {"a": 5}),
        ("free", "true", True),
        ("free", "", None),
        ("free", "text", "text"),
    ],
)
def test_a_value_of_the_command_line_is_read_as_yaml(
    name: str, text: str, value: object, stack: Path, catalog: Catalog
) -> None:
    loaded = load(Request(str(stack), {name: text}), catalog)
    assert loaded.parameters[name] == value
    assert type(loaded.parameters[name]) is type(value)


def test_a_value_out_of_range_is_found_in_the_layer_that_set_it(
    stack: Path, write: Write, catalog: Catalog
) -> None:
    values = write("values.yaml", "# ours\nnodes: 99\n")
    message = "parameter `nodes`: `99` is above the maximum 64"
    assert _said(_load(stack, catalog, values)) == [("AIF-DOC-042", message, "values file", 2, 8)]
    assert _said(_load(stack, catalog, values, nodes="0")) == [
        ("AIF-DOC-042", "parameter `nodes`: `0` is below the minimum 1", "command line", 1, 10)
    ]


def test_a_wrong_value_inside_a_value(stack: Path, write: Write, catalog: Catalog) -> None:
    values = write("values.yaml", "weird:\n  a: x\n")
    assert _said(_load(stack, catalog, values)) == [
        ("AIF-DOC-042", "parameter `weird`: `x` is not of type `integer`", "values file", 2, 6)
    ]


def test_a_parameter_that_nobody_declared(stack: Path, catalog: Catalog) -> None:
    loaded = _load(stack, catalog, nodse="4")
    assert _said(loaded) == [
        ("AIF-DOC-041", "the blueprint declares no parameter `nodse`", "command line", 1, 4)
    ]
    assert loaded.findings[0].hint == (
        "did you mean `nodes`? parameters: `free`, `nodes`, `title`, `weird`"
    )
    assert loaded.findings[0].span is not None
    assert loaded.findings[0].span.text == "-p nodse=4"


def test_a_value_that_is_not_yaml(stack: Path, catalog: Catalog) -> None:
    assert [each[0] for each in _said(_load(stack, catalog, nodes="[1"))] == ["AIF-DOC-005"]


def test_references_within_parameters(write: Write, catalog: Catalog) -> None:
    text = _DOCUMENT.replace("default: plain", 'default: "${nodes} nodes"')
    loaded = _load(write("blueprint.yaml", text), catalog, nodes="7")
    assert loaded.findings == ()
    assert loaded.parameters["title"] == "7 nodes"


def test_a_schema_that_leads_round_in_a_circle(write: Write, catalog: Catalog) -> None:
    text = _DOCUMENT.replace("free: {default: nothing}", 'free: {$ref: "#", default: 1}')
    assert [each[0] for each in _said(_load(write("b.yaml", text), catalog))] == ["AIF-DOC-042"]


def test_a_schema_is_never_fetched(write: Write, catalog: Catalog) -> None:
    text = _DOCUMENT.replace("free: {default", "free: {$ref: http://127.0.0.1:9/x.json, default")
    assert [each[0] for each in _said(_load(write("b.yaml", text), catalog))] == ["AIF-DOC-042"]


_NUMBERS = st.one_of(st.integers(-20, 20), st.floats(-20, 20), st.booleans())
_VALUES = st.one_of(_NUMBERS, st.text(max_size=5), st.none(), st.lists(st.integers(), max_size=2))
_SCHEMAS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["integer", "number", "string", "boolean", "array", "null"]),
        "minimum": st.integers(-10, 10),
        "maximum": st.floats(-10, 10),
        "pattern": st.sampled_from(["^a", "b$", "^[0-9]+$", ""]),
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(0, 5),
        "enum": st.lists(_VALUES, min_size=1, max_size=3),
    },
)


@given(schema=_SCHEMAS, value=_VALUES)
def test_what_passes_without_jsonschema_passes_with_it(
    schema: dict[str, object], value: object
) -> None:
    assert list(schema_problems(schema)) == []
    Draft202012Validator.check_schema(schema)
    fits = not list(value_problems(schema, value))
    assert fits == Draft202012Validator(schema).is_valid(value)

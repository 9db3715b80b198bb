"""What `init` writes says what was given, whatever that was, and loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from aifactory_iac.api import load
from aifactory_iac.library import volumes
from aifactory_iac.library.beginnings import beginnings, fault, missing


def blueprint(**parameters: Any) -> str:
    declared = json.dumps({"nodes": {"type": "integer", "default": 4}, **parameters})
    return (
        "apiVersion: aifactory/v1\nkind: Blueprint\n"
        "metadata: {name: base, version: 1.2.3, title: 'A: \"title\" # of sorts'}\n"
        f"parameters: {declared}\n"
        "sites:\n  - {name: hall, kind: on-prem, location: {country: DE}, "
        "facility: {envelope: 1 MW}}\n"
        "compute:\n  - {name: train, site: hall, system: dgx-h100, count: '${nodes}'}\n"
    )


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf" / "base").mkdir(parents=True)
    return tmp_path / "shelf"


def written(shelf: Path, text: str) -> Path:
    file = shelf / "base" / "blueprint.yaml"
    file.write_text(text)
    return file


def begun(shelf: Path, given: dict[str, str], *, own: bool = False, name: str = "mine", **declared):
    """The files for a blueprint with these parameters, and what YAML reads in the first."""
    factory = load(str(written(shelf, blueprint(**declared))), parameters=given)
    files = beginnings(factory.blueprint, name, given, own=own)
    document = next(iter(files))
    return files, YAML(typ="safe").load(files[document])


def test_a_stack_names_its_source_and_shows_every_default(shelf):
    files, document = begun(
        shelf, {"nodes": "2"}, country={"type": "string", "default": "DE",
                                        "description": "Where\nit stands"},
    )  # fmt: skip
    assert files["stack.yaml"] == (
        "# yaml-language-server: $schema=stack.schema.json\n"
        "# One deployment of base; `aifactory plan` on this file shows what it would do.\n"
        "apiVersion: aifactory/v1\n"
        "kind: Stack\n"
        "metadata:\n"
        "  name: mine\n"
        "blueprint: base@^1.2.3\n"
        "\n"
        "# Values of the blueprint's parameters; those behind a # have the default that is shown.\n"
        "parameters:\n"
        "  # Where it stands\n"
        "  # country: DE\n"
        "  # nodes\n"
        "  nodes: 2\n"
        "\n"
        "# A partial blueprint, merged over base by name.\n"
        "overlay:\n"
        "  governance:\n"
        "    environment: development\n"
        "\n"
        "backend:\n"
        "  url: file://./.aifactory/state\n"
    )
    assert document["parameters"] == {"nodes": 2}
    assert files[".gitignore"] == ".aifactory/\nplan.json\n"


def test_a_stack_with_nothing_set_has_no_values(shelf):
    _, document = begun(shelf, {})
    assert document["parameters"] == {}


def test_a_blueprint_of_ones_own_extends_and_repeats_the_defaults(shelf):
    files, document = begun(shelf, {"nodes": "2"}, own=True)
    assert list(files) == ["blueprint.yaml", "blueprint.schema.json", ".gitignore"]
    assert document == {
        "apiVersion": "aifactory/v1",
        "kind": "Blueprint",
        "metadata": {"name": "mine", "version": "0.1.0", "title": 'A: "title" # of sorts'},
        "extends": "base@^1.2.3",
        "parameters": {"nodes": {"default": 2}},
    }


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("volume", volumes(), ids=lambda volume: volume.name)
def test_what_is_begun_from_the_library_is_valid(tmp_path, volume, own):
    files = beginnings(load(volume.name).blueprint, "my factory", {}, own=own)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert load(str(tmp_path)).findings == ()


TEXT = {"type": "string", "default": "x"}


@pytest.mark.parametrize(
    "text",
    ["plain", "007", "1.0", "yes", "null", "~", "1 MW", "a: b", "a #b", "# a", "{a: 1}", "[1]",
     "- a", "|", ">", "&a", "*a", "!t", "%d", "@a", "`a", "'q'", '"q"', "", " padded ", "é\u2028",
     "2026-01-02", "a\\b", "${env:X}"],
)  # fmt: skip
def test_text_stays_the_text_that_was_given(shelf, text):
    for own in (False, True):
        _, document = begun(shelf, {"word": text}, own=own, word=TEXT)
        value = document["parameters"]["word"]
        assert (value["default"] if own else value) == text


@settings(deadline=None, max_examples=40)
@given(text=st.text(st.characters(exclude_categories=("Cs",)), max_size=20))
def test_any_text_stays_the_text_that_was_given(tmp_path_factory, text):
    shelf = tmp_path_factory.getbasetemp() / "shelf-of-any-text"
    (shelf / "base").mkdir(parents=True, exist_ok=True)
    factory = load(str(written(shelf, blueprint(word=TEXT))))
    files = beginnings(factory.blueprint, "mine", {"word": text}, own=False)
    assert YAML(typ="safe").load(files["stack.yaml"])["parameters"] == {"word": text}


@pytest.mark.parametrize(
    ("default", "schema"),
    [
        ("1.0", {"type": "string"}), ("no", {"type": "string"}), ("2026-01-02", {}),
        (4, {"type": "integer"}), (True, {"type": "boolean"}), ([1, "a"], {"type": "array"}),
        ({"a": None}, {"type": "object"}), ("größe: 大", {"type": "string"}), (1.5, {}),
    ],
)  # fmt: skip
def test_defaults_keep_their_value_and_type(shelf, default, schema):
    _, document = begun(shelf, {}, own=True, word={**schema, "default": default})
    assert document["parameters"]["word"]["default"] == default


@pytest.mark.parametrize(
    ("given", "schema", "value"),
    [
        ("4", {"type": "integer", "default": 1}, 4),
        ("true", {"type": "boolean", "default": False}, True),
        ("[1, 2]", {"type": "array", "default": []}, [1, 2]),
        ("{a: 1}", {"type": "object", "default": {}}, {"a": 1}),
        ("1.5", {"default": 1}, 1.5),
    ],
)
def test_what_is_no_text_is_read_as_the_command_line_reads_it(shelf, given, schema, value):
    _, document = begun(shelf, {"word": given}, word=schema)
    assert document["parameters"]["word"] == value


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("factory", "factory"), ("My Factory", "my-factory"), ("größe", "gr--e"),
        ("工場", "factory"), ("--", "factory"), ("", "factory"), ("x" * 99, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)  # fmt: skip
def test_the_name_is_the_folders_as_far_as_a_name_may_be(shelf, folder, name):
    _, document = begun(shelf, {}, name=folder)
    assert document["metadata"]["name"] == name


def test_parameters_without_a_default_are_missing(shelf):
    asked = {"type": "string", "description": "Where"}
    written(shelf, blueprint(country=asked))
    assert missing("base", (shelf,)) == {"country": asked}
    assert missing("base", ()) == {}
    assert missing("superpod-h100") == {}


def test_a_fault_is_what_the_loader_says_of_that_parameter_alone(shelf):
    written(shelf, blueprint(country={"type": "string"}, size={"type": "integer", "maximum": 8}))
    assert fault("base", "size", "9", (shelf,)) == "parameter `size`: `9` is above the maximum 8"
    assert fault("base", "size", "x", (shelf,)) is not None
    assert fault("base", "size", "8", (shelf,)) is None
    assert fault("base", "country", "007", (shelf,)) is None
    assert fault("no-such", "size", "9", (shelf,)) is None

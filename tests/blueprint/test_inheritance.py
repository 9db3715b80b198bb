"""Documents that build on others: what is inherited, replaced, merged, removed, and refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded, Request, load
from aifactory_iac.blueprint.merge import merge
from aifactory_iac.blueprint.nodes import Node, plain
from aifactory_iac.blueprint.reader import read_document
from aifactory_iac.catalog import Catalog

Write = Callable[..., Path]
_HEAD = "apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: child}\n"


def _node(text: str, layer: str = "blueprint") -> Node:
    document = read_document(text.encode(), f"{layer}.yaml", layer)
    assert document.root is not None
    assert document.findings == ()
    return document.root


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ("{a: 1, b: 2}", "{b: 3}", {"a": 1, "b": 3}),
        ("{m: {a: 1, b: 2}}", "{m: {b: 3, c: 4}}", {"m": {"a": 1, "b": 3, "c": 4}}),
        ("{m: {a: 1}}", "{m: 5}", {"m": 5}),
        ("{m: {a: 1, b: 2}}", "{m: {a: null}}", {"m": {"b": 2}}),
        ("{l: [1, 2]}", "{l: [3]}", {"l": [3]}),
        (
            "{l: [{name: a, x: 1, y: 1}, {name: b, x: 2}]}",
            "{l: [{name: c, x: 3}, {name: a, x: 9}]}",
            {"l": [{"name": "a", "x": 9, "y": 1}, {"name": "b", "x": 2}, {"name": "c", "x": 3}]},
        ),
        (
            "{l: [{name: a}, {name: b}]}",
            "{l: [{name: a, $remove: true}]}",
            {"l": [{"name": "b"}]},
        ),
        ("{l: [{name: a}]}", "{l: []}", {"l": []}),
        ("{l: []}", "{l: [{name: a}]}", {"l": [{"name": "a"}]}),
        ("{l: [{name: a}]}", "{l: [x]}", {"l": ["x"]}),
    ],
)
def test_one_layer_over_another(base: str, over: str, result: object) -> None:
    merged, findings = merge(_node(base), _node(over))
    assert plain(merged) == result
    assert findings == ()


def test_a_merged_value_remembers_every_layer() -> None:
    merged, _ = merge(_node("a: 1", "parent"), _node("a: 2"))
    merged, _ = merge(merged, _node("a: 3", "stack"))
    value = merged.entries["a"]
    chain = [(each.place.source.layer, each.value) for each in (*value.before, value)]
    assert chain == [("parent", 1), ("blueprint", 2), ("stack", 3)]


def test_metadata_is_each_documents_own(write: Write, catalog: Catalog) -> None:
    write("base.yaml", (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8"))
    child = write("child.yaml", _HEAD + "extends: ./base.yaml\n")
    loaded = load(Request(str(child)), catalog)
    assert loaded.findings == ()
    assert loaded.blueprint is not None
    assert loaded.blueprint.metadata.name == "child"
    assert loaded.blueprint.metadata.version == "0.0.0"


def test_grandparents_and_their_layers(write: Write, catalog: Catalog) -> None:
    write("base.yaml", (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8"))
    write("mid.yaml", _HEAD + "extends: ./base.yaml\nparameters: {nodes: {default: 5}}\n")
    child = write("child.yaml", _HEAD + "extends: ./mid.yaml\nparameters: {nodes: {default: 6}}\n")
    loaded = load(Request(str(child)), catalog)
    chain = loaded.origins.chain(("parameters", "nodes", "default"))
    assert [(Path(span.file).name, span.line, span.layer) for span in chain] == [
        ("base.yaml", 6, "parent"),
        ("mid.yaml", 5, "parent"),
        ("child.yaml", 5, "blueprint"),
    ]
    assert loaded.parameters == {"nodes": 6}


def test_a_circle_of_documents(write: Write, catalog: Catalog) -> None:
    first = write("a.yaml", _HEAD + "extends: ./b.yaml\n")
    write("b.yaml", _HEAD + "extends: ./c.yaml\n")
    write("c.yaml", _HEAD + "extends: ./a.yaml\n")
    (finding,) = load(Request(str(first)), catalog).findings
    assert finding.rule == "AIF-DOC-033"
    assert finding.span is not None
    assert Path(finding.span.file).name == "c.yaml"


def test_more_parents_than_anyone_can_follow(write: Write, catalog: Catalog) -> None:
    for number in range(30):
        write(f"b{number}.yaml", _HEAD + f"extends: ./b{number + 1}.yaml\n")
    first = write("b30.yaml", _HEAD).parent / "b0.yaml"
    (finding,) = load(Request(str(first)), catalog).findings
    assert (finding.rule, finding.message) == (
        "AIF-DOC-036",
        "more than 16 documents extend one another",
    )


@pytest.fixture
def project(write: Write, tmp_path: Path) -> Path:
    """A project with a document below its top, and one outside it."""
    write("outside.yaml", _HEAD)
    write("project/.aifactory/keep", "")
    write("project/base.yaml", _HEAD)
    (tmp_path / "project" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "project" / "up").symlink_to(tmp_path)
    return tmp_path / "project"


@pytest.mark.parametrize(
    ("reference", "rule"),
    [
        ("../base.yaml", None),
        ("./../base.yaml", None),
        ("../../outside.yaml", "AIF-DOC-032"),
        ("../link.yaml", "AIF-DOC-032"),
        ("../up/outside.yaml", "AIF-DOC-032"),
        ("/etc/hosts", "AIF-DOC-032"),
        ("~/base.yaml", "AIF-DOC-032"),
        ("C:\\base.yaml", "AIF-DOC-032"),
        ("../none.yaml", "AIF-DOC-030"),
        ("git::https://example.com/x", "AIF-DOC-030"),
    ],
)
def test_a_parent_stays_inside_its_project(
    reference: str, rule: str | None, project: Path, write: Write, catalog: Catalog
) -> None:
    child = write("project/deep/child.yaml", _HEAD + f"extends: {reference}\n")
    findings = load(Request(str(child)), catalog).findings
    refused = [each.rule for each in findings if each.path == ("extends",)]
    assert refused == ([rule] if rule else [])


def test_without_a_project_a_parent_stays_in_the_documents_folder(
    write: Write, catalog: Catalog
) -> None:
    write("base.yaml", _HEAD)
    child = write("deep/child.yaml", _HEAD + "extends: ../base.yaml\n")
    assert [each.rule for each in load(Request(str(child)), catalog).findings] == ["AIF-DOC-032"]


def _overlaid(write: Write, catalog: Catalog, overlay: str) -> Loaded:
    write("base.yaml", (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8"))
    stack = write(
        "stack.yaml",
        "apiVersion: aifactory/v1\nkind: Stack\nmetadata: {name: prod}\n"
        f"blueprint: ./base.yaml\noverlay:\n{overlay}",
    )
    return load(Request(str(stack)), catalog)


def test_a_stack_lays_its_overlay_over_the_blueprint(write: Write, catalog: Catalog) -> None:
    overlay = "  compute: [{name: burst, $remove: true}]\n  fabric: [{name: efa, $remove: true}]\n"
    overlay += "  orchestration: {clusters: [{name: eks, $remove: true}]}\n"
    overlay += "  governance: {environment: production}\n"
    loaded = _overlaid(write, catalog, overlay)
    assert loaded.findings == ()
    assert loaded.blueprint is not None
    assert [pool.name for pool in loaded.blueprint.compute] == ["train"]
    assert loaded.blueprint.governance.environment == "production"
    span = loaded.origins.at(("governance", "environment"))
    assert span is not None
    assert (span.layer, span.line) == ("stack", 9)


def test_findings_point_into_the_layer_that_wrote_the_value(write: Write, catalog: Catalog) -> None:
    loaded = _overlaid(write, catalog, "  compute: [{name: train, system: dgx-h999}]\n")
    (finding,) = loaded.findings
    assert finding.span is not None
    assert (Path(finding.span.file).name, finding.span.line) == ("stack.yaml", 6)
    assert finding.span.layer == "stack"

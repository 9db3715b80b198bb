"""What a TARGET may be: a file, a folder that holds a document, or a name of the library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded, Request, declared_parameters, load
from aifactory_iac.catalog import Catalog

Write = Callable[..., Path]
_LIBRARY = Path(__file__).resolve().parents[2] / "blueprints"

_DOCUMENT = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata: {{name: {name}, version: {version}}}
parameters:
  nodes: {{type: integer, default: 1}}
sites:
  - {{name: a, kind: edge, location: {{country: DE}}, facility: {{envelope: 50 kW}}}}
compute:
  - {{name: p, site: a, system: dgx-h100, count: "${{nodes}}"}}
"""


@pytest.fixture
def library(write: Write, tmp_path: Path) -> tuple[Path, Path]:
    write("one/small/blueprint.yaml", _DOCUMENT.format(name="small", version="1.2.0"))
    write("two/small/blueprint.yaml", _DOCUMENT.format(name="small", version="2.0.0"))
    return tmp_path / "one", tmp_path / "two"


def _load(target: object, catalog: Catalog, *library: Path) -> Loaded:
    return load(Request(str(target), library=library), catalog)


def _messages(loaded: Loaded) -> list[tuple[str, str, str | None]]:
    return [(each.rule, each.message, each.hint) for each in loaded.findings]


def test_a_file_a_folder_and_a_name_give_the_same(
    library: tuple[Path, Path], catalog: Catalog
) -> None:
    file = library[0] / "small" / "blueprint.yaml"
    digests = {
        _load(target, catalog, *library).digest for target in (file, file.parent, "small@^1")
    }
    assert len(digests) == 1
    assert digests != {""}


@pytest.mark.parametrize(
    ("target", "version"),
    [
        ("small", "1.2.0"),
        ("small@^1", "1.2.0"),
        ("small@~1.2", "1.2.0"),
        ("small@^2", "2.0.0"),
        ("small@>=1.0", "2.0.0"),
        ("small@>=1.0 <2", "1.2.0"),
        ("small@*", "2.0.0"),
    ],
)
def test_a_range_takes_the_newest_version_that_it_covers(
    target: str, version: str, library: tuple[Path, Path], catalog: Catalog
) -> None:
    loaded = _load(target, catalog, *library)
    assert loaded.blueprint is not None
    assert loaded.blueprint.metadata.version == version


def test_own_folders_come_before_the_shipped_library(write: Write, catalog: Catalog) -> None:
    path = write("superpod-h100/blueprint.yaml", _DOCUMENT.format(name="mine", version="9.0.0"))
    loaded = _load("superpod-h100", catalog, path.parent.parent)
    assert loaded.blueprint is not None
    assert loaded.blueprint.metadata.name == "mine"


def test_a_name_of_nothing(library: tuple[Path, Path], catalog: Catalog) -> None:
    ((rule, message, hint),) = _messages(_load("smal", catalog, *library))
    assert (rule, message) == ("AIF-DOC-002", "the library has no blueprint `smal`")
    assert hint is not None
    assert hint.startswith("did you mean `small`? library blueprints: ")
    assert "`superpod-h100`" in hint


def test_a_version_that_is_not_there(library: tuple[Path, Path], catalog: Catalog) -> None:
    assert _messages(_load("small@^3", catalog, *library)) == [
        (
            "AIF-DOC-031",
            "no version of `small` is in the range `^3`",
            "there is `1.2.0`, `2.0.0`",
        )
    ]


def test_a_folder_without_a_document(write: Write, tmp_path: Path, catalog: Catalog) -> None:
    write("empty/factory.yml", "a: 1")
    folder = tmp_path / "empty"
    assert _messages(_load(folder, catalog)) == [
        (
            "AIF-DOC-002",
            f"the folder `{folder}` holds neither `blueprint.yaml` nor `stack.yaml`",
            f"name the file: `{folder}/factory.yml`",
        )
    ]


@pytest.mark.parametrize("target", ["", "no/such/file.yaml", "a\x00b", "x" * 5000, "~", "../.."])
def test_anything_else_is_a_finding(target: str, catalog: Catalog) -> None:
    loaded = _load(target, catalog)
    assert [each.rule for each in loaded.findings] == ["AIF-DOC-002"]
    assert not loaded.valid


def test_a_folder_with_a_stack_is_that_stack(write: Write, catalog: Catalog) -> None:
    write("f/blueprint.yaml", _DOCUMENT.format(name="small", version="1.0.0"))
    stack = write(
        "f/stack.yaml",
        "apiVersion: aifactory/v1\nkind: Stack\nmetadata: {name: prod}\n"
        "blueprint: ./blueprint.yaml\nparameters: {nodes: 3}\ncatalog: [facts.yaml]\n",
    )
    loaded = _load(stack.parent, catalog)
    assert loaded.findings == ()
    assert loaded.blueprint is not None
    assert loaded.blueprint.compute[0].count == 3
    assert loaded.stack is not None
    assert loaded.stack.catalog == ("facts.yaml",)
    assert loaded.stack_path == stack
    assert sorted(Path(name).name for name in loaded.files) == ["blueprint.yaml", "stack.yaml"]


def test_every_shipped_blueprint_loads(catalog: Catalog) -> None:
    names = sorted(path.parent.name for path in _LIBRARY.glob("*/blueprint.yaml"))
    assert len(names) >= 5
    for name in names:
        loaded = _load(name, catalog)
        assert (name, loaded.findings, loaded.valid) == (name, (), True)


def test_the_parameters_that_a_target_declares(library: tuple[Path, Path]) -> None:
    assert declared_parameters("small", library) == {"nodes": {"type": "integer", "default": 1}}
    assert declared_parameters("none-such", library) == {}

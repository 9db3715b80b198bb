"""The examples of `docs/blueprint-language.md` are read, and those that are documents are sound."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Request, load
from aifactory_iac.blueprint.composer import MAX_ALIASES, MAX_DEPTH, MAX_VALUES
from aifactory_iac.blueprint.reader import MAX_BYTES
from aifactory_iac.blueprint.schema import editor_header
from aifactory_iac.catalog import Catalog

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "blueprint-language.md"
_BLOCKS = re.findall(r"```yaml\n(.*?)```", _PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_editor_header_names_a_schema_beside_the_document() -> None:
    assert _BLOCKS[0] == editor_header("blueprint.schema.json")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_document_on_the_page_is_sound(
    number: int, write: Callable[..., Path], catalog: Catalog
) -> None:
    write("lab.yaml", _BLOCKS[1])
    loaded = load(Request(str(write("shown.yaml", _BLOCKS[number]))), catalog)
    assert loaded.findings == ()
    assert loaded.blueprint is not None
    assert loaded.blueprint.compute[0].count == {1: 4, 2: 16, 3: 8}[number]


def test_the_limits_on_the_page_are_those_of_the_reader() -> None:
    text = " ".join(_PAGE.read_text(encoding="utf-8").split())
    assert MAX_BYTES == 1024 * 1024
    assert f"at most 1 MiB, {MAX_DEPTH} levels, {MAX_VALUES:,} values" in text
    assert f"and {MAX_ALIASES} aliases" in text

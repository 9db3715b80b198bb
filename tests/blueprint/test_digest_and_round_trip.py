"""Identity is the name: no order changes the meaning; and a resolved document loads as itself."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.blueprint import Loaded, Request, load
from aifactory_iac.blueprint.document_text import document_text
from aifactory_iac.blueprint.nodes import plain
from aifactory_iac.blueprint.reader import read_document
from aifactory_iac.catalog import Catalog

_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENTS = [
    Path(__file__).resolve().parent / "bad" / "base.yaml",
    *(
        _ROOT / "blueprints" / name / "blueprint.yaml"
        for name in ("superpod-h100", "startup-cloud", "edge-inference", "colossus-100k")
    ),
]
_quick = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _shuffled(value: Any, order: random.Random) -> Any:
    """The value with every mapping and every list of named items in another order."""
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: _shuffled(value[key], order) for key in keys}
    if isinstance(value, list):
        items = [_shuffled(item, order) for item in value]
        if items and all(isinstance(item, dict) and "name" in item for item in items):
            order.shuffle(items)
        return items
    return value


@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.parent.name)
@_quick
@given(seed=st.integers(0, 2**32))
def test_no_permutation_changes_the_digest_or_the_findings(
    path: Path, seed: int, catalog: Catalog, tmp_path: Path
) -> None:
    root = read_document(path.read_bytes(), path.name, "blueprint").root
    assert root is not None
    other = tmp_path / "blueprint.yaml"
    other.write_text(document_text(_shuffled(plain(root), random.Random(seed))), encoding="utf-8")
    first, second = load(Request(str(path)), catalog), load(Request(str(other)), catalog)
    assert first.digest == second.digest != ""
    assert (first.findings, second.findings) == ((), ())


@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.parent.name)
def test_a_resolved_document_loads_as_itself(path: Path, catalog: Catalog, tmp_path: Path) -> None:
    from aifactory_iac.blueprint.document_text import resolved_document

    loaded = load(Request(str(path)), catalog)
    assert loaded.blueprint is not None
    other = tmp_path / "blueprint.yaml"
    other.write_text(document_text(resolved_document(loaded.blueprint)), encoding="utf-8")
    again = load(Request(str(other)), catalog)
    assert again.findings == ()
    assert again.blueprint is not None
    assert again.blueprint.model_copy(update={"parameters": {}}) == loaded.blueprint.model_copy(
        update={"parameters": {}, "extends": None}
    )


def test_a_parameters_value_is_part_of_the_digest(catalog: Catalog) -> None:
    digests = {
        load(Request(str(_DOCUMENTS[0]), {"nodes": str(count)}), catalog).digest
        for count in (4, 5, 5)
    }
    assert len(digests) == 2


def test_comments_and_layout_are_not(load_text: Callable[..., Loaded], catalog: Catalog) -> None:
    text = _DOCUMENTS[0].read_text(encoding="utf-8")
    assert load_text("# more\n" + text).digest == load(Request(str(_DOCUMENTS[0])), catalog).digest

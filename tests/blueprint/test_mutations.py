"""A thousand broken documents: no exception, no hang, no place outside the document.

Each library blueprint is broken in many seeded ways, as text and as data. Whatever comes of it,
loading ends, every finding points into a real line, and a document that still loads says the same
as the one it was made from unless a value was changed.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.blueprint import Request, load
from aifactory_iac.blueprint.document_text import document_text
from aifactory_iac.blueprint.nodes import plain
from aifactory_iac.blueprint.reader import read_document
from aifactory_iac.catalog import Catalog

_ROOT = Path(__file__).resolve().parents[2]
_DOCUMENTS = [
    Path(__file__).resolve().parent / "bad" / "base.yaml",
    *sorted((_ROOT / "blueprints").glob("*/blueprint.yaml")),
]
_JUNK = ["\t", ":", "{", "}", "[", "]", '"', "'", "&a ", "*a ", "!x ", "- ", "\n", "${", "}", "#"]
_JUNK += ["\x00", "é", "\U0001f600", "%", "@", "`", "|", ">", "?", "<<: ", "~", "---\n", "...\n"]
_VALUES: list[Any] = [None, True, -1, 0, 1e308, 10**30, 2.5, "", "no", "${x}", "${sites}", "44 kb"]
_VALUES += [[], {}, [None], [[]], {"": {}}, {"name": "x"}, [{"name": "x"}] * 2, "${", "x" * 5000]
_EACH = 80


def _broken_text(text: str, order: random.Random) -> str:
    for _ in range(order.randint(1, 4)):
        place = order.randrange(len(text))
        match order.randrange(5):
            case 0:
                text = text[:place] + order.choice(_JUNK) + text[place:]
            case 1:
                text = text[:place] + text[place + order.randint(1, 30) :]
            case 2:
                text = text[:place] + order.choice(_JUNK) + text[place + 1 :]
            case 3:
                lines = text.split("\n")
                line = order.randrange(len(lines))
                lines[line] = " " * order.randint(0, 9) + lines[line].lstrip()
                text = "\n".join(lines)
            case _:
                lines = text.split("\n")
                lines.insert(order.randrange(len(lines)), order.choice(lines))
                text = "\n".join(lines)
    return text or "x"


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(each for key, item in below for each in _paths(item, (*path, key)))]


def _broken_data(data: Any, order: random.Random) -> Any:
    for _ in range(order.randint(1, 3)):
        path = order.choice([each for each in _paths(data) if each])
        owner = data
        for step in path[:-1]:
            owner = owner[step]
        match order.randrange(4):
            case 0:
                owner[path[-1]] = order.choice(_VALUES)
            case 1:
                del owner[path[-1]]
            case 2 if isinstance(owner, dict):
                owner[f"{path[-1]}x"] = owner.pop(path[-1])
            case _ if isinstance(owner, list):
                owner.append(owner[path[-1]])
            case _:
                owner[path[-1]] = [owner[path[-1]]]
    return data


@pytest.mark.parametrize("path", _DOCUMENTS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("kind", ["text", "data"])
def test_a_broken_document_is_always_answered(
    path: Path, kind: str, catalog: Catalog, write: Callable[..., Path]
) -> None:
    order = random.Random(f"{path.parent.name} {kind}")
    text = path.read_text(encoding="utf-8")
    root = read_document(text.encode(), path.name, "blueprint").root
    assert root is not None
    for number in range(_EACH):
        if kind == "text":
            broken = _broken_text(text, order)
        else:
            broken = document_text(_broken_data(plain(root), order))
        file = write("blueprint.yaml", broken.encode("utf-8", "replace"))
        started = time.process_time()
        loaded = load(Request(str(file)), catalog)
        assert time.process_time() - started < 5, (number, broken)
        assert loaded.valid or loaded.findings, (number, broken)
        for finding in loaded.findings:
            assert finding.span is not None, (number, finding)
            if finding.span.file == str(file):
                assert finding.span.line <= broken.count("\n") + 2, (number, finding)


@pytest.mark.parametrize("path", _DOCUMENTS[:1], ids=lambda path: path.parent.name)
def test_a_renamed_key_is_never_silently_ignored(
    path: Path, catalog: Catalog, write: Callable[..., Path]
) -> None:
    root = read_document(path.read_bytes(), path.name, "blueprint").root
    assert root is not None
    for position in _paths(plain(root)):
        if not position or not isinstance(position[-1], str) or position[0] == "parameters":
            continue
        data = plain(root)
        owner = data
        for step in position[:-1]:
            owner = owner[step]
        owner[f"{position[-1]}_"] = owner.pop(position[-1])
        file = write("blueprint.yaml", document_text(data))
        rules = {finding.rule for finding in load(Request(str(file)), catalog).findings}
        assert rules & {"AIF-DOC-021", "AIF-DOC-022"}, position

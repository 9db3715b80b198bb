"""Documents made to take for ever: every one is answered at once, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded

Load = Callable[..., Loaded]
_LONGEST = 30.0
"""CPU seconds, under coverage and on a busy machine."""

_HEAD = "apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: x}\nextends: ./base.yaml\n"


def _lines(line: str, count: int) -> str:
    return "".join(line.format(number=number) for number in range(count))


_DOCUMENTS: dict[str, tuple[str, set[str]]] = {
    "unknown keys": (_lines("key{number}: 1\n", 20_000), {"021", "090"}),
    "more keys than are read": (_lines("key{number}: 1\n", 40_000), {"011"}),
    "one key again and again": (_lines("sites: []\n", 20_000), {"008", "090"}),
    "names of nothing": (
        "fabric:\n  - name: compute\n    serves: [" + _lines("x{number}, ", 12_000) + "]\n",
        {"060", "090"},
    ),
    "references to nothing": (
        "governance:\n  tags:\n" + _lines('    k{number}: "${{n{number}}}"\n', 20_000),
        {"050"},
    ),
    "a list of references to nothing": (
        "fabric:\n  - name: compute\n    serves: [" + _lines('"${{n{number}}}", ', 20_000) + "]\n",
        {"050"},
    ),
    "bad parameters": (
        "parameters:\n" + _lines("  p{number}: {{type: x}}\n", 8_000),
        {"040", "090"},
    ),
    "secrets": (
        "governance:\n  tags:\n" + _lines("    k{number}: AKIAABCDEFGHIJKLMNOP\n", 20_000),
        {"071", "090"},
    ),
    "half a secret, over and over": ("governance: {profile: " + "sk-" * 300_000 + "}\n", {"024"}),
    "another half": ("governance: {profile: " + "eyJ-" * 200_000 + "}\n", {"024"}),
    "a very long name": ("compute: [{name: train, site: " + "x" * 500_000 + "}]\n", {"024", "060"}),
    "nesting": ("compute: " + "[" * 100_000 + "\n", {"011"}),
    "one list in another": ("compute: " + "[" * 25 + "]" * 25 + "\n", {"023"}),
}


@pytest.mark.parametrize("name", sorted(_DOCUMENTS))
def test_it_is_answered_at_once(name: str, load_text: Load, write: Callable[..., Path]) -> None:
    body, rules = _DOCUMENTS[name]
    write("base.yaml", (Path(__file__).parent / "bad" / "base.yaml").read_text(encoding="utf-8"))
    started = time.process_time()
    loaded = load_text(_HEAD + body)
    # Users wait a second or two; tracing for coverage costs several times that, and what is
    # quadratic takes minutes.
    assert time.process_time() - started < _LONGEST
    assert not loaded.valid
    found = {finding.rule[-3:] for finding in loaded.findings}  # AIF-DOC-090 and its like
    assert rules <= found
    assert len(loaded.findings) <= 450
    assert max(len(finding.message) for finding in loaded.findings) < 500
    assert max(len(each.span.text) for each in loaded.findings if each.span) <= 2_000

"""The YAML reader of the catalog: plain values, positions, and nothing that could explode."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.compat import StringIO

from aifactory_iac.catalog.reading import Positions, ReadingError, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("no", "no"),
        ("NO", "NO"),
        ("'12'", "12"),
        ("12", 12),
        ("-3", -3),
        ("+4", 4),
        ("1.50", 1.5),
        (".5", 0.5),
        ("6.02e23", 6.02e23),
        ("012", 12.0),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("1e999", "1e999"),
        ("2026-11-21", "2026-11-21"),
        ("7060X6-64PE", "7060X6-64PE"),
        ("2500S", "2500S"),
        ("[1, [a, b], {c: d}]", [1, ["a", "b"], {"c": "d"}]),
        ("{400: 64}", {400: 64}),
        ("a: >-\n  one\n  two\n", {"a": "one two"}),
    ],
)
def test_plain_values(text: str, value: object) -> None:
    assert read(text) == value
    assert type(read(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "reason", "line", "column"),
    [
        ("a: &x 1", "anchors are not allowed here", 1, 4),
        ("a: *x", "aliases are not allowed here; write the value out", 1, 4),
        ("a: !!str 1", "tags are not allowed here", 1, 4),
        ("!!python/object:os.system x", "tags are not allowed here", 1, 1),
        ("a: 1\nb: 2\na: 3", "the key 'a' stands here a second time", 3, 1),
        ("? [1]\n: 2", "a key must be a word or a number", 1, 3),
        ("a\n---\nb", "a second document in one file", 2, 1),
        ("a: [1", "while parsing a flow sequence did not find expected ',' or ']'", 2, 1),
        ("a: 1\n\tb: 2", "found a tab character that violates indentation", 2, 1),
        ("\x00", "unacceptable character #x0000: control characters are not allowed", 1, 1),
    ],
)
def test_what_is_refused_and_where(text: str, reason: str, line: int, column: int) -> None:
    with pytest.raises(ReadingError) as caught:
        read(text)
    assert reason in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_deep_nesting_is_refused_without_recursion() -> None:
    with pytest.raises(ReadingError, match="nested deeper than 32 levels"):
        read("[" * 100_000)


def test_a_billion_laughs_do_not_expand() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{i}: [*a, *a]\n" for i in range(50))
    with pytest.raises(ReadingError, match="anchors are not allowed"):
        read(bomb)


def test_positions_of_keys_and_values() -> None:
    positions = Positions()
    read("switches:\n  QM9700: {radix: {400: 64}, sources: [a, bb]}\n", positions)
    path = ("switches", "QM9700")
    assert positions.keys[path] == (2, 3, 6)
    assert positions.values[(*path, "radix", "400")] == (2, 25, 2)
    assert positions.values[(*path, "sources", 1)] == (2, 43, 2)
    assert positions.nearest((*path, "sources", 7)) == positions.values[(*path, "sources")]
    assert positions.nearest(("nowhere",)) == positions.values[()]
    assert Positions().nearest(("a",)) is None


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text("abzXÄé 019._", max_size=12)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdef", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(TREES)
@settings(max_examples=150, deadline=None)
def test_reads_back_what_a_yaml_writer_wrote(tree: Any) -> None:
    writer = YAML(typ="safe", pure=True)
    writer.representer.ignore_aliases = lambda *_: True
    stream = StringIO()
    writer.dump({"tree": tree}, stream)
    assert read(stream.getvalue()) == {"tree": tree}


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_value_or_a_reading_error(text: str) -> None:
    try:
        read(text, Positions())
    except ReadingError as error:
        assert error.line >= 1
        assert error.column >= 1
        assert error.message

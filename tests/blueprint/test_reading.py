"""Bytes that are no document: every kind is a finding with a place, none is an exception."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from aifactory_iac.blueprint import Loaded, Request, load
from aifactory_iac.blueprint.files import Disk, Unreadable
from aifactory_iac.blueprint.nodes import plain
from aifactory_iac.blueprint.reader import MAX_BYTES, read_document
from aifactory_iac.catalog import Catalog

Load = Callable[..., Loaded]


def _only(loaded: Loaded) -> tuple[str, str, int, int]:
    (finding,) = loaded.findings
    assert finding.span is not None
    return finding.rule, finding.message, finding.span.line, finding.span.column


def test_a_missing_values_file(load_text: Load, tmp_path: Path) -> None:
    loaded = load_text("a: 1", values=tmp_path / "none.yaml")
    rules = [finding.rule for finding in loaded.findings]
    assert "AIF-DOC-001" in rules


class _Denied(Disk):
    """A disk whose files nobody may read."""

    def read(self, path: Path) -> bytes:
        raise Unreadable("permission denied")


def test_a_file_without_permission(write: Callable[..., Path], catalog: Catalog) -> None:
    path = write("blueprint.yaml", "a: 1")
    loaded = load(Request(str(path)), catalog, _Denied())
    assert _only(loaded)[:2] == ("AIF-DOC-001", f"`{path}` cannot be read: permission denied")


def test_a_pipe_is_not_waited_for(tmp_path: Path, catalog: Catalog) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    loaded = load(Request(str(tmp_path / "pipe.yaml")), catalog)
    assert _only(loaded)[:2] == (
        "AIF-DOC-001",
        f"`{tmp_path}/pipe.yaml` cannot be read: it is not a regular file",
    )


def test_a_document_of_ten_megabytes(load_text: Load) -> None:
    loaded = load_text("a: " + "x" * 10 * MAX_BYTES)
    assert _only(loaded) == (
        "AIF-DOC-003",
        "the document has more than 1,048,576 bytes, the most that is read",
        1,
        1,
    )


@pytest.mark.parametrize(
    ("data", "message", "line", "column"),
    [
        (b"a: 1\nb: caf\xe9\n", "byte 0xe9 is not UTF-8 text", 2, 7),
        ("a: 1".encode("utf-16"), "the file is UTF-16 text; a document is UTF-8", 1, 1),
        (b"a: 1\n\x00\x01", "control character U+0000 in the text", 2, 1),
        (b"\x7fELF\x02\x01", "control character U+007F in the text", 1, 1),
        (b"\x89PNG\r\n\x1a\n", "byte 0x89 is not UTF-8 text", 1, 1),
    ],
)
def test_what_is_not_text(
    data: bytes, message: str, line: int, column: int, load_text: Load
) -> None:
    assert _only(load_text(data)) == ("AIF-DOC-004", message, line, column)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    document = read_document(b"\xef\xbb\xbfa: 1\n", "x", "blueprint")
    assert document.findings == ()
    assert document.root is not None
    assert plain(document.root) == {"a": 1}


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028"])
def test_lines_are_counted_as_yaml_counts_them(line_break: str) -> None:
    document = read_document(f"a: 1{line_break}b: {{".encode(), "x", "blueprint")
    (finding,) = document.findings
    assert finding.span is not None
    assert finding.span.line == 2


def test_a_colon_inside_brackets_is_part_of_the_value() -> None:
    text = b"purchase: {start: 2027-02-01T11:30:00Z}\nmembers: [group:platform]\n"
    document = read_document(text, "x", "blueprint")
    assert document.root is not None
    assert plain(document.root) == {
        "purchase": {"start": "2027-02-01T11:30:00Z"},
        "members": ["group:platform"],
    }
    start = document.root.entries["purchase"].entries["start"].place
    assert (start.line, start.column, start.length) == (1, 19, 20)


def test_nesting_without_end_stops_at_once() -> None:
    document = read_document(b"[" * 500_000, "x", "blueprint")
    assert [finding.rule for finding in document.findings] == ["AIF-DOC-011"]


def test_aliases_within_reason_are_values_like_any_other() -> None:
    text = b"a: &racks {limit: 44 kW}\nb: *racks\n"
    document = read_document(text, "x", "blueprint")
    assert document.root is not None
    assert plain(document.root)["b"] == {"limit": "44 kW"}

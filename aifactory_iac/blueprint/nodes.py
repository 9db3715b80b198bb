"""The value tree of a document: plain values, each with the place it was written at.

Everything before the typed model works on this tree, so no step has to remember where a value
came from. Trees are immutable; a step gives a new one and shares what it did not change.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aifactory_iac.findings import Path, Span

Scalar = str | int | float | bool | None

_BREAKS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""YAML 1.1's line breaks: libyaml counts lines by them, so we must as well."""


_LONGEST_LINE = 2_000


@dataclass(frozen=True, eq=False)
class Source:
    """A text that values were read from: how it is shown, in which layer, and its lines."""

    shown: str
    layer: str
    text: str = ""

    @functools.cached_property
    def lines(self) -> tuple[str, ...]:
        """The text by line, without the line breaks."""
        return tuple(_BREAKS.split(self.text))

    def line(self, number: int) -> str:
        """The line of that number, counted from 1; empty past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a source: line and column from 1; `length` stays on the first line."""

    source: Source
    line: int
    column: int
    length: int = 1
    last_line: int = 0
    """The last line that the value covers."""

    def span(self) -> Span:
        """The place as findings show it; a line too long to read is not shown."""
        text = self.source.line(self.line)
        return Span(
            file=self.source.shown,
            line=self.line,
            column=self.column,
            length=max(1, self.length),
            text=text if len(text) <= _LONGEST_LINE else "",
            layer=self.source.layer,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value, where it stands, and what it replaced.

    `value` is a scalar, a tuple of nodes, or a mapping of text to nodes. `key` is the place of the
    key that the node stands under. `raw` is the text of a scalar as written, `quoted` whether
    quotes (or a block) made it text. `before` are the values of earlier layers, oldest first;
    `via` the parameters or values that references took it from. `size` counts all nodes below.
    """

    value: Scalar | tuple[Node, ...] | Mapping[str, Node]
    place: Place
    key: Place | None = None
    raw: str = ""
    quoted: bool = False
    before: tuple[Node, ...] = ()
    via: tuple[tuple[Path, Node], ...] = ()
    size: int = 1
    deferred: bool = False
    """Whether it is `${env:NAME}`, which is read only when applying."""
    broken: bool = False
    """Whether a finding was already made about the value, so that no other is made."""

    @property
    def is_scalar(self) -> bool:
        """Whether the value is neither a list nor a mapping."""
        return not isinstance(self.value, tuple | Mapping)

    @property
    def items(self) -> tuple[Node, ...]:
        """The items of a list; none for anything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def entries(self) -> Mapping[str, Node]:
        """The entries of a mapping; none for anything else."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def name(self) -> str | None:
        """The item's name, when it is a mapping with a text under `name`."""
        named = self.entries.get("name")
        return named.value if named is not None and isinstance(named.value, str) else None

    @property
    def where(self) -> Place:
        """The place to point at: a scalar itself, an item's name, else the key, else the start."""
        if self.is_scalar:
            return self.place
        if self.key is not None:
            return self.key
        named = self.entries.get("name")
        return named.place if named is not None and named.is_scalar else self.place

    def with_value(self, value: Scalar | tuple[Node, ...] | Mapping[str, Node]) -> Node:
        """The node with another value, its size counted anew."""
        return replace(self, value=value, size=1 + sum(child.size for child in _children(value)))


def _children(value: Any) -> Iterator[Node]:
    if isinstance(value, tuple):
        yield from value
    elif isinstance(value, Mapping):
        yield from value.values()


def plain(node: Node) -> Any:
    """The tree as Python values: dict, list and scalars."""
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, Mapping):
        return {key: plain(item) for key, item in node.value.items()}
    return node.value


def is_named_list(node: Node) -> bool:
    """Whether every item is a mapping with a name; the empty list is not."""
    return bool(node.items) and all(item.name is not None for item in node.items)


def steps(node: Node) -> Iterator[tuple[str | int, Node]]:
    """The children with their path elements: keys, names of a named list's items, else indexes.

    An item whose name another item before it has keeps its index, so that paths stay unique.
    """
    if isinstance(node.value, Mapping):
        yield from node.value.items()
        return
    named = is_named_list(node)
    seen: set[str] = set()
    for index, item in enumerate(node.items):
        name = item.name if named else None
        if name is None or name in seen:
            yield index, item
        else:
            seen.add(name)
            yield name, item


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, parents first."""
    yield path, node
    for step, child in steps(node):
        yield from walk(child, (*path, step))


def at(node: Node, path: Path) -> Node | None:
    """The node at a path; a number also counts through a named list."""
    for element in path:
        found = dict(steps(node)).get(element)
        if found is None and isinstance(element, int) and element < len(node.items):
            found = node.items[element]
        if found is None:
            return None
        node = found
    return node

"""YAML text to plain values, with the place of every key when asked.

Reads the event stream of libyaml's parser. Composing and constructing through ruamel.yaml costs
six times as much, and the catalog is read at every start of the tool. Scalars follow the YAML 1.2
core schema (`no` is a string, as Norway wants). Anchors, aliases, tags, duplicate keys, keys that
are not scalars and more than one document are refused, which also makes the reader safe for files
of strangers: nothing can expand, and nesting costs no recursion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from aifactory_iac.findings import Path

MAX_DEPTH = 32
"""Deeper nesting than any record has; a limit, so that later walks may recurse."""

_NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

Position = tuple[int, int, int]
"""Line and column, both counted from 1, and length in characters."""


class ReadingError(Exception):
    """Text that is not plain YAML; the message says why, `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(slots=True)
class Positions:
    """Where keys and values stand, by path from the root; empty until `read` fills it."""

    keys: dict[Path, Position] = field(default_factory=dict)
    values: dict[Path, Position] = field(default_factory=dict)

    def nearest(self, path: Path) -> Position | None:
        """The place of the value at the path, or of its nearest parent that has one."""
        for end in range(len(path), -1, -1):
            found = self.values.get(path[:end])
            if found is not None:
                return found
        return None


def read(text: str, positions: Positions | None = None) -> Any:
    """The one document in the text as dicts, lists, strings, numbers, booleans and `None`.

    Raises:
        ReadingError: the text is not YAML, or more than plain YAML.
    """
    try:
        return _Builder(positions).build(YAML(typ="safe", pure=False).parse(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ReadingError(reason or "not YAML", line, column) from error
    except (YAMLError, UnicodeError) as error:
        # libyaml's reader error names a byte position only; the first line of it is for people.
        raise ReadingError(str(error).splitlines()[0], 1, 1) from error


def scalar(text: str) -> str | int | float | bool | None:
    """A plain (unquoted) scalar under the YAML 1.2 core schema, without octal and infinities."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "0123456789+-.":
        if _NUMBER.match(text):
            return int(text) if len(text) < 300 else text
        if _DECIMAL.match(text):
            number = float(text)
            return number if abs(number) != float("inf") else text
    return text


class _Builder:
    """Turns events into values with a stack of open containers."""

    def __init__(self, positions: Positions | None) -> None:
        self._positions = positions
        self._stack: list[dict[Any, Any] | list[Any]] = []
        self._keys: list[Any] = []
        self._path: list[str | int] = []
        self._root: Any = None
        self._seen_document = False

    def build(self, events: Iterator[Any]) -> Any:
        handlers: dict[str, Callable[[Any], None]] = {
            "ScalarEvent": self._scalar,
            "MappingStartEvent": self._open_mapping,
            "SequenceStartEvent": self._open_sequence,
            "MappingEndEvent": self._close,
            "SequenceEndEvent": self._close,
            "AliasEvent": self._alias,
            "DocumentStartEvent": self._document,
        }
        for event in events:
            handler = handlers.get(type(event).__name__)
            if handler is not None:
                handler(event)
        return self._root

    def _document(self, event: Any) -> None:
        if self._seen_document:
            raise _refuse(event, "a second document in one file")
        self._seen_document = True

    def _alias(self, event: Any) -> None:
        raise _refuse(event, "aliases are not allowed here; write the value out")

    def _scalar(self, event: Any) -> None:
        _check_plain(event)
        value = scalar(event.value) if event.implicit[0] else event.value
        if self._wants_key():
            self._key(event, value)
        else:
            self._place(event, value)

    def _wants_key(self) -> bool:
        return bool(self._stack) and type(self._stack[-1]) is dict and self._keys[-1] is _NONE

    def _key(self, event: Any, key: Any) -> None:
        if key in self._stack[-1]:
            raise _refuse(event, f"the key '{key}' stands here a second time")
        self._keys[-1] = key
        if self._positions is not None:
            self._positions.keys[(*self._path, str(key))] = _position(event)

    def _place(self, event: Any, value: Any) -> None:
        if not self._stack:
            self._root = value
            if self._positions is not None:
                self._positions.values[()] = _position(event)
            return
        parent = self._stack[-1]
        step = self._step()
        if type(parent) is dict:
            parent[self._keys[-1]] = value
            self._keys[-1] = _NONE
        else:
            cast("list[Any]", parent).append(value)
        if self._positions is not None:
            self._positions.values[(*self._path, step)] = _position(event)

    def _step(self) -> str | int:
        """The path step that the next value takes: list indexes are numbers, keys are text."""
        parent = self._stack[-1]
        return str(self._keys[-1]) if type(parent) is dict else len(parent)

    def _open_mapping(self, event: Any) -> None:
        self._open(event, {})

    def _open_sequence(self, event: Any) -> None:
        self._open(event, [])

    def _open(self, event: Any, container: dict[Any, Any] | list[Any]) -> None:
        _check_plain(event)
        if self._wants_key():
            raise _refuse(event, "a key must be a word or a number")
        if len(self._stack) >= MAX_DEPTH:
            raise _refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        step = self._step() if self._stack else None
        self._place(event, container)
        if step is not None:
            self._path.append(step)
        self._stack.append(container)
        self._keys.append(_NONE)

    def _close(self, event: Any) -> None:  # noqa: ARG002
        self._stack.pop()
        self._keys.pop()
        if self._path:
            self._path.pop()


_NONE = object()


def _check_plain(event: Any) -> None:
    if event.anchor is not None:
        raise _refuse(event, "anchors are not allowed here")
    if event.tag is not None:
        raise _refuse(event, "tags are not allowed here")


def _position(event: Any) -> Position:
    start, end = event.start_mark, event.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return start.line + 1, start.column + 1, max(1, length)


def _refuse(event: Any, reason: str) -> ReadingError:
    return ReadingError(reason, event.start_mark.line + 1, event.start_mark.column + 1)

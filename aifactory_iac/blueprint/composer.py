"""Composes libyaml's events into a value tree, keeping every place and refusing what explodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.reader import ReaderError

from aifactory_iac.blueprint.events import c_events, must_be_pure, pure_events
from aifactory_iac.blueprint.nodes import Node, Place, Source
from aifactory_iac.blueprint.rules import MOST_FINDINGS, found
from aifactory_iac.blueprint.scalars import NotFinite, scalar
from aifactory_iac.blueprint.syntax import syntax_finding
from aifactory_iac.findings import Finding

MAX_DEPTH = 32
MAX_VALUES = 50_000
MAX_ALIASES = 200

_PLAIN_TAGS = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
_TEXT_TAG = "tag:yaml.org,2002:str"


class _Stop(Exception):  # noqa: N818 - ends the composition, carries its last finding
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    place: Place
    anchor: str | None
    mapping: bool
    entries: dict[str, Node] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: tuple[str, Place] | None = None
    bad_key: bool = False
    """The key that was read cannot be one; its value is read and dropped."""
    size: int = 1


def compose(source: Source) -> tuple[Node | None, tuple[Finding, ...]]:
    """The root of the only document in the source; `None` when there is none. Never raises."""
    composer = _Composer(source)
    try:
        try:
            composer.run(c_events(source.text))
        except MarkedYAMLError as error:
            if not must_be_pure(error, source.text):
                raise
            composer = _Composer(source)
            composer.run(pure_events(source.text))
    except _Stop as stop:
        composer.findings.append(stop.finding)
        return None, tuple(composer.findings)
    except (MarkedYAMLError, ReaderError, YAMLStreamError) as error:
        composer.findings.append(syntax_finding(error, source))
        return None, tuple(composer.findings)
    return composer.root, tuple(composer.findings)


class _Composer:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.root: Node | None = None
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._open_anchors: set[str] = set()
        self._values = 0
        self._aliases = 0
        self._documents = 0

    def run(self, events: Iterator[Any]) -> None:
        """Reads the whole stream; raises `_Stop` where reading on makes no sense."""
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            MappingStartEvent: self._start,
            SequenceStartEvent: self._start,
            MappingEndEvent: self._end,
            SequenceEndEvent: self._end,
            AliasEvent: self._alias,
            DocumentStartEvent: self._document,
        }
        ignored = (StreamStartEvent, DocumentEndEvent, StreamEndEvent)
        for event in events:
            if not isinstance(event, ignored):
                handlers[type(event)](event)
        if self.root is None or self._is_empty(self.root):
            self.root = None
            raise self._stop(
                "006", "the document is empty", Place(self.source, 1, 1), "see `aifactory init`"
            )

    @staticmethod
    def _is_empty(root: Node) -> bool:
        return root.value is None and not root.raw

    def _document(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            place = self._place(event)
            hint = "keep one document a file; `extends` joins them"
            raise self._stop("007", "a second document starts here", place, hint)

    def _scalar(self, event: ScalarEvent) -> None:
        place = self._place(event)
        self._count(1, place)
        quoted = bool(event.style)
        value: Any = event.value
        broken = False
        if event.tag not in (None, "!", _TEXT_TAG):
            self._tag(event.tag, place)
        elif event.tag is None and not quoted:
            try:
                value = scalar(event.value)
            except NotFinite:
                message = "the number is infinite, undefined or too long to hold"
                self._note(found("013", message, hint="write a plain number", span=place.span()))
                value, broken = event.value, True
        node = Node(value, place, raw=event.value, quoted=quoted, broken=broken)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        self._add(node)

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        place = replace(self._place(event), length=1)
        self._count(1, place)
        if event.tag not in _PLAIN_TAGS:
            self._tag(event.tag, place)
        if len(self._stack) >= MAX_DEPTH:
            message = f"the document is nested more than {MAX_DEPTH} levels deep"
            raise self._stop("011", message, place, "check brackets; no blueprint is so deep")
        if event.anchor is not None:
            self._open_anchors.add(event.anchor)
            self._anchors.pop(event.anchor, None)
        mapping = isinstance(event, MappingStartEvent)
        self._stack.append(_Open(place, event.anchor, mapping))

    def _end(self, event: MappingEndEvent | SequenceEndEvent) -> None:
        opened = self._stack.pop()
        place = replace(opened.place, last_line=event.end_mark.line + 1)
        value: Any = opened.entries if opened.mapping else tuple(opened.items)
        node = Node(value, place, size=opened.size)
        if opened.anchor is not None:
            self._open_anchors.discard(opened.anchor)
            self._anchors[opened.anchor] = node
        self._add(node)

    def _alias(self, event: AliasEvent) -> None:
        place = self._place(event)
        if event.anchor in self._open_anchors:
            message = f"`*{event.anchor}` stands inside the value that it stands for"
            raise self._stop("012", message, place, "write the value out")
        if event.anchor not in self._anchors:
            message = f"`*{event.anchor}` has no anchor before it"
            hint = f"put `&{event.anchor}` before the value that it stands for"
            self._note(found("012", message, hint=hint, span=place.span()))
            self._add(Node(None, place, broken=True))
            return
        self._aliases += 1
        node = self._anchors[event.anchor]
        self._count(node.size, place)
        if self._aliases > MAX_ALIASES:
            message = f"the document has more than {MAX_ALIASES} aliases"
            raise self._stop("011", message, place, "use a parameter and `${...}`")
        self._add(node)

    def _add(self, node: Node) -> None:
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1]
        if not parent.mapping:
            parent.items.append(node)
            parent.size += node.size
        elif parent.key is None and not parent.bad_key:
            self._key(parent, node)
        else:
            if parent.key is not None:
                name, place = parent.key
                parent.entries[name] = replace(node, key=place)
                parent.size += node.size
            parent.key, parent.bad_key = None, False

    def _key(self, parent: _Open, node: Node) -> None:
        place = node.place
        merge_key = node.raw == "<<" and not node.quoted
        if merge_key or not isinstance(node.value, str):
            what = "a merge key" if merge_key else "not text"
            hint = "use `extends` or an overlay" if merge_key else "quote the key"
            self._note(found("009", f"the key is {what}", hint=hint, span=place.span()))
            parent.bad_key = True
            return
        if node.raw in parent.entries:
            first = parent.entries[node.raw].key
            seen = f"; it first stands in line {first.line}" if first is not None else ""
            message = f"the key `{node.raw}` stands twice in this mapping{seen}"
            self._note(found("008", message, hint="keep one of the two", span=place.span()))
            parent.bad_key = True
            return
        parent.key = (node.raw, place)

    def _count(self, values: int, place: Place) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            message = f"the document expands to more than {MAX_VALUES:,} values"
            hint = "aliases and long lists count; use `count` and parameters instead"
            raise self._stop("011", message, place, hint)

    def _tag(self, tag: str | None, place: Place) -> None:
        shown = str(tag).replace("tag:yaml.org,2002:", "!!")
        hint = "remove the tag; quote a value to make it text"
        self._note(found("010", f"the tag `{shown}` is not allowed", hint=hint, span=place.span()))

    def _note(self, finding: Finding) -> None:
        self.findings.append(finding)
        if len(self.findings) >= MOST_FINDINGS:
            message = f"the document has {MOST_FINDINGS} mistakes up to here; the rest is not read"
            raise _Stop(found("090", message, hint="mend these first", span=finding.span))

    def _place(self, event: Any) -> Place:
        start, end = event.start_mark, event.end_mark
        line = start.line + 1
        if end.line == start.line:
            length = end.column - start.column
        else:
            length = len(self.source.line(line)) - start.column
        last = end.line + 1 if end.column else max(line, end.line)
        return Place(self.source, line, start.column + 1, max(1, length), last)

    @staticmethod
    def _stop(number: str, message: str, place: Place, hint: str | None) -> _Stop:
        return _Stop(found(number, message, hint=hint, span=place.span()))

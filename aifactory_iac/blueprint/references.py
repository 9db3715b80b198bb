"""`${...}`: parameters and values of the document itself, put where they are referred to.

A reference that is the whole value keeps its type; inside a text, single values become text.
`$${` is a plain `${`. `${env:NAME}` is left as it stands: only an apply reads the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from aifactory_iac.blueprint.composer import MAX_VALUES
from aifactory_iac.blueprint.nodes import Node, steps
from aifactory_iac.blueprint.rules import MOST_FINDINGS, found
from aifactory_iac.blueprint.suggest import did_you_mean_or_list
from aifactory_iac.findings import Finding, Path, render_path

_TOKEN = re.compile(r"\$\$\{|\$\{(?P<inner>[^{}]*)\}|\$\{")
_ENV = re.compile(r"env:(?P<name>.*)\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SEGMENT = re.compile(r"(?P<key>[A-Za-z0-9_$-]+)|\[(?P<index>\d{1,6})\]")
_PATH = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+|\[\d{1,6}\])*\Z")

_MOST_TEXT = 64 * 1024
_MOST_STEPS = 16
_MOST_DEPTH = 120
_NOT_RESOLVED = frozenset({"parameters", "extends"})


def parse_path(text: str) -> Path | None:
    """`compute.train.count` or `links[0]` as a path; `None` when it is not written like one."""
    if not _PATH.match(text):
        return None
    found_segments = _SEGMENT.finditer(text)
    return tuple(
        int(match["index"]) if match["index"] is not None else match["key"]
        for match in found_segments
    )


def has_reference(text: str) -> bool:
    """Whether the text has anything to resolve, an escape included."""
    return "${" in text


class Resolver:
    """Resolves references against parameters and one document; collects what is wrong."""

    def __init__(
        self, root: Node, parameters: Mapping[str, Node], undecided: frozenset[str] = frozenset()
    ) -> None:
        """`undecided` are parameters with a finding of their own: uses of them are not judged."""
        self._root = root
        self._parameters = parameters
        self._undecided = undecided
        self._done: dict[Path, Node] = {}
        self._active: list[Path] = []
        self._depth = 0
        self.findings: list[Finding] = []

    def document(self) -> Node:
        """The document with every reference resolved, declarations of parameters aside."""
        entries = {
            key: node if key in _NOT_RESOLVED else self._node(node, (key,))
            for key, node in self._root.entries.items()
        }
        return self._bounded(self._root.with_value(entries), ())

    def parameter(self, name: str) -> Node:
        """The value of a parameter with its own references resolved."""
        return self._target(("parameters", name), self._parameters[name])

    def _node(self, node: Node, path: Path) -> Node:
        if isinstance(node.value, str):
            return self._text(node, path) if has_reference(node.value) else node
        if node.is_scalar:
            return node
        if len(path) + self._depth > _MOST_DEPTH:
            message = "references nest the document too deeply"
            return self._broken(node, path, "055", message, "refer to single values")
        below = {step: self._node(child, (*path, step)) for step, child in steps(node)}
        if all(old is new for (_, old), new in zip(steps(node), below.values(), strict=True)):
            return node
        if isinstance(node.value, tuple):
            return self._bounded(node.with_value(tuple(below.values())), path)
        return self._bounded(node.with_value({str(key): v for key, v in below.items()}), path)

    def _bounded(self, node: Node, path: Path) -> Node:
        if node.size <= MAX_VALUES:
            return node
        message = f"references expand the document to more than {MAX_VALUES:,} values"
        return self._broken(node, path, "055", message, "refer to single values, not to lists")

    def _text(self, node: Node, path: Path) -> Node:
        text = str(node.value)
        whole = _TOKEN.fullmatch(text)
        if whole is not None and whole["inner"] is not None:
            return self._whole(node, path, whole["inner"])
        parts: list[str] = []
        via: list[tuple[Path, Node]] = []
        end = 0
        for match in _TOKEN.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match.group() == "$${":
                parts.append("${")
                continue
            part = self._embedded(node, path, match["inner"])
            if part.broken or part.deferred:
                return part
            via.extend(part.via)
            parts.append(part.raw)
        parts.append(text[end:])
        joined = "".join(parts)
        if len(joined) > _MOST_TEXT:
            return self._broken(
                node, path, "055", "references expand to a very long text", "write it out"
            )
        return replace(node, value=joined, via=tuple(via))

    def _whole(self, node: Node, path: Path, inner: str) -> Node:
        value = self._look_up(node, path, inner)
        if value.broken or value.deferred:
            return value
        return replace(
            value,
            place=node.place,
            key=node.key,
            before=node.before,
            via=value.via,
        )

    def _embedded(self, node: Node, path: Path, inner: str | None) -> Node:
        """A node whose `raw` is the text to put in."""
        if inner is None:
            message = "`${` is never closed"
            return self._broken(node, path, "052", message, "close it with `}`, or write `$${`")
        value = self._look_up(node, path, inner)
        if value.deferred:
            message = f"`${{{inner}}}` stands inside a text; it must be the whole value"
            return self._broken(node, path, "053", message, "refer to nothing else there")
        if value.broken:
            return value
        if not value.is_scalar or value.value is None:
            what = "nothing" if value.value is None else "a list or mapping"
            message = f"`${{{inner}}}` is {what}, which cannot stand inside a text"
            return self._broken(node, path, "054", message, "refer to a single value in it")
        return replace(value, raw=_as_text(value))

    def _look_up(self, node: Node, path: Path, inner: str) -> Node:
        env = _ENV.match(inner)
        if env is not None:
            if _VARIABLE.match(env["name"]):
                return replace(node, deferred=True)
            message = f"`{env['name']}` is not a name of an environment variable"
            return self._broken(node, path, "052", message, "write `${env:NAME}`")
        target = parse_path(inner)
        if target is None:
            message = f"`${{{inner}}}` is not a reference"
            hint = "write `${parameter}`, `${sites.fra1.region}`, or `$${` for a plain `${`"
            return self._broken(node, path, "052", message, hint)
        if target[0] in self._undecided:
            return replace(node, broken=True)
        return self._resolved(node, path, target, inner)

    def _resolved(self, node: Node, path: Path, target: Path, inner: str) -> Node:
        head, rest = str(target[0]), target[1:]
        start: Path = ("parameters", head) if head in self._parameters else (head,)
        base = self._parameters.get(head)
        if base is None and head not in _NOT_RESOLVED:
            base = self._root.entries.get(head)
        if base is None:
            return self._dangling(node, path, inner, (), head)
        first, resolved = (start, base), False
        while rest:
            if isinstance(base.value, str) and not resolved:
                base, resolved = self._target(start, base, node, path), True
            child = dict(steps(base)).get(rest[0])
            if child is None and isinstance(rest[0], int) and rest[0] < len(base.items):
                child = base.items[rest[0]]
            if child is None:
                if base.broken or base.deferred:
                    return replace(node, broken=True)
                return self._dangling(node, path, inner, _as_written(start), str(rest[0]), base)
            start, base, rest = (*start, rest[0]), child, rest[1:]
        value = base if resolved else self._target(start, base, node, path)
        if value.broken or value.deferred:
            return replace(node, value=value.value, broken=value.broken, deferred=value.deferred)
        if start[: len(first[0])] == first[0] and first[0][:1] != ("parameters",):
            first = (start, base)
        return replace(value, via=(first, *value.via))

    def _target(self, start: Path, target: Node, node: Node | None = None, path: Path = ()) -> Node:
        if start in self._done:
            return self._done[start]
        user = target if node is None else node
        if start in self._active:
            circle = [*self._active[self._active.index(start) :], start]
            way = " → ".join(render_path(_as_written(each)) for each in circle)
            message = f"references lead round in a circle: {way}"
            return self._broken(user, path, "051", message, "give one of them a value")
        if len(self._active) >= _MOST_STEPS:
            message = f"more than {_MOST_STEPS} references lead from one to the next"
            return self._broken(user, path, "055", message, "refer to the value itself")
        self._active.append(start)
        self._depth += len(path)
        value = self._node(target, start)
        self._depth -= len(path)
        self._active.pop()
        self._done[start] = value
        return value

    def _dangling(
        self, node: Node, path: Path, inner: str, prefix: Path, step: str, base: Node | None = None
    ) -> Node:
        if len(self.findings) > MOST_FINDINGS:
            return replace(node, value=None, size=1, broken=True)
        if base is None:
            names = [*self._parameters, *(set(self._root.entries) - _NOT_RESOLVED)]
            message = f"`${{{inner}}}` refers to nothing: no parameter or section has that name"
            hint = did_you_mean_or_list(step, names, "parameters and sections")
        else:
            names = [str(key) for key, _ in steps(base)]
            owner = render_path(prefix)
            message = f"`${{{inner}}}` refers to nothing: `{owner}` has no `{step}`"
            hint = did_you_mean_or_list(step, names, f"keys of `{owner}`")
        return self._broken(node, path, "050", message, hint)

    def _broken(self, node: Node, path: Path, number: str, message: str, hint: str | None) -> Node:
        if len(self.findings) <= MOST_FINDINGS:
            finding = found(number, message, path, hint=hint, span=node.place.span())
            if finding not in self.findings:
                self.findings.append(finding)
        return replace(node, value=None, size=1, broken=True)


def _as_written(path: Path) -> Path:
    return path[1:] if path[:1] == ("parameters",) else path


def _as_text(node: Node) -> str:
    if isinstance(node.value, str):
        return node.value
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return node.raw or str(node.value)

"""Configuration trees as values: what is missing, what is too much, what has drifted.

A tree maps names to subtrees or to leaves; an empty mapping is a leaf too, a thing that is there
and has no settings. Only what a tree says counts: what it does not mention is nobody's business.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Tree = Mapping[str, Any]
Path = tuple[str, ...]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be done to a tree: `set` has absolute values, `remove` None where a name goes."""

    set: Tree = field(default_factory=dict)
    remove: Tree = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.set or self.remove)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a switch is to be brought to, in the switch's own spelling.

    `owned` is what we declared before: of it, what `wanted` no longer mentions is removed.
    `implied` are names that the switch adds by itself beside ours, such as NVUE's `type`; they go
    when everything else beside them goes. `intent` is the same for the same declaration.
    """

    intent: str
    wanted: Tree
    owned: Tree = field(default_factory=dict)
    implied: Collection[str] = ()

    def holds(self, found: Tree) -> bool:
        """Whether nothing is left to do."""
        return not self.edit(found)

    def edit(self, found: Tree) -> Edit:
        """What is left to do."""
        return Edit(
            missing(self.wanted, found), surplus(self.owned, self.wanted, found, self.implied)
        )


def leaves(tree: Tree, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every leaf with the path to it."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*at, name))
        else:
            yield (*at, name), value


def missing(wanted: Tree, found: Tree) -> dict[str, Any]:
    """The part of `wanted` that `found` does not have, or has otherwise."""
    left: dict[str, Any] = {}
    for name, value in wanted.items():
        there = found.get(name)
        if isinstance(value, Mapping):
            if not isinstance(there, Mapping):
                left[name] = value
            elif inside := missing(value, there):
                left[name] = inside
        elif name not in found or there != value:
            left[name] = value
    return left


def surplus(
    owned: Tree, wanted: Tree, found: Tree, implied: Collection[str] = ()
) -> dict[str, Any]:
    """What was ours, is no longer wanted and is still there; None stands where a name goes.

    A name goes as a whole when all that is left under it was ours; else only our part of it goes.
    """
    gone: dict[str, Any] = {}
    for name, value in owned.items():
        if name not in found:
            continue
        there, still = found[name], wanted.get(name)
        if isinstance(value, Mapping) and isinstance(there, Mapping):
            if name in wanted and not isinstance(still, Mapping):
                continue
            inside = surplus(value, still or {}, there, implied)
            if name not in wanted and not _left(there, inside, implied):
                gone[name] = None
            elif inside:
                gone[name] = inside
        elif name not in wanted and not isinstance(there, Mapping):
            gone[name] = None
    return gone


def _left(found: Tree, gone: Tree, implied: Collection[str]) -> bool:
    """Whether anything but what the switch added by itself is there after the removal."""
    return any(
        name not in implied and (name not in gone or gone[name] is not None) for name in found
    )


def after(tree: Tree, edit: Edit) -> dict[str, Any]:
    """The tree once the edit is done."""
    return _merged(_without(tree, edit.remove), edit.set)


def apart_from(tree: Tree, *paths: Path) -> dict[str, Any]:
    """The tree without what is at the paths, and without what is empty then."""
    left: dict[str, Any] = {}
    for name, value in tree.items():
        inner = [path[1:] for path in paths if path[0] == name]
        if () in inner:
            continue
        if inner and isinstance(value, Mapping):
            value = apart_from(value, *inner)  # noqa: PLW2901 - the rest of it
            if not value:
                continue
        left[name] = value
    return left


def _without(tree: Tree, remove: Tree) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for name, value in tree.items():
        if name not in remove:
            left[name] = value
        elif remove[name] is not None and isinstance(value, Mapping):
            left[name] = _without(value, remove[name])
    return left


def _merged(tree: Tree, other: Tree) -> dict[str, Any]:
    both = dict(tree)
    for name, value in other.items():
        there = both.get(name)
        both[name] = (
            _merged(there if isinstance(there, Mapping) else {}, value)
            if isinstance(value, Mapping)
            else value
        )
    return both


def towards(found: Tree, target: Tree, implied: Collection[str] = ()) -> Edit:
    """What makes one tree the other, when all of it is ours."""
    return Goal("", target, _bare(found, implied), implied).edit(found)


def same(one: Tree, other: Tree, implied: Collection[str] = ()) -> bool:
    """Whether two trees say the same, apart from what the switch adds by itself."""
    return _bare(one, implied) == _bare(other, implied)


def _bare(tree: Tree, implied: Collection[str]) -> dict[str, Any]:
    return {
        name: _bare(value, implied) if isinstance(value, Mapping) else value
        for name, value in tree.items()
        if name not in implied
    }


def drift(goal: Goal, found: Tree, under: Path = ()) -> dict[str, dict[str, Any]]:
    """By property path: what is declared and what is found instead; None stands for nothing."""
    edit = goal.edit(found)
    paths = [path for path, _ in leaves(edit.set)]
    changed = {
        spelled((*under, *path)): {"wanted": at(goal.wanted, path), "found": at(found, path)}
        for path in paths
    }
    extra = {
        spelled((*under, *path)): {"wanted": None, "found": at(found, path)}
        for path, _ in leaves(edit.remove)
    }
    return dict(sorted({**changed, **extra}.items()))


def at(tree: Tree, path: Path) -> Any:
    """The value at a path; None when there is nothing."""
    value: Any = tree
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def spelled(path: Path) -> str:
    """A path as Pulumi writes it: `interface.swp1`, and `a["b.c"]` for names that are no words."""
    text = ""
    for name in path:
        if _PLAIN.match(name):
            text += f".{name}" if text else name
        else:
            escaped = name.replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text

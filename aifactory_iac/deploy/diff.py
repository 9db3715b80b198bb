"""What a resource's inputs would become, against those of the last state.

Compared are inputs, never outputs: those say what a provider made of them. Taken out of the old
side is what a provider's own check put there (`provider_made`), since a program never sends it.
A value that is known only after apply may turn out equal; a secret that could not be opened too.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aifactory_iac.deploy import property_path
from aifactory_iac.deploy.property_path import PropertyPath
from aifactory_iac.deploy.provider_made import DEFAULTS, aligned
from aifactory_iac.deploy.state import StateResource
from aifactory_iac.program.planned import PlannedResource, Secret, Unknown


class Kind(enum.StrEnum):
    """How one property differs. Only the first three are certain."""

    ADD = "add"
    REMOVE = "remove"
    CHANGE = "change"
    UNKNOWN = "unknown"
    NOT_COMPARED = "not-compared"

    @property
    def certain(self) -> bool:
        """Whether the property surely differs."""
        return self not in (Kind.UNKNOWN, Kind.NOT_COMPARED)


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property that differs or may. `old` and `new` are plain; `secret` ones are not shown."""

    path: PropertyPath
    kind: Kind
    old: Any = None
    new: Any = None
    secret: bool = False

    def __repr__(self) -> str:
        values = "<secret>" if self.secret else f"{self.old!r} -> {self.new!r}"
        return f"PropertyChange({property_path.render(self.path)}: {self.kind} {values})"


class _Missing:
    """Stands for a property that one side does not have."""


_MISSING = _Missing()


def compare(
    old: StateResource, new: PlannedResource, provider: Mapping[str, Any]
) -> tuple[PropertyChange, ...]:
    """Every property that differs or may differ, by path, without those under `ignoreChanges`.

    `provider` are the new inputs of the resource's explicit provider, empty for a default one.
    """
    before, after = aligned(old, new, provider)
    ignored = [property_path.parse(text) for text in new.ignore_changes]
    changes = [
        change
        for change in _differences((), before, after, secret=False)
        if not property_path.any_covers(ignored, change.path)
    ]
    return tuple(sorted(changes, key=lambda change: _order(change.path)))


def _order(path: PropertyPath) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in path)


def _differences(
    path: PropertyPath, old: Any, new: Any, *, secret: bool
) -> Iterator[PropertyChange]:
    if isinstance(old, Secret):
        old, secret = old.value, True
    if isinstance(new, Secret):
        new, secret = new.value, True
    if isinstance(new, Unknown):
        yield PropertyChange(path, Kind.UNKNOWN, _shown(old), None, secret)
    elif isinstance(old, Unknown):
        yield PropertyChange(path, Kind.NOT_COMPARED, None, None, secret=True)
    else:
        yield from _of_known(path, old, new, secret=secret)


def _of_known(path: PropertyPath, old: Any, new: Any, *, secret: bool) -> Iterator[PropertyChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_mappings(path, old, new, secret=secret)
    elif _is_list(old) and _is_list(new):
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else _MISSING
            after = new[index] if index < len(new) else _MISSING
            yield from _differences((*path, index), before, after, secret=secret)
    elif isinstance(old, _Missing):
        yield from _leaves(path, new, Kind.ADD, secret=secret)
    elif isinstance(new, _Missing):
        yield from _leaves(path, old, Kind.REMOVE, secret=secret)
    elif not _equal(old, new):
        yield PropertyChange(path, Kind.CHANGE, old, new, secret or _holds_secret((old, new)))


def _of_mappings(
    path: PropertyPath, old: Mapping[str, Any], new: Mapping[str, Any], *, secret: bool
) -> Iterator[PropertyChange]:
    """Keys one by one; a null is an absent key, and so is one that the provider defaulted."""
    defaulted = old.get(DEFAULTS)
    skipped = set(defaulted) if isinstance(defaulted, list) else set()
    for key in sorted(set(old) | set(new)):
        before, after = old.get(key), new.get(key)
        if key == DEFAULTS or (key in skipped and after is None):
            continue
        if before is None and after is None:
            continue
        yield from _differences(
            (*path, key),
            _MISSING if before is None else before,
            _MISSING if after is None else after,
            secret=secret,
        )


def _leaves(
    path: PropertyPath, value: Any, kind: Kind, *, secret: bool
) -> Iterator[PropertyChange]:
    """An added or removed branch as its leaves, so that each shows and hides for itself."""
    if isinstance(value, Secret):
        yield from _leaves(path, value.value, kind, secret=True)
    elif isinstance(value, Unknown):
        sort = Kind.UNKNOWN if kind is Kind.ADD else kind
        yield PropertyChange(path, sort, None, None, secret)
    elif isinstance(value, Mapping) and value:
        for key in sorted(value):
            if key != DEFAULTS and value[key] is not None:
                yield from _leaves((*path, key), value[key], kind, secret=secret)
    elif _is_list(value) and value:
        for index, item in enumerate(value):
            yield from _leaves((*path, index), item, kind, secret=secret)
    elif kind is Kind.ADD:
        yield PropertyChange(path, kind, None, value, secret)
    else:
        yield PropertyChange(path, kind, value, None, secret)


def _shown(value: Any) -> Any:
    """An old value beside an unknown new one; a branch is not shown, it may hold secrets."""
    return None if isinstance(value, _Missing | Mapping | list | tuple | Unknown) else value


def _holds_secret(value: Any) -> bool:
    if isinstance(value, Secret):
        return True
    if isinstance(value, Mapping):
        return any(_holds_secret(item) for item in value.values())
    return isinstance(value, list | tuple) and any(_holds_secret(item) for item in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _equal(old: Any, new: Any) -> bool:
    """Equal and of one kind: `True` is not `1`, though Python says so; an int may equal a float."""
    return bool(isinstance(old, bool) == isinstance(new, bool) and old == new)

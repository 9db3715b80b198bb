"""How two declarations of a resource differ, by property path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aifactory_iac.providers.resource import (
    Difference,
    Kind,
    Properties,
    PropertyChange,
    has_unknown,
)
from aifactory_iac.providers.switches.tree import leaves, spelled


def difference(
    old: Properties,
    new: Properties,
    deep: Iterable[str],
    drifted: Iterable[str],
    stables: tuple[str, ...],
) -> Difference:
    """What an update changes: properties in `deep` leaf by leaf, the others as a whole.

    `drifted` are paths that were last seen to be otherwise than declared.
    """
    changes: dict[str, PropertyChange] = {}
    known = True
    for key in sorted({*old, *new}):
        before, after = old.get(key), new.get(key)
        if has_unknown(after):
            known = False
        elif key in deep and isinstance(before, Mapping) and isinstance(after, Mapping):
            changes.update(_deep(key, before, after))
        elif before != after:
            changes[key] = PropertyChange(_kind(key in old, key in new))
    for path in drifted:
        changes.setdefault(path, PropertyChange("update"))
    return Difference(changes, stables=stables, known=known)


def _deep(
    key: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, PropertyChange]:
    old, new = dict(leaves(before, (key,))), dict(leaves(after, (key,)))
    return {
        spelled(path): PropertyChange(_kind(path in old, path in new))
        for path in sorted(old.keys() | new.keys())
        if path not in old or path not in new or old[path] != new[path]
    }


def _kind(before: bool, after: bool) -> Kind:  # noqa: FBT001 - two of a kind
    if not before:
        return "add"
    return "update" if after else "delete"

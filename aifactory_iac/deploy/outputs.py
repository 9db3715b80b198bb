"""What an applied resource says of itself while a plan changes it.

What a provider computes may come out otherwise after a change: the version of a launch template,
the status of an object. Passed on as it was, it would hide what follows from the change, such as
nodes that go because their template moved on. So only inputs are known then, and the identities
that `data/outputs.yaml` lists. Blocks are taken apart, since providers fill in keys of their own
beside those of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aifactory_iac.deploy import property_path, tables
from aifactory_iac.deploy.diff import PropertyChange
from aifactory_iac.deploy.property_path import PropertyPath
from aifactory_iac.deploy.state import StateResource
from aifactory_iac.program.planned import UNKNOWN, PlannedResource, Secret, Unknown


def while_changing(
    old: StateResource, new: PlannedResource, changes: Iterable[PropertyChange]
) -> dict[str, Any]:
    """Outputs by name, of a resource that is updated or may be; `UNKNOWN` stands at any depth."""
    view = _View(
        changed=tuple(change.path for change in changes), stable=tables.stable_outputs(new.type)
    )
    return {
        name: view.after((name,), value, old.inputs.get(name), new.inputs.get(name))
        for name, value in old.outputs.items()
        if not name.startswith("__")
    }


class _View:
    """The differences of one resource, and which of its outputs outlive them."""

    def __init__(self, changed: tuple[PropertyPath, ...], stable: tuple[PropertyPath, ...]) -> None:
        self.changed = changed
        self.stable = stable

    def after(self, path: PropertyPath, was: Any, before: Any, now: Any) -> Any:
        """One output: as it was, as the new input says, or unknown.

        `was` is the old output, `before` and `now` are the inputs at its place, None where there is
        none: a null is an absent key to a provider.
        """
        if any(isinstance(value, Secret) for value in (was, before, now)):
            return Secret(self.after(path, _opened(was), _opened(before), _opened(now)))
        if any(property_path.touches(path, changed) for changed in self.changed):
            return self._changed(path, was, before, now)
        given = before if now is None else now
        if given is None:
            return was if property_path.any_covers(self.stable, path) else self._computed(path, was)
        return self._unchanged(path, was, given)

    def _computed(self, path: PropertyPath, was: Any) -> Any:
        """What only the provider gives; a block of it may hold identities."""
        if not isinstance(was, Mapping) or not self._holds_stable(path):
            return UNKNOWN
        return {key: self.after((*path, key), value, None, None) for key, value in was.items()}

    def _holds_stable(self, path: PropertyPath) -> bool:
        return any(property_path.covers(path, pattern) for pattern in self.stable)

    def _unchanged(self, path: PropertyPath, was: Any, given: Any) -> Any:
        """An input that stays: as the provider wrote it, without what it adds of its own."""
        if isinstance(was, Mapping) and isinstance(given, Mapping):
            return {
                key: self.after((*path, key), value, given.get(key), given.get(key))
                for key, value in was.items()
            }
        if _is_list(was) and _is_list(given) and len(was) == len(given):
            return [
                self.after((*path, index), value, given[index], given[index])
                for index, value in enumerate(was)
            ]
        return was

    def _changed(self, path: PropertyPath, was: Any, before: Any, now: Any) -> Any:
        if now is None or isinstance(now, Unknown):
            return UNKNOWN
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            held = before if isinstance(before, Mapping) else {}
            kept = {
                key: self.after((*path, key), value, held.get(key), now.get(key))
                for key, value in was.items()
            }
            return {**now, **kept}
        if _is_list(was) and _is_list(now):
            return [_item(item, was) for item in now]
        return now


def _item(item: Any, was: Sequence[Any]) -> Any:
    """An item of a list that changed, with the keys that the provider adds to such items.

    Which old item it was is not asked: a provider may hold a list as a set, in its own order.
    """
    if not isinstance(item, Mapping):
        return item
    added = {key for other in was if isinstance(other, Mapping) for key in other}
    return {**dict.fromkeys(sorted(added - set(item)), UNKNOWN), **item}


def _opened(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)

"""What an update of a node group would change: what is declared, against what was last observed.

Computed results are no change by themselves. A machine that did not get there is one, so that the
next `up` goes on with it; unless it is in quarantine: then the engine's own note that the resource
is not healthy brings the next `up` here, which knows the time, and a difference that lasts until
the quarantine is over would only be noise in every plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.fleet.group import AS_WANTED
from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.resource import (
    Difference,
    Kind,
    Properties,
    PropertyChange,
    has_unknown,
)
from aifactory_iac.providers.resources.group_intents import owner_of
from aifactory_iac.providers.resources.group_state import documents

REPLACING = ("pool", "scalableUnit", "site")
"""What makes the group another one. Everything else is done to its machines, one by one."""

_AS_WANTED = frozenset(state.value for state in AS_WANTED)


def difference(old: Properties, state: Properties, new: Properties) -> Difference:
    """By property path; machines that are not as declared stand under `results`."""
    changes: dict[str, PropertyChange] = {}
    for key in sorted({*old, *new}):
        for path, kind in differing(old.get(key), new.get(key), key):
            changes[path] = PropertyChange(kind, replace=key in REPLACING)
    if not has_unknown(new):
        for path in unsettled(state, new):
            changes[path] = PropertyChange("update")
    return Difference(changes, known=not has_unknown(new))


def differing(before: Any, after: Any, path: str) -> Iterator[tuple[str, Kind]]:
    """Where two values differ, down to the property; what is not known yet is no difference."""
    if after is not None and has_unknown(after) and not isinstance(after, Mapping):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            yield from differing(before.get(key), after.get(key), joined(path, key))
    elif before != after:
        yield path, "add" if before is None else "delete" if after is None else "update"


def unsettled(state: Properties, new: Properties) -> Iterator[str]:
    """Machines that something is left to do on, as paths below `results`."""
    if new.get("bmc") is None:
        return
    known, managed = documents(state), owner_of(new) == "managed"
    for name in sorted({*known, *new["machines"]}):
        kept = known.get(name)
        if kept is None:
            if name in new["machines"]:
                yield joined("results", name)
        elif name not in new["machines"]:
            yield joined("results", name)
        elif "quarantine" not in kept:
            if kept.get("error") or kept.get("stale"):
                yield joined("results", name)
            elif managed and kept.get("state") not in _AS_WANTED:
                yield joined("results", name, "state")
                yield from _drifted(new, name, kept.get("observed", {}), kept.get("power"))


def _drifted(
    new: Properties, name: str, observed: Mapping[str, Any], power: str | None
) -> Iterator[str]:
    """Which declared properties were last seen to be otherwise."""
    if new.get("power") and power != new["power"]:
        yield joined("results", name, "power")
    for attribute, wanted in sorted(new.get("bios", {}).items()):
        if "bios" in observed and observed["bios"].get(attribute) != wanted:
            yield joined("results", name, "observed", "bios", attribute)
    for component in new.get("firmware", ()):
        version = observed.get("firmware", {}).get(component["name"])
        if version and version not in (component["version"], *component.get("allowed", ())):
            yield joined("results", name, "observed", "firmware", component["name"])
    if new["boot"]["secure"] and observed.get("secureBoot") is False:
        yield joined("results", name, "observed", "secureBoot")

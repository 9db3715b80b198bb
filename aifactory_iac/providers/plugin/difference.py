"""What a type says of a change, in the words of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2

from aifactory_iac.providers.plugin.property_path import parsed
from aifactory_iac.providers.resource import Difference, PropertyChange

_Kind = provider_pb2.PropertyDiff.Kind
_KINDS = {
    ("add", False): _Kind.ADD,
    ("add", True): _Kind.ADD_REPLACE,
    ("delete", False): _Kind.DELETE,
    ("delete", True): _Kind.DELETE_REPLACE,
    ("update", False): _Kind.UPDATE,
    ("update", True): _Kind.UPDATE_REPLACE,
}


def diff_response(
    difference: Difference, old: Mapping[str, Any], new: Mapping[str, Any]
) -> provider_pb2.DiffResponse:
    """The answer to a diff of inputs `old` and `new`.

    A change of something that is no input is drift of the state. Where not everything is known and
    nothing known differs, the engine compares the inputs by itself.
    """
    changes = difference.changes
    roots = {path: _root(path) for path in changes}
    response = provider_pb2.DiffResponse(
        changes=_verdict(difference),
        diffs=sorted(set(roots.values())),
        replaces=sorted({roots[path] for path, change in changes.items() if change.replace}),
        stables=sorted(difference.stables),
        deleteBeforeReplace=False,
        hasDetailedDiff=bool(changes),
    )
    for path, change in changes.items():
        response.detailedDiff[path].CopyFrom(
            provider_pb2.PropertyDiff(
                kind=_KINDS[change.kind, change.replace],
                inputDiff=roots[path] in old or roots[path] in new,
            )
        )
    return response


def plain_difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """Differences of whole top-level properties, none of which replaces anything."""
    changes = {}
    for key in sorted({*old, *new}):
        if key not in old:
            changes[key] = PropertyChange("add")
        elif key not in new:
            changes[key] = PropertyChange("delete")
        elif old[key] != new[key]:
            changes[key] = PropertyChange("update")
    return Difference(changes)


def _verdict(difference: Difference) -> provider_pb2.DiffResponse.DiffChanges.ValueType:
    if difference.changes:
        return provider_pb2.DiffResponse.DIFF_SOME
    if not difference.known:
        return provider_pb2.DiffResponse.DIFF_UNKNOWN
    return provider_pb2.DiffResponse.DIFF_NONE


def _root(path: str) -> str:
    parts = parsed(path)
    return str(parts[0]) if parts else path

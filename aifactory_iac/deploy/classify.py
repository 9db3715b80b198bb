"""Classes a difference: which operation it leads to, and what that does to a running factory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import property_path, tables
from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy.change import Op
from aifactory_iac.deploy.diff import Kind, PropertyChange
from aifactory_iac.deploy.state import StateResource
from aifactory_iac.program.planned import PlannedResource


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the plan already says of the resources that another one leans on.

    `provider` are the new inputs of its explicit provider; `ops` the operations decided so far by
    URN; `renamed` maps URNs of the last state to those of today.
    """

    provider: Mapping[str, Any] = field(default_factory=dict)
    ops: Mapping[str, Op] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """An operation with the reasons for it and the paths that force a replacement."""

    op: Op
    reasons: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()


def of_new(new: PlannedResource) -> Decision:
    """A resource that the last state does not have."""
    if new.import_id:
        return Decision(Op.IMPORT, ("an existing resource is adopted by its id",))
    if new.remote:
        return Decision(Op.CREATE, ("its children are known only to its provider",))
    return Decision(Op.CREATE)


def of_known(
    old: StateResource,
    new: PlannedResource,
    changes: tuple[PropertyChange, ...],
    around: Surroundings,
) -> Decision:
    """A resource that the last state has: what its differences lead to.

    Rules, strongest first: what the state itself demands, resources that it leans on, the provider,
    the properties. See `diff` of the engine's step generator for the order.
    """
    if old.external:
        return Decision(Op.CREATE, ("it was only read before, and is managed from now on",))
    demanded = _demanded(old, new)
    if demanded:
        return Decision(Op.REPLACE, (demanded,))
    leaning = _leaning(old, new, around)
    if leaning and leaning.op is Op.REPLACE:
        return leaning
    by_properties = _by_properties(old, new, changes, around)
    if leaning and by_properties.op is not Op.REPLACE:
        return Decision(leaning.op, leaning.reasons + by_properties.reasons)
    return by_properties


def _demanded(old: StateResource, new: PlannedResource) -> str:
    if old.custom != new.custom:
        return "it changes between a component and a resource of its own"
    if old.taint:
        return "it is marked for replacement in the last state"
    if old.pending_replacement:
        return "an earlier replacement has deleted it and not made it anew"
    return ""


def _leaning(old: StateResource, new: PlannedResource, around: Surroundings) -> Decision | None:
    """Replacements that come from the resources named in options, and from the provider."""
    for other in (*new.replace_with, new.deleted_with):
        op = around.ops.get(other)
        if op is not None and op.replaces:
            return Decision(op, (f"it {_is(op)} replaced together with {other}",))
    if new.provider is None:
        if old.provider and not urns.is_default_provider(old.provider):
            return Decision(Op.REPLACE_MAYBE, ("it moves to the default provider",))
        return None
    was = around.renamed.get(old.provider or "", old.provider)
    if was != new.provider:
        return Decision(Op.REPLACE_MAYBE, ("it moves to another provider",))
    op = around.ops.get(new.provider)
    if op is not None and op.replaces:
        return Decision(op, (f"its provider {_is(op)} replaced",))
    return None


def _is(op: Op) -> str:
    """The verb for a replacement that is sure, or only possible."""
    return "is" if op.certain else "may be"


def _by_properties(
    old: StateResource,
    new: PlannedResource,
    changes: tuple[PropertyChange, ...],
    around: Surroundings,
) -> Decision:
    certain = any(change.kind.certain for change in changes)
    if not new.custom:
        return _of_component(new, changes, certain=certain)
    if not changes:
        return _unchanged(old, new)
    table = tables.replacement_of(new.type)
    forcing = _active(table, around.provider) + tuple(
        property_path.parse(text) for text in new.replace_on_changes
    )
    sure, possible = _replacing(changes, forcing, table.may_replace)
    if sure:
        return Decision(Op.REPLACE, (), sure)
    if possible:
        return Decision(Op.REPLACE_MAYBE, _why(changes), possible)
    if not certain:
        return Decision(Op.UPDATE_MAYBE, _why(changes))
    if table.complete:
        return Decision(Op.UPDATE)
    return Decision(
        Op.UPDATE_MAYBE, ("only its provider knows whether that is an update in place",)
    )


def _of_component(
    new: PlannedResource, changes: tuple[PropertyChange, ...], *, certain: bool
) -> Decision:
    """A component has no provider: different inputs are an update of the record of it."""
    if not changes:
        return Decision(Op.SAME)
    if new.remote:
        return Decision(Op.OPAQUE, ("what becomes of its children is known only to its provider",))
    return Decision(Op.UPDATE) if certain else Decision(Op.UPDATE_MAYBE, _why(changes))


def _unchanged(old: StateResource, new: PlannedResource) -> Decision:
    if old.has_init_errors:
        return Decision(Op.UPDATE, ("it did not come up completely the last time",))
    if old.type.startswith(urns.PROVIDER_PREFIX) and new.version:
        version = old.inputs.get("version")
        if version is not None and version != new.version:
            return Decision(Op.UPDATE_MAYBE, (f"its plug-in changes from {version}",))
    return Decision(Op.SAME)


def _active(
    table: tables.Replacement, provider: Mapping[str, Any]
) -> tuple[property_path.PropertyPath, ...]:
    """The patterns that force a replacement under these provider settings."""
    lifted = {
        pattern
        for setting, patterns in (table.unless or {}).items()
        if provider.get(setting) in (True, "true")
        for pattern in patterns
    }
    return tuple(pattern for pattern in table.replaces if pattern not in lifted)


def _replacing(
    changes: Iterable[PropertyChange],
    forcing: tuple[property_path.PropertyPath, ...],
    conditional: tuple[property_path.PropertyPath, ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Paths that surely force a replacement, and those that may."""
    sure, possible = [], []
    for change in changes:
        text = property_path.render(change.path)
        if change.kind.certain and property_path.any_covers(forcing, change.path):
            sure.append(text)
        elif any(property_path.touches(pattern, change.path) for pattern in forcing + conditional):
            possible.append(text)
    return tuple(sure), tuple(possible)


def _why(changes: tuple[PropertyChange, ...]) -> tuple[str, ...]:
    kinds = {change.kind for change in changes}
    reasons = []
    if Kind.UNKNOWN in kinds:
        reasons.append("a value is known only after apply")
    if Kind.NOT_COMPARED in kinds:
        reasons.append("a secret is not compared")
    return tuple(reasons)


def impact_of(
    op: Op, type_: str, changes: tuple[PropertyChange, ...], *, custom: bool, retained: bool
) -> tuple[Impact, str]:
    """The worst that the operation may do, and why where the type says so.

    A component is only a record of its children. A retained resource outlives its deletion.
    """
    entry = tables.impact_of(type_)
    if op in (Op.CREATE, Op.SAME, Op.IMPORT):
        return Impact.NONE, ""
    if op is Op.OPAQUE:
        return Impact.REPLACE, ""
    if not custom:
        return (Impact.NONE if op is Op.DELETE else Impact.IN_PLACE), ""
    if op is Op.DELETE or op.replaces:
        if retained:
            return Impact.NONE, "it is kept, and no longer managed"
        return entry.gone, entry.reason
    worst = Impact.IN_PLACE
    for change in changes:
        for rule in entry.updates:
            if _applies(rule, change) and rule.impact.rank > worst.rank:
                worst = rule.impact
    return worst, entry.reason if worst.rank > Impact.IN_PLACE.rank else ""


def _applies(rule: tables.PropertyImpact, change: PropertyChange) -> bool:
    if rule.when == "any":
        return property_path.touches(rule.pattern, change.path)
    if not property_path.covers(rule.pattern, change.path):
        # An unknown branch may turn out to be without the property.
        return change.kind is Kind.UNKNOWN and property_path.touches(rule.pattern, change.path)
    if rule.when == "remove":
        return change.kind in (Kind.REMOVE, Kind.UNKNOWN)
    return change.kind is Kind.UNKNOWN or _shrinks(change)


def _shrinks(change: PropertyChange) -> bool:
    old, new = change.old, change.new
    if isinstance(old, bool) or not isinstance(old, int | float):
        return False
    return change.kind is Kind.REMOVE or (isinstance(new, int | float) and new < old)

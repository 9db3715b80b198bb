"""Compares registrations with the last state while the program runs.

It has to happen then: what the state knows of a resource (its id, its outputs) flows on into the
resources after it, so that those compare too. Implements `monitor.Prior`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aifactory_iac.deploy import classify, outputs
from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy.change import Change, Op
from aifactory_iac.deploy.classify import Decision, Surroundings
from aifactory_iac.deploy.diff import PropertyChange, compare
from aifactory_iac.deploy.monitor import Known
from aifactory_iac.deploy.rules import found
from aifactory_iac.deploy.state import State, StateResource
from aifactory_iac.findings import Finding
from aifactory_iac.program.planned import PlannedResource


class Comparison:
    """One unit's registrations against its last state. Used for one run of its program."""

    def __init__(self, unit: str, state: State) -> None:
        """`state` may be that of a stack never applied, or one that could not be read."""
        self.unit = unit
        self.state = state
        self.findings: list[Finding] = []
        self._changes: dict[str, Change] = {}
        self._ops: dict[str, Op] = {}
        self._inputs: dict[str, Mapping[str, Any]] = {}
        self._claimed: dict[str, str] = {}
        self._remote: set[str] = set()

    def answer(self, resource: PlannedResource) -> Known | None:
        """Decide on one registration, and give back what stays as it is."""
        old = self._find(resource)
        self._inputs[resource.urn] = resource.inputs
        if resource.remote:
            self._remote.add(resource.urn)
        if old is None:
            decision = classify.of_new(resource)
            if not self.state.readable:
                decision = Decision(Op.OPAQUE, ("the last state cannot be read",))
            self._record(resource, decision, (), None)
            return None
        around = Surroundings(
            provider=self._inputs.get(resource.provider or "", {}),
            ops=self._ops,
            renamed=self._claimed,
        )
        changes = compare(old, resource, around.provider)
        decision = classify.of_known(old, resource, changes, around)
        self._record(resource, decision, changes, old)
        formerly = old.urn if old.urn != resource.urn else None
        if decision.op.replaces or decision.op in (Op.CREATE, Op.OPAQUE):
            return Known("", {}, formerly)
        if decision.op is Op.SAME:
            return Known(old.id, old.outputs, formerly)
        return Known(old.id, outputs.while_changing(old, resource, changes), formerly)

    def _find(self, resource: PlannedResource) -> StateResource | None:
        """The row of the state: by URN, else by the first alias that is there."""
        for urn in (resource.urn, *resource.aliases):
            old = self.state.resources.get(urn)
            if old is None:
                continue
            claimed_by = self._claimed.setdefault(urn, resource.urn)
            if claimed_by != resource.urn:
                self._claimed_twice(urn, claimed_by, resource)
                return None
            return old
        return None

    def _record(
        self,
        resource: PlannedResource,
        decision: Decision,
        changes: tuple[PropertyChange, ...],
        old: StateResource | None,
    ) -> None:
        impact, reason = classify.impact_of(
            decision.op, resource.type, changes, custom=resource.custom, retained=False
        )
        self._ops[resource.urn] = decision.op
        if decision.op.replaces and old is not None and old.protect and resource.protect:
            self._protected(resource.urn, "replaced", decision.op, resource)
        self._changes[resource.urn] = Change(
            unit=self.unit,
            urn=resource.urn,
            type=resource.type,
            name=resource.name,
            op=decision.op,
            impact=impact,
            reasons=decision.reasons + ((reason,) if reason else ()),
            properties=changes,
            replaced_by=decision.replaced_by,
            inputs=resource.inputs if decision.op in (Op.CREATE, Op.IMPORT) else None,
            formerly=old.urn if old is not None and old.urn != resource.urn else None,
            protect=resource.protect,
            origin=resource.origin,
        )

    def changes(self, *, complete: bool) -> tuple[Change, ...]:
        """Every change by URN; deletions only when the program ran to its end."""
        gone = list(self._gone()) if complete else []
        leftovers = [self._leftover(old) for old in self.state.leftovers]
        everything = [*self._changes.values(), *gone, *leftovers]
        return tuple(sorted(everything, key=lambda change: (change.urn, change.op)))

    def _gone(self) -> Iterable[Change]:
        """What the state has and the program does not register any more.

        Not among it: what was only read, views of others, default providers while something may
        use them, and children of remote components, which no program registers.
        """
        for urn, old in self.state.resources.items():
            if urn in self._claimed or old.external or old.view_of:
                continue
            if urns.is_default_provider(urn) or self._inside_remote(old):
                continue
            impact, reason = classify.impact_of(
                Op.DELETE, old.type, (), custom=old.custom, retained=old.retain_on_delete
            )
            if old.protect:
                self._protected(urn, "deleted", Op.DELETE, None)
            yield Change(
                unit=self.unit,
                urn=urn,
                type=old.type,
                name=urns.name_of(urn),
                op=Op.DELETE,
                impact=impact,
                reasons=(reason,) if reason else (),
                protect=old.protect,
            )

    def _leftover(self, old: StateResource) -> Change:
        impact, reason = classify.impact_of(
            Op.DELETE, old.type, (), custom=old.custom, retained=old.retain_on_delete
        )
        left = "an earlier replacement left it to be deleted"
        return Change(
            unit=self.unit,
            urn=old.urn,
            type=old.type,
            name=urns.name_of(old.urn),
            op=Op.DELETE,
            impact=impact,
            reasons=(left, reason) if reason else (left,),
            protect=old.protect,
        )

    def _inside_remote(self, old: StateResource) -> bool:
        """Whether an ancestor is a component that its provider fills, and that stays."""
        parent = old.parent
        while parent is not None and parent in self.state.resources:
            today = self._claimed.get(parent)
            if today in self._remote:
                return True
            parent = self.state.resources[parent].parent
        return False

    def _claimed_twice(self, urn: str, first: str, second: PlannedResource) -> None:
        names = " and ".join(sorted((first, second.urn)))
        self.findings.append(
            found(
                "AIF-PLN-020",
                f"In unit `{self.unit}`, {names} both say that they used to be {urn}.",
                second.origin,
                hint="leave the alias at the one that the resource was renamed to",
            )
        )

    def _protected(self, urn: str, verb: str, op: Op, resource: PlannedResource | None) -> None:
        rule, would = ("AIF-PLN-021", "would") if op.certain else ("AIF-PLN-022", "might")
        self.findings.append(
            found(
                rule,
                f"In unit `{self.unit}`, {urn} is protected and {would} be {verb}.",
                resource.origin if resource else (),
                hint="take the protection away first, in a change of its own",
            )
        )

"""A plan as a value: every unit with what would change in it, and what the plan was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy.change import Change, Op
from aifactory_iac.findings import Finding
from aifactory_iac.program.planned import PlannedResource

CERTAIN = (Op.CREATE, Op.UPDATE, Op.REPLACE, Op.DELETE, Op.SAME, Op.IMPORT)
UNCERTAIN = (Op.UPDATE_MAYBE, Op.REPLACE_MAYBE, Op.OPAQUE)


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """One unit: its Pulumi names, what its program registers, and what would change.

    `changes` has unchanged resources too. `applied` says whether a last state was found, `complete`
    whether the program ran to its end. `state` is the digest of the last state, empty without one.
    """

    name: str
    site: str
    layer: str
    stack: str
    needs: tuple[str, ...]
    applied: bool
    complete: bool
    state: str
    resources: tuple[PlannedResource, ...]
    changes: tuple[Change, ...]
    outputs: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def impact(self) -> Impact:
        """The worst that any change of the unit may do."""
        return worst(change.impact for change in self.changes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a blueprint would do now. `document()` is its JSON form, sealed.

    `verdict` is the gate's document, None when no gate was asked. `cost` maps names of estimates
    to their documents. `digests` are those of the inputs: blueprint, catalog, policies.
    """

    project: str
    deployment: str
    blueprint: Mapping[str, str]
    units: tuple[UnitPlan, ...]
    findings: tuple[Finding, ...] = ()
    verdict: Mapping[str, Any] | None = None
    cost: Mapping[str, Any] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes in the order of the units, unchanged resources included."""
        return tuple(change for unit in self.units for change in unit.changes)

    @property
    def counts(self) -> dict[str, int]:
        """How many resources surely meet each operation; what is uncertain counts elsewhere."""
        return count(self.changes, CERTAIN)

    @property
    def uncertain(self) -> dict[str, int]:
        """How many resources a provider decides on: `update?`, `replace?` and `opaque`."""
        return count(self.changes, UNCERTAIN)

    @property
    def impact(self) -> Impact:
        """The worst that any change may do."""
        return worst(change.impact for change in self.changes)

    @property
    def empty(self) -> bool:
        """Whether nothing would change, for sure."""
        return all(change.op is Op.SAME for change in self.changes)

    @property
    def resources(self) -> tuple[PlannedResource, ...]:
        """Every registration of every unit."""
        return tuple(resource for unit in self.units for resource in unit.resources)

    def document(self) -> dict[str, Any]:
        """The published JSON form (`schema/plan.schema.json`), sealed over all of it."""
        from aifactory_iac.deploy.document import plan_document
        from aifactory_iac.deploy.sealing import seal

        return seal(plan_document(self))


def count(changes: Iterable[Change], ops: Iterable[Op]) -> dict[str, int]:
    """Number of changes by operation, zeros included, in the order of `ops`."""
    found = Counter(change.op for change in changes)
    return {op.value: found[op] for op in ops}


def worst(impacts: Iterable[Impact]) -> Impact:
    """The highest of them; `none` when there are none."""
    return max(impacts, key=lambda impact: impact.rank, default=Impact.NONE)

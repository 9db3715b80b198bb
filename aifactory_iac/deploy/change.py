"""What would happen to one resource, and how hard that is for a running factory."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy.diff import PropertyChange
from aifactory_iac.findings import Path


class Op(enum.StrEnum):
    """What the engine would do. The last three are honest about what only a provider can say.

    `UPDATE_MAYBE`: an update, or none at all, because a value is known only after apply or a
    secret could not be compared; or a sure change that this provider may answer with a replacement.
    `REPLACE_MAYBE`: a replacement is possible, an update likely at least.
    `OPAQUE`: the provider makes the changes of its own, such as the objects of a chart.
    """

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    SAME = "same"
    IMPORT = "import"
    UPDATE_MAYBE = "update?"
    REPLACE_MAYBE = "replace?"
    OPAQUE = "opaque"

    @property
    def certain(self) -> bool:
        """Whether the operation is known without a provider."""
        return self not in (Op.UPDATE_MAYBE, Op.REPLACE_MAYBE, Op.OPAQUE)

    @property
    def replaces(self) -> bool:
        """Whether the resource may become another one, with another id."""
        return self in (Op.REPLACE, Op.REPLACE_MAYBE)


@dataclass(frozen=True, slots=True)
class Change:
    """One resource of a plan, unchanged ones included.

    `impact` is the worst that may happen. `formerly` is the URN in the last state when that was
    another. `inputs` are those of a resource that is created; `replaced_by` the paths that force
    a replacement. `reasons` are whole sentences without values.
    """

    unit: str
    urn: str
    type: str
    name: str
    op: Op
    impact: Impact
    reasons: tuple[str, ...] = ()
    properties: tuple[PropertyChange, ...] = ()
    replaced_by: tuple[str, ...] = ()
    inputs: Any = None
    formerly: str | None = None
    protect: bool = False
    origin: Path = ()

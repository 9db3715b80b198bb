"""What a blueprint field carries besides its type: its meaning, and what a change of it does.

`Spec` stands in the `Annotated` metadata of every field of `blueprint.model`; the JSON Schema, the
reference page, `explain` and the planner all read it from there, so a field is written once.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Impact(enum.StrEnum):
    """What changing a field does to a running factory, mildest first."""

    NONE = "none"
    IN_PLACE = "in-place"
    ROLLING = "rolling"
    DRAIN = "drain"
    REPLACE = "replace"
    DATA_LOSS = "data-loss"

    @property
    def rank(self) -> int:
        """0 for `NONE` up to 5 for `DATA_LOSS`."""
        return list(Impact).index(self)


@dataclass(frozen=True, slots=True)
class Spec:
    """Meaning and update impact of one field.

    `doc` is one sentence or more in Markdown. `impact` is the worst that a change of the value may
    do; `shrink` is the impact of a decrease or removal where that differs. `catalog` names the
    catalog table that a string value must be found in; `refers_to` the named list (a path pattern
    such as `sites` or `storage.tiers`) that it must name an item of.
    """

    doc: str
    impact: Impact
    shrink: Impact | None = None
    example: Any = None
    catalog: str | None = None
    refers_to: str | None = None

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        described = dict(handler(schema))
        described["description"] = self.doc
        described["x-impact"] = self.impact.value
        if self.shrink is not None:
            described["x-shrink"] = self.shrink.value
        if self.example is not None:
            described["examples"] = [self.example]
        return described


@dataclass(frozen=True, slots=True)
class ReadAtApply:
    """Marks a text that may be a whole `${env:NAME}` reference: no plan ever reads it."""

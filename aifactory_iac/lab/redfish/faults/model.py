"""A fault file: rules, each with when and what; or one of the catalogue by its name."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from aifactory_iac.lab.redfish.faults.behaviour import STANDING, Behaviour

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class PathPattern(_Closed):
    """A path that contains a text, or matches a regular expression."""

    contains: str | None = None
    """Text that stands in it."""
    regex: str | None = None
    """Expression that matches somewhere in it."""

    @field_validator("regex")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                re.compile(value)
            except re.error as error:
                raise ValueError(f"is no regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _one_of(self) -> PathPattern:
        if (self.contains is None) == (self.regex is None):
            raise ValueError("give `contains` or `regex`, one of them")
        return self


def _shape(value: Any) -> str:
    """Whether a value is a text, several, or an object: which alternative was meant."""
    if isinstance(value, str):
        return "one"
    return "several" if isinstance(value, list | tuple) else "object"


class When(_Closed):
    """Which requests it meets. What is left out meets everything."""

    machine: str = "*"
    """Machine by name; `*` and `?` stand for others."""
    model: str = "*"
    """Model of the machine, likewise."""
    method: (
        Annotated[
            Annotated[Method, Tag("one")] | Annotated[tuple[Method, ...], Tag("several")],
            Discriminator(_shape),
        ]
        | None
    ) = None
    """HTTP method, or several."""
    path: (
        Annotated[
            Annotated[str, Tag("one")] | Annotated[PathPattern, Tag("object")],
            Discriminator(_shape),
        ]
        | None
    ) = None
    """Path; in a text `*` stands for anything, slashes included."""
    body: dict[str, Any] = {}
    """Values by dotted path that the JSON body must have, such as `ResetType: "On"`."""
    in_flight_above: Annotated[int, Field(ge=0)] | None = None
    """Only while more requests than this are under way at that controller, itself included."""
    nth: Annotated[int, Field(ge=1)] = 1
    """From which such request on, counted for each machine."""
    times: Annotated[int, Field(ge=1)] | None = None
    """How often for each machine; null is always."""
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    """How likely, drawn from the file's seed: the same file, the same requests, the same faults."""


class Rule(_Closed):
    """A fault."""

    name: str
    """Its name in the log."""
    source: str = ""
    """Issue or document that tells of it."""
    meaning: str = ""
    """What a client should learn from it."""
    when: When = When()
    do: Behaviour

    @model_validator(mode="after")
    def _standing_has_no_request(self) -> Rule:
        if isinstance(self.do, STANDING):
            given = self.when.model_fields_set - {"machine", "model"}
            if given:
                raise ValueError(
                    f"`{self.do.kind}` is there all the time: it takes `machine` and `model` only, "
                    f"not {', '.join(sorted(given))}"
                )
        return self


class Use(_Closed):
    """A fault of the catalogue, at these machines; `when` is laid over the catalogue's own."""

    use: str
    """Name in the catalogue."""
    when: When = When()


def _wanted(value: Any) -> str:
    """A fault with `use` is one of the catalogue."""
    if isinstance(value, Use):
        return "use"
    return "use" if isinstance(value, dict) and "use" in value else "rule"


class FaultFile(_Closed):
    """A fault file."""

    schemaVersion: Literal[1] = 1  # noqa: N815 - spelt as in the file
    """Version of this format."""
    seed: int = 0
    """Where chance begins."""
    faults: tuple[
        Annotated[
            Annotated[Use, Tag("use")] | Annotated[Rule, Tag("rule")], Discriminator(_wanted)
        ],
        ...,
    ] = ()
    """Faults, looked at in this order: delays add up, the first other one that fits decides."""


class Catalogue(_Closed):
    """Faults by name."""

    schemaVersion: Literal[1] = 1  # noqa: N815 - spelt as in the file
    """Version of this format."""
    faults: dict[str, CatalogueEntry]


class CatalogueEntry(_Closed):
    """A fault that a vendor's machine has shown."""

    source: str
    """Issue or document that tells of it."""
    meaning: str
    """What a client should learn from it."""
    when: When = When()
    do: Behaviour


Catalogue.model_rebuild()


def schema() -> dict[str, Any]:
    """JSON Schema of a fault file."""
    return FaultFile.model_json_schema()

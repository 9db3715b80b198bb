"""What a resource type of the provider is: plain values in, plain values out, no Pulumi.

The plug-in (`plugin/`) translates between these values and Pulumi's wire; a type (`resources/`)
translates between them and its room (`machine/`, `fleet/`, `switches/` and the others). Inputs and
states are JSON values with camel-case keys at the top level, in which `UNKNOWN` may stand anywhere
while previewing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from aifactory_iac.providers.surroundings import Surroundings

Properties = Mapping[str, Any]
"""Inputs or state of one resource, by camel-case name."""


class Unknown:
    """A value that a preview does not know yet; `UNKNOWN` is the only one."""

    def __repr__(self) -> str:
        """The name that it goes by."""
        return "UNKNOWN"

    def __reduce__(self) -> str:
        """Copies are itself: it is recognised by identity."""
        return "UNKNOWN"


UNKNOWN = Unknown()


def has_unknown(value: Any) -> bool:
    """Whether `UNKNOWN` stands anywhere in a JSON value."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list | tuple):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that is wrong with the inputs; `property` is a path such as `machines.n1.bmc`."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Inputs with defaults filled in and spelling normalised, or what is wrong with them."""

    inputs: Properties
    failures: Sequence[Failure] = ()


Kind = Literal["add", "delete", "update"]


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """How one property differs; `replace` says that this one makes a new resource."""

    kind: Kind
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What an update would change, by property path; empty when there is nothing to do.

    `stables` are outputs that outlive the update. `known` is false while something is not known.
    """

    changes: Mapping[str, PropertyChange] = field(default_factory=dict)
    stables: Sequence[str] = ()
    known: bool = True


@dataclass(frozen=True, slots=True)
class Made:
    """A resource that exists: its id and its whole state."""

    id: str
    state: Properties


@dataclass(frozen=True, slots=True)
class Found:
    """What reading a resource found; `inputs` are those that an import would start from."""

    state: Properties
    inputs: Properties


class ProviderError(Exception):
    """An operation failed before anything of it was done; the text is for the user."""


class PartialError(Exception):
    """An operation was done in part; the engine keeps `made` and shows `reasons`."""

    def __init__(self, made: Made, reasons: Sequence[str]) -> None:
        """Takes what is to be kept, and one reason a line."""
        super().__init__("; ".join(reasons))
        self.made = made
        self.reasons = tuple(reasons)


class ResourceType(Protocol):
    """One resource type. `check` and `diff` are pure; only the others may reach the world."""

    token: str
    """Type token, such as `aifactory:metal:NodeGroup`."""

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Fills in defaults and says everything that is wrong; structure was checked already."""
        ...

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """What an update to `new` would change, against what was last observed."""
        ...

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """Makes it so. A preview reaches nothing, and leaves `UNKNOWN` what only a run can tell.

        Raises:
            ProviderError: Nothing was done.
            PartialError: Some of it was done, and is to be kept.
        """
        ...

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """The state as it is now, without a write; None only when it is proven to be gone.

        What cannot be reached is not gone: its old state comes back, marked `stale`.
        """
        ...

    async def update(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> Properties:
        """Changes it, and gives the whole new state. Raises as `create` does."""
        ...

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Lets it go. Never powers off, erases or drains unless its inputs say so."""
        ...

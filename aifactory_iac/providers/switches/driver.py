"""What every switch can do for us, whatever it runs: one protocol, typed values.

A step ends on an observation: the revision read back, the configuration equal to the wanted one. An
answer that says yes ends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from aifactory_iac.providers.switches.tree import Goal, Tree


@dataclass(frozen=True, slots=True)
class Identity:
    """What a switch says it is. `serial` is empty when it does not say."""

    hostname: str
    serial: str
    model: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """What is in force on a switch: its configuration as it spells it, and its revision."""

    tree: Tree
    revision: str
    identity: Identity


State = Literal["staged", "busy", "waiting", "applied", "refused", "rolled-back"]
"""Where a change stands.

- `staged`: handed over, not in force.
- `busy`: the switch is at it.
- `waiting`: in force, and the switch will roll back by itself unless it is confirmed in time.
- `applied`: in force for good, until the next change.
- `refused`: the switch found it wrong; nothing of it is in force.
- `rolled-back`: it was in force and is not any more.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change on one switch; `id` is the name that the switch has for it."""

    id: str
    state: State
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """What is under way on a switch: our change that was begun, and what `others` are doing."""

    ours: Change | None = None
    others: tuple[str, ...] = ()


class SwitchDriver(Protocol):
    """One switch. Every method may raise the errors of `errors.py` beside those it names."""

    async def read(self) -> Running:
        """What is in force now. Writes nothing."""
        ...

    def wanted(self, config: Mapping[str, Any], running: Running) -> Tree:
        """A declared configuration in the switch's spelling, ranges and wildcards written out.

        Raises:
            RefusedError: It cannot be written out on this switch; `issues` says everything.
        """
        ...

    def owned(self, config: Mapping[str, Any], running: Running) -> Tree:
        """What of a declaration is ours to take away again; a switch never loses its name.

        Raises as `wanted` does.
        """
        ...

    async def survey(self, goal: Goal, running: Running, begun: str | None) -> Survey:
        """What is under way; `begun` is the change that an earlier run of ours wrote down."""
        ...

    async def begin(self, goal: Goal) -> Change:
        """Opens a change without anything in it; its id is written down before it is used."""
        ...

    async def stage(self, change: Change, goal: Goal, running: Running) -> None:
        """Hands over what is left to do, without anything coming into force. May be repeated."""
        ...

    async def validate(self, change: Change, goal: Goal, running: Running) -> None:
        """Observes that what was handed over is what was meant, and is valid.

        Valid, that is, as far as the switch can tell without applying it.

        Raises:
            RefusedError: It is not.
        """
        ...

    async def apply(self, change: Change, goal: Goal, seconds: int) -> Change:
        """Puts it in force, to be rolled back by the switch unless confirmed within `seconds`."""
        ...

    async def observe(self, change: Change, goal: Goal) -> Change:
        """Where the change stands now. Writes nothing."""
        ...

    async def confirm(self, change: Change, goal: Goal) -> Change:
        """Keeps what is in force; observed."""
        ...

    async def roll_back(self, change: Change) -> None:
        """Takes it back now, instead of when the time is over."""
        ...

    async def saved(self, goal: Goal, running: Running) -> bool:
        """Whether what is wanted is also what the switch would start with."""
        ...

    async def save(self, change: Change | None) -> None:
        """Makes what is in force what the switch starts with; clears away what the change left."""
        ...

    async def reconnect(self) -> None:
        """Drops every connection, so that the next request proves that management still works."""
        ...

    async def close(self) -> None:
        """Drops every connection for good."""
        ...

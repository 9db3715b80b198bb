"""The real programs read an install before anything is published: once for all its machines."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.outside import (
    Checker,
    Failed,
    Verdict,
    install_checkers,
    opinions,
)
from aifactory_iac.providers.install.plan import template_digest
from aifactory_iac.providers.install.render import rendered

_NOWHERE = Links(base="http://192.0.2.1", token="not-a-token")  # noqa: S106 - a placeholder


class RefusedError(Exception):
    """A real program refuses what would be served; its words are in the text."""


def refuse(checked: Mapping[str, Verdict]) -> None:
    """Goes on when no program refuses anything. Raises `RefusedError` otherwise."""
    wrong = [
        f"{program}: {line}"
        for program, verdict in sorted(checked.items())
        if isinstance(verdict, Failed)
        for line in verdict.lines
    ]
    if wrong:
        raise RefusedError("\n".join(wrong))


@dataclass(frozen=True, slots=True)
class Examiner:
    """Asks programs about installs; what was said of one machine's files holds for the others'."""

    checkers: Sequence[Checker]
    known: dict[str, Mapping[str, Verdict]] = field(default_factory=dict)
    locks: dict[tuple[int, str], asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )

    async def examine(self, wanted: Installation) -> Mapping[str, Verdict]:
        """What each program says of the files. Raises `RefusedError`."""
        key = template_digest(wanted)
        # A lock belongs to one event loop; a test has many.
        async with self.locks[id(asyncio.get_running_loop()), key]:
            if key not in self.known:
                self.known[key] = await opinions(self.checkers, rendered(wanted, _NOWHERE))
        refuse(self.known[key])
        return self.known[key]


@cache
def examiner() -> Examiner:
    """The one of this process, with every program that there is."""
    return Examiner(install_checkers())

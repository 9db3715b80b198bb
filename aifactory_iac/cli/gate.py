"""The options of the policy gate, shared by `check` and `plan`."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from aifactory_iac.cli import completing
from aifactory_iac.cli.options import RULES

Verb = TypeVar("Verb", bound=Callable[..., Any])


def takes_gate(verb: Verb) -> Verb:
    """`--pack`, `--profile`, `--waivers`, `--rules`, `--fail-on` and `--at`, given as `gate`."""

    @click.option(
        "--pack",
        "packs",
        multiple=True,
        metavar="P",
        shell_complete=completing.packs,
        help="Add a rule pack; repeatable.",
    )
    @click.option(
        "--profile",
        metavar="P",
        shell_complete=completing.profiles,
        help="Policy profile instead of the blueprint's own.",
    )
    @click.option(
        "--waivers",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="FILE",
        help="Waivers: reasoned, approved, expiring exceptions.",
    )
    @RULES
    @click.option(
        "--fail-on",
        type=click.Choice(("info", "low", "medium", "high", "critical")),
        help="Block from this severity on, whatever the profile says.",
    )
    @click.option(
        "--at",
        type=click.DateTime(("%Y-%m-%d",)),
        metavar="DATE",
        help="Judge expiry as of DATE instead of today.",
    )
    @functools.wraps(verb)
    def with_gate(
        *args: Any,
        packs: tuple[str, ...],
        profile: str | None,
        waivers: Path | None,
        rules: tuple[Path, ...],
        fail_on: str | None,
        at: dt.datetime | None,
        **kwargs: Any,
    ) -> Any:
        _must_exist(profile, packs, rules)
        from aifactory_iac.api import Gate

        day = at.date() if at else None
        return verb(*args, gate=Gate(packs, profile, waivers, rules, fail_on, day), **kwargs)

    return with_gate  # type: ignore[return-value]


def _must_exist(profile: str | None, packs: tuple[str, ...], rules: tuple[Path, ...]) -> None:
    """A profile or pack that nobody has is a slip of the fingers, not a verdict."""
    if profile is None and not packs:
        return
    from aifactory_iac.cli.suggesting import no_such
    from aifactory_iac.policy import load_rules

    library = load_rules(rules)
    asked: list[tuple[str, str, Mapping[str, object]]] = []
    if profile is not None:
        asked.append(("profile", profile, library.profiles))
    asked += [("pack", pack, library.packs) for pack in packs]
    for kind, name, known in asked:
        if name not in known:
            raise no_such(kind, name, known, listed=True)

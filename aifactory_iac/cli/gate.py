"""The options of the policy gate, shared by `check` and `plan`."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

Verb = TypeVar("Verb", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Gate:
    """How the gate is to be held. `at` is the day on which expiry is judged."""

    packs: tuple[str, ...]
    profile: str | None
    waivers: Path | None
    rules: tuple[Path, ...]
    fail_on: str | None
    at: dt.date


def takes_gate(verb: Verb) -> Verb:
    """`--pack`, `--profile`, `--waivers`, `--rules`, `--fail-on` and `--at`, given as `gate`."""

    @click.option(
        "--pack", "packs", multiple=True, metavar="P", help="Add a rule pack; repeatable."
    )
    @click.option("--profile", metavar="P", help="Policy profile instead of the blueprint's own.")
    @click.option(
        "--waivers",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Waivers: reasoned, approved, expiring exceptions.",
    )
    @click.option(
        "--rules",
        multiple=True,
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Add rules of your own; repeatable.",
    )
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
        day = at.date() if at else dt.datetime.now(tz=dt.UTC).date()
        return verb(*args, gate=Gate(packs, profile, waivers, rules, fail_on, day), **kwargs)

    return with_gate  # type: ignore[return-value]


def _must_exist(profile: str | None, packs: tuple[str, ...], rules: tuple[Path, ...]) -> None:
    """A profile or pack that nobody has is a slip of the fingers, not a verdict."""
    if profile is None and not packs:
        return
    import difflib

    from aifactory_iac.policy import load_rules

    library = load_rules(rules)
    asked: list[tuple[str, str, Mapping[str, object]]] = []
    if profile is not None:
        asked.append(("profile", profile, library.profiles))
    asked += [("pack", pack, library.packs) for pack in packs]
    for kind, name, known in asked:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise click.UsageError(
                f"There is no {kind} `{name}`; there are {', '.join(sorted(known))}.{meant}"
            )

"""The options of the policy gate, shared by `check` and `plan`."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
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
        day = at.date() if at else dt.datetime.now(tz=dt.UTC).date()
        return verb(*args, gate=Gate(packs, profile, waivers, rules, fail_on, day), **kwargs)

    return with_gate  # type: ignore[return-value]

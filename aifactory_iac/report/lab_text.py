"""Labs on a terminal and as JSON: what runs where, what does not and why, how to use it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from aifactory_iac.lab.record import SCHEMA_VERSION
from aifactory_iac.lab.state import LabState
from aifactory_iac.report.legible import legible
from aifactory_iac.report.tables import heading, pairs, rendered, table

SHOWN = 8
"""Endpoints that are listed when nobody asks for more words."""
_HOW = {
    "started": "is up",
    "unchanged": "was up already",
    "faults": "was up already; its faults are those of the file now",
}
_CONDITIONS = {
    "running": "is up",
    "failing": "is failing: a part of it has ended",
    "starting": "is being started",
    "dead": "is dead: its supervisor was killed; `aifactory lab down` clears it away",
}


def raised_text(
    document: Mapping[str, Any],
    how: str,
    *,
    verbose: bool = False,
    colour: bool = False,
    width: int | None = None,
) -> str:
    """A lab that has just been asked for. Lines to be copied are left whole, however long."""
    view = [
        Text(f"Lab {document['name']} {_HOW[how]}"),
        *_contents(document, verbose=verbose),
        heading("To use it"),
    ]
    script = Path(document["folder"]) / "environment.sh"
    lines = (f". {shlex.quote(str(script))}", f"aifactory lab down {document['name']}")
    return rendered(view, colour=colour, width=width) + "".join(f"{line}\n" for line in lines)


def labs_view(states: Sequence[LabState], *, verbose: bool = False) -> Iterator[RenderableType]:
    """Every lab that there is, with the last words of what has ended."""
    if not states:
        yield Text("There is no lab.")
    for number, state in enumerate(states):
        yield Text(f"{chr(10) if number else ''}Lab {state.name} {_CONDITIONS[state.condition]}")
        if state.document is None or state.condition == "dead":
            continue
        yield from _contents(state.document, verbose=verbose)
        for part, lines in state.logs.items():
            yield heading(f"Last words of {part}")
            yield from (Text(legible(line)) for line in lines)


def labs_document(states: Sequence[LabState]) -> dict[str, Any]:
    """What `lab status` prints as JSON."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": "Labs",
        "labs": [
            {
                "name": state.name,
                "folder": str(state.folder.path),
                "condition": state.condition,
                "lab": state.document,
                "logs": {part: list(lines) for part, lines in state.logs.items()},
            }
            for state in states
        ],
    }


def _contents(document: Mapping[str, Any], *, verbose: bool) -> Iterator[RenderableType]:
    yield table(
        ("part", "state", "what", "with"),
        [
            (part["name"], part.get("ending", part["state"]), part["what"], part["version"])
            for part in document["parts"]
        ],
        wrapped=("what",),
    )
    yield from _endpoints(document, verbose=verbose)
    if document["absent"]:
        yield heading("Not in this lab")
        yield pairs([(each["part"], each["why"]) for each in document["absent"]])


def _endpoints(document: Mapping[str, Any], *, verbose: bool) -> Iterator[RenderableType]:
    hosts = {address: host for host, address in document["machines"]["hosts"].items()}
    rows = [
        (address, hosts.get(address, ""), where) for address, where in document["endpoints"].items()
    ]
    if "aws" in document:
        rows.append(("aws", document["aws"]["region"], document["aws"]["endpoint"]))
    if not rows:
        return
    yield heading("Where things are")
    shown = rows if verbose or len(rows) <= SHOWN else rows[:SHOWN]
    yield table(("address", "host", "here"), shown, tokens=("address", "host", "here"))
    if len(shown) < len(rows):
        yield Text(f"and {len(rows) - len(shown):,} more; -v lists them")

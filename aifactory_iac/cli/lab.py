"""`aifactory lab`: real emulators on loopback to apply against."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aifactory_iac.cli import completing
from aifactory_iac.cli.options import SITES, Asked, Output, gives_output, takes_target

if TYPE_CHECKING:
    from rich.console import RenderableType

    from aifactory_iac.lab.state import LabState

FAILED = 1
DIR = click.option(
    "--dir",
    "place",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The lab's folder, instead of one in your state folder.",
)
TARGET = click.argument("target", required=False, shell_complete=completing.targets)


@click.group(
    name="lab",
    epilog="""Examples:

\b
  aifactory lab up superpod-h100 --limit 3
  aifactory lab up superpod-h100 --limit 3 --faults faults.yaml
  aifactory lab up edge-inference --only bmc,aws --for 30min
  aifactory lab status superpod-h100
  aifactory lab down superpod-h100
""",
)
def command() -> None:
    """Start emulators of what TARGET would be provisioned on, look at them, take them down.

    Controllers that speak Redfish, switches, AWS and, where their programs are installed, clusters:
    on loopback and free ports, with keys and passwords of their own. See docs/lab.md.
    """


@command.command()
@takes_target
@click.option(
    "--only",
    metavar="KIND,...",
    help="Start only these: bmc, switches, aws, cluster.",
)
@SITES
@click.option("--pool", "pools", multiple=True, metavar="NAME", help="Only this pool; repeatable.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="At most N machines and N switches, of every pool and network in turn.",
)
@click.option(
    "--faults",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="What goes wrong with the machines; again to change it while they run.",
)
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=0.01,
    show_default=True,
    metavar="F",
    help="How long machines take: 1 as real ones, 0 no time at all.",
)
@click.option("--for", "lifetime", metavar="TIME", help="Take it down after TIME, such as 30min.")
@click.option(
    "--boot",
    "boots",
    multiple=True,
    metavar="HOST",
    help="Truly boot HOST in QEMU from what is in its virtual drive; repeatable.",
)
@DIR
@gives_output("text", "json")
def up(
    asked: Asked,
    only: str | None,
    sites: tuple[str, ...],
    pools: tuple[str, ...],
    limit: int | None,
    faults: Path | None,
    pace: float,
    lifetime: str | None,
    boots: tuple[str, ...],
    place: Path | None,
    output: Output,
) -> None:
    """Start a lab for TARGET, and return when all of it is ready.

    A lab that runs already is left as it is, but for its faults. Exit code 0, 1 when a part does
    not come up (nothing is left then), 2 when the input is wrong, 6 when another lab of that name
    runs.
    """
    from aifactory_iac.cli.lab_wishes import Wanted, bring_up
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.report.canonical import to_json
    from aifactory_iac.report.lab_text import raised_text

    wanted = Wanted(only, sites, pools, limit, faults, pace, lifetime, boots, place)
    raised = bring_up(asked, wanted, output)
    if output.format == "json":
        write_result(to_json(dict(raised.document)), output)
        return
    text = raised_text(
        raised.document,
        raised.how,
        verbose=output.verbose > 0,
        colour=colour(output),
        width=width(output),
    )
    write_result(text, output)


@command.command()
@TARGET
@DIR
@gives_output("text", "json")
def status(target: str | None, place: Path | None, output: Output) -> None:
    """Show the labs that run, that of TARGET, or all.

    Exit code 0 when all that there are run, 1 when a part or a supervisor has ended.
    """
    from aifactory_iac.report.lab_text import labs_view

    found = _labs(target, place)
    _write(found, labs_view(found, verbose=output.verbose > 0), output)
    if any(each.condition in ("failing", "dead") for each in found):
        raise click.exceptions.Exit(FAILED)


@command.command()
@TARGET
@click.option("--all", "every", is_flag=True, help="All of your labs.")
@DIR
@gives_output("text", "json")
def down(target: str | None, every: bool, place: Path | None, output: Output) -> None:  # noqa: FBT001
    """Take down the lab of TARGET, or the only one that there is; its folder goes with it.

    Exit code 0, also when there is none.
    """
    from dataclasses import replace

    from rich.text import Text

    from aifactory_iac.cli.progress import working
    from aifactory_iac.lab.starting import stop

    found = _labs(target, place)
    if len(found) > 1 and not every and target is None:
        names = ", ".join(each.name for each in found)
        raise click.UsageError(f"There are {len(found)} labs: {names}. Name one, or say --all.")
    for each in found:
        with working(f"Taking down {each.name}", output):
            stop(each.folder)
    ended = tuple(replace(each, condition="down", document=None, logs={}) for each in found)
    lines = [Text(f"Lab {each.name} is down") for each in found]
    _write(ended, lines or [Text("There is no lab to take down.")], output)


def _labs(target: str | None, place: Path | None) -> tuple[LabState, ...]:
    from aifactory_iac.lab.folder import Folder, default_place
    from aifactory_iac.lab.state import called, state, states

    if place is not None:
        folder = Folder(place.absolute())
        return (state(folder),) if folder.lock.is_file() else ()
    every = tuple(states(default_place()))
    return every if target is None else called(every, target)


def _write(found: tuple[LabState, ...], view: Iterable[RenderableType], output: Output) -> None:
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.report.canonical import to_json
    from aifactory_iac.report.lab_text import labs_document
    from aifactory_iac.report.tables import rendered

    if output.format == "json":
        write_result(to_json(labs_document(found)), output)
    else:
        write_result(rendered(view, colour=colour(output), width=width(output)), output)

"""`aifactory init`: a stack, or a blueprint of one's own, from the library."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from aifactory_iac.cli import completing
from aifactory_iac.cli.options import LIBRARY, PARAMETERS, Asked, Output, assignments, gives_output


@click.command(
    epilog="""Examples:

\b
  aifactory init factory --from superpod-h100 --yes
  aifactory init factory --from startup-cloud -p nodes=2
  aifactory init my-blueprint --from regulated-hybrid --blueprint
"""
)
@click.argument("directory", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--from",
    "source",
    default="superpod-h100",
    show_default=True,
    metavar="NAME",
    shell_complete=completing.blueprints,
    help="Library blueprint to start from.",
)
@click.option(
    "--blueprint",
    "own",
    is_flag=True,
    help="A blueprint of your own that extends NAME, instead of a stack that deploys it.",
)
@PARAMETERS
@LIBRARY
@click.option("--yes", is_flag=True, help="Ask nothing; defaults for all that is not set.")
@click.option("--force", is_flag=True, help="Overwrite files that are there.")
@gives_output("text")
def command(
    directory: Path,
    source: str,
    own: bool,  # noqa: FBT001 - click passes flags by name
    parameters: tuple[str, ...],
    library: tuple[Path, ...],
    yes: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
    output: Output,
) -> None:
    """Write a new stack (or blueprint) into DIRECTORY, asking only for what has no default."""
    from aifactory_iac.cli.session import opened
    from aifactory_iac.cli.write import write_files, write_result
    from aifactory_iac.library.beginnings import IGNORE, beginnings, missing

    given = assignments(parameters)
    for name, schema in missing(source, library).items():
        if name not in given:
            given[name] = _asked(name, schema, source, library, silent=yes)
    factory = opened(Asked(source, given, None, library), output)
    files = beginnings(factory.blueprint, directory.resolve().name, given, own=own)
    if (directory / IGNORE).exists():
        # Somebody's own, in a folder that is a repository already: theirs to keep.
        files = {name: text for name, text in files.items() if name != IGNORE}
    there = [name for name in files if (directory / name).exists()]
    if there and not force:
        raise click.UsageError(
            f"{directory / there[0]} is there already; choose another directory or add --force"
        )
    write_files({directory / name: text for name, text in files.items()})
    search = "".join(f" --library {shlex.quote(str(shelf))}" for shelf in library)
    first = shlex.quote(str(directory / next(iter(files))))
    write_result(
        "".join(f"Wrote {directory / name}\n" for name in files)
        + f"Next: aifactory plan {first}{search}\n",
        output,
    )


def _asked(
    name: str, schema: Mapping[str, Any], source: str, library: Sequence[Path], *, silent: bool
) -> str:
    """The answer of the person at the terminal, asked again until it fits the parameter."""
    if silent or not sys.stdin.isatty():
        raise click.UsageError(f"parameter `{name}` of {source} has no default; set it with -p")
    from aifactory_iac.library.beginnings import fault

    def fitting(text: str) -> str:
        wrong = fault(source, name, text, library)
        if wrong:
            raise click.BadParameter(wrong)
        return text

    meaning = schema.get("description") or schema.get("type") or "no description"
    answer: str = click.prompt(f"{name} ({meaning})", value_proc=fitting, err=True)
    return answer

"""`aifactory init`: a stack, or a blueprint of one's own, from the library."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aifactory_iac.cli.options import Output, gives_output


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
    help="Library blueprint to start from.",
)
@click.option(
    "--blueprint",
    "own",
    is_flag=True,
    help="A blueprint of your own that extends NAME, instead of a stack that deploys it.",
)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter; repeatable.",
)
@click.option(
    "--library",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False),
    envvar="AIFACTORY_LIBRARY",
    metavar="DIR",
    help="Search DIR first; repeatable.",
)
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
    from aifactory_iac.cli.options import Asked, _assignments
    from aifactory_iac.cli.session import opened
    from aifactory_iac.cli.write import write_file, write_result
    from aifactory_iac.library.beginnings import beginnings, missing

    given = _assignments(parameters)
    for name, schema in missing(source, library).items():
        if name in given:
            continue
        if yes or not sys.stdin.isatty():
            raise click.UsageError(f"parameter `{name}` of {source} has no default; set it with -p")
        given[name] = click.prompt(f"{name} ({schema.get('description', 'no description')})")
    factory = opened(Asked(source, given, None, library), output)
    files = beginnings(factory.blueprint, directory.resolve().name, given, own=own)
    there = [name for name in files if (directory / name).exists()]
    if there and not force:
        raise click.UsageError(
            f"{directory / there[0]} is there already; choose another directory or add --force"
        )
    for name, text in files.items():
        write_file(directory / name, text)
    first = next(iter(files))
    write_result(
        "".join(f"Wrote {directory / name}\n" for name in files)
        + f"Next: aifactory plan {directory / first}\n",
        output,
    )

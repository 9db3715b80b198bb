"""`aifactory export`: a stand-alone Pulumi project."""

from __future__ import annotations

from pathlib import Path

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target


@click.command(
    epilog="""Examples:

\b
  aifactory export startup-cloud --out pulumi-project
  aifactory export prod/stack.yaml --out pulumi-project --force
"""
)
@takes_target
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to write; a new or empty folder, or one that an export wrote.",
)
@click.option("--force", is_flag=True, help="Write into a folder with other files in it.")
@gives_output("text")
def command(asked: Asked, out: Path, force: bool, output: Output) -> None:  # noqa: FBT001
    """Write TARGET as a Pulumi project that needs only Pulumi, readable and formatted.

    It gives the same resources as the plan.
    """
    from aifactory_iac.api import InvalidBlueprintError, export
    from aifactory_iac.cli.progress import working
    from aifactory_iac.cli.session import opened, refuse
    from aifactory_iac.cli.write import write_result
    from aifactory_iac.program.export import write_project

    factory = opened(asked, output)
    try:
        with working("Writing the program", output):
            files = export(factory)
    except InvalidBlueprintError as error:
        refuse(asked.target, error.findings, output)
    try:
        refused = write_project(files, out, force=force)
    except OSError as error:
        raise click.ClickException(f"cannot write {out}: {error.strerror}") from None
    if refused:
        refuse(asked.target, refused, output)
    write_result(
        f"Wrote {len(files)} files to {out}; {out / 'README.md'} says how to run them.\n", output
    )

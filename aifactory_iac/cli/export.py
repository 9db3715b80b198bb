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
  aifactory export superpod-h100 --to metal3 --machines machines.yaml --out hosts
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
@click.option(
    "--to",
    type=click.Choice(("pulumi", "metal3", "warewulf", "tinkerbell")),
    default="pulumi",
    show_default=True,
    help="What to write: a Pulumi project, or documents of another manager of machines.",
)
@click.option(
    "--machines",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Who the machines are, as `aifactory inventory --adopt` writes it; not for pulumi.",
)
@click.option(
    "--namespace",
    default="metal",
    show_default=True,
    metavar="NAME",
    help="Namespace of Kubernetes objects; for metal3 and tinkerbell.",
)
@click.option("--force", is_flag=True, help="Write into a folder with other files in it.")
@gives_output("text")
def command(
    asked: Asked,
    out: Path,
    to: str,
    machines: Path | None,
    namespace: str,
    force: bool,  # noqa: FBT001 - click's
    output: Output,
) -> None:
    """Write TARGET as a Pulumi project that needs only Pulumi, readable and formatted.

    It gives the same resources as the plan. With --to, its machines on-prem are written as
    documents of metal3, warewulf or tinkerbell instead, without any credentials.
    """
    if to != "pulumi":
        from aifactory_iac.cli.export_machines import ManagerWish, write_machines

        write_machines(asked, ManagerWish(to, out, machines, namespace, force), output)
        return
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

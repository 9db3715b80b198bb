"""`aifactory blueprint`: the library."""

from __future__ import annotations

from pathlib import Path

import click

from aifactory_iac.cli import completing
from aifactory_iac.cli.options import LIBRARY, Asked, Output, gives_output


@click.group(
    name="blueprint",
    epilog="""Examples:

\b
  aifactory blueprint list
  aifactory blueprint show superpod-h100
  aifactory blueprint test superpod-h100
  aifactory blueprint lint --library ./blueprints
""",
)
def command() -> None:
    """List, show, lint and test the blueprints of the library, and your own."""


@command.command(name="list")
@LIBRARY
@gives_output("text", "json")
def list_(library: tuple[Path, ...], output: Output) -> None:
    """List the library: name, version, what it is."""
    from aifactory_iac.api import load
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.library import volumes
    from aifactory_iac.report.library_text import library_document, library_view

    opened = [(volume, load(str(volume.document), library=library)) for volume in volumes(library)]
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(library_document(opened)), output)
        return
    from aifactory_iac.report.tables import rendered

    write_result(rendered(library_view(opened), colour=colour(output), width=width(output)), output)


@command.command()
@click.argument("name", shell_complete=completing.blueprints)
@LIBRARY
@gives_output("text", "json")
def show(name: str, library: tuple[Path, ...], output: Output) -> None:
    """Show a blueprint: what it is, its parameters, its layers."""
    from aifactory_iac.cli.session import opened
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.report.library_text import blueprint_document, blueprint_view

    factory = opened(Asked(name, library=library), output)
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(blueprint_document(factory)), output)
        return
    from aifactory_iac.report.tables import rendered

    write_result(
        rendered(blueprint_view(factory), colour=colour(output), width=width(output)), output
    )


@command.command()
@click.argument("name", required=False, shell_complete=completing.blueprints)
@LIBRARY
@gives_output("text")
def lint(name: str | None, library: tuple[Path, ...], output: Output) -> None:
    """Check that blueprints are fit for a library: valid, buildable, documented, gate passed.

    Exit code 0 when all are, 3 when one is not.
    """
    from aifactory_iac.cli.shelved import chosen, lint_volume
    from aifactory_iac.cli.write import write_result

    lines = []
    for volume in chosen(name, library):
        problems = lint_volume(volume, library)
        lines += [f"{volume.name}: {problem}" for problem in problems] or [f"{volume.name}: ok"]
    write_result("".join(f"{line}\n" for line in lines), output)
    if any(not line.endswith(": ok") for line in lines):
        raise click.exceptions.Exit(3)


@command.command()
@click.argument("name", required=False, shell_complete=completing.blueprints)
@LIBRARY
@gives_output("text")
def test(name: str | None, library: tuple[Path, ...], output: Output) -> None:
    """Check the facts that blueprints promise in their facts.yaml.

    Exit code 0 when all are kept, 3 when one is not.
    """
    from aifactory_iac.cli.shelved import chosen, test_volume
    from aifactory_iac.cli.write import write_result

    lines, kept = [], True
    for volume in chosen(name, library):
        for case, broken in test_volume(volume, library):
            kept = kept and not broken
            word = "ok" if not broken else "BROKEN"
            lines.append(f"{volume.name} [{case.name}]: {word}, {len(case.promises)} facts")
            lines += [
                f"  {each.promise.path}: expected {each.promise.expected}, found {each.found}"
                for each in broken
            ]
    write_result("".join(f"{line}\n" for line in lines), output)
    if not kept:
        raise click.exceptions.Exit(3)

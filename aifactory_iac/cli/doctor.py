"""`aifactory doctor`: what is installed, what each missing part would give, and how to get it."""

from __future__ import annotations

import click

from aifactory_iac.cli.options import Output, gives_output


@click.command(
    epilog="""Examples:

\b
  aifactory doctor
  aifactory doctor --format json
"""
)
@gives_output("text", "json")
def command(output: Output) -> None:
    """Show what is installed and what each missing part would give.

    Exit code 0 when everything that planning needs is there, 1 when something is broken.
    """
    from aifactory_iac.cli.installation import diagnose, document, view
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.report.canonical import to_json
    from aifactory_iac.report.tables import rendered

    parts = diagnose()
    if output.format == "json":
        write_result(to_json(document(parts)), output)
    else:
        write_result(rendered(view(parts), colour=colour(output), width=width(output)), output)
    if any(part.needed and not part.found for part in parts):
        raise click.exceptions.Exit(1)

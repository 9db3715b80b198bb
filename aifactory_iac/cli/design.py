"""`aifactory design`: the engineered factory."""

from __future__ import annotations

from pathlib import Path

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target


@click.command(
    epilog="""Examples:

\b
  aifactory design superpod-h100 -p scalable_units=2
  aifactory design superpod-h100 --format json | jq .summary
  aifactory design colossus-100k --out factory/     inventory, racks, networks, addresses as files
"""
)
@takes_target
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the tables as CSV and the design as JSON into DIR.",
)
@gives_output("text", "json")
def command(asked: Asked, out: Path | None, output: Output) -> None:
    """Engineer TARGET: nodes, racks, networks, power, storage, addresses."""
    from aifactory_iac.cli.session import designed, opened
    from aifactory_iac.cli.write import colour, say, width, write_files, write_result

    factory = opened(asked, output)
    engineered = designed(factory, asked.target, output)
    if out is not None:
        from aifactory_iac.report.design_files import design_files

        files = design_files(engineered)
        write_files({out / name: text for name, text in files.items()})
        say(f"Wrote {len(files)} files to {out}")
    if output.format == "json":
        from aifactory_iac.design import document
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(document(engineered)), output)
        return
    from aifactory_iac.report.design_text import design_view
    from aifactory_iac.report.findings_text import findings_text
    from aifactory_iac.report.tables import rendered

    text = rendered(design_view(engineered), colour=colour(output), width=width(output))
    notes = factory.locate(engineered.findings)
    shown = notes if output.verbose else [note for note in notes if note.severity.rank >= 2]
    write_result(text + ("\n" + findings_text(shown, width=width(output)) if shown else ""), output)

"""`aifactory explain`: a value's chain of origins and what a change of it does."""

from __future__ import annotations

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target


@click.command(
    epilog="""Examples:

\b
  aifactory explain superpod-h100 compute.dgx.scalable_units -p scalable_units=2
  aifactory explain regulated-hybrid sites.fra1.facility.envelope
  aifactory explain startup-cloud storage.tiers.scratch
"""
)
@takes_target
@click.argument("path")
@gives_output("text", "json")
def command(asked: Asked, path: str, output: Output) -> None:
    """Show where the value at PATH of TARGET comes from and what a change of it does.

    PATH is dotted, with names for items of lists: compute.dgx.count.
    """
    from aifactory_iac.api import explain
    from aifactory_iac.cli.session import opened, refuse
    from aifactory_iac.cli.write import write_result
    from aifactory_iac.report.explain_text import explanation_document, explanation_text

    factory = opened(asked, output)
    explained = explain(factory, path)
    if explained.findings:
        refuse(asked.target, explained.findings, output)
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(explanation_document(explained)), output)
        return
    write_result(explanation_text(explained), output)

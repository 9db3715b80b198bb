"""`aifactory estimate`: power, cooling, cost, carbon, training time, serving capacity."""

from __future__ import annotations

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target


@click.command(
    epilog="""Examples:

\b
  aifactory estimate superpod-h100
  aifactory estimate startup-cloud -p nodes=4 -v         with formulas and inputs
  aifactory estimate colossus-100k --format json | jq .total.capex_usd
"""
)
@takes_target
@gives_output("text", "json")
def command(asked: Asked, output: Output) -> None:
    """Estimate power, cost, energy, carbon, training time and serving capacity of TARGET.

    Every figure is a range with its formula and sourced inputs (-v shows them).
    """
    from aifactory_iac.cli.session import designed, opened
    from aifactory_iac.cli.write import colour, width, write_result

    factory = opened(asked, output)
    engineered = designed(factory, asked.target, output)
    if output.format == "json":
        from aifactory_iac.design.estimate_document import estimate_document
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(estimate_document(engineered)), output)
        return
    from aifactory_iac.report.estimate_text import estimate_view
    from aifactory_iac.report.tables import rendered

    view = estimate_view(engineered, formulas=output.verbose > 0)
    write_result(rendered(view, colour=colour(output), width=width(output)), output)

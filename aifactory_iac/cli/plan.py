"""`aifactory plan`: everything that would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aifactory_iac.cli.gate import takes_gate
from aifactory_iac.cli.options import DETAILED, Asked, Output, gives_output, takes_target

CHANGES = 5

if TYPE_CHECKING:
    from aifactory_iac.api import Gate


@click.command(
    epilog="""Examples:

\b
  aifactory plan superpod-h100 -p scalable_units=2
  aifactory plan prod/stack.yaml --out plan.json         a sealed plan for review
  aifactory plan prod/stack.yaml --detailed-exitcode     5 when something would change
  aifactory plan startup-cloud --format json | jq .counts
"""
)
@takes_target
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PLAN.json",
    help="Write the sealed plan.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Folder of the Pulumi file backend with the last state.",
)
@click.option("--offline", is_flag=True, default=True, help="Plan without an engine (the default).")
@DETAILED
@takes_gate
@gives_output("text", "json", "markdown")
def command(
    asked: Asked,
    out: Path | None,
    state: Path | None,
    offline: bool,  # noqa: ARG001, FBT001 - the only way there is, accepted so that scripts can say it
    detailed_exitcode: bool,  # noqa: FBT001
    gate: Gate,
    output: Output,
) -> None:
    """Plan TARGET: every resource, its impact, cost and the gate's verdict.

    Needs no credentials, network or Pulumi CLI. Exit code 0, or 3 when the gate says no, 4 when a
    rule failed or only unknowns block, 5 with --detailed-exitcode when something would change.
    """
    from aifactory_iac.api import InvalidBlueprintError, Planned, planned
    from aifactory_iac.cli.progress import working
    from aifactory_iac.cli.session import opened, refuse
    from aifactory_iac.cli.write import colour, say, width, write_file, write_result
    from aifactory_iac.report.canonical import to_json

    factory = opened(asked, output)
    try:
        with working("Running the programs and comparing with the last state", output):
            result: Planned = planned(factory, state=state, gate=gate)
    except InvalidBlueprintError as error:
        refuse(asked.target, error.findings, output)
    document = result.plan.document()
    if out is not None:
        write_file(out, to_json(document))
        say(f"Wrote {out}, sealed as {document['digests']['plan'][:12]}")
    if output.format == "json":
        write_result(to_json(document), output)
    elif output.format == "markdown":
        from aifactory_iac.report.plan_markdown import plan_markdown

        write_result(plan_markdown(result.plan, result.design, result.verdict), output)
    else:
        from aifactory_iac.report.gate.text import verdict_text
        from aifactory_iac.report.plan_text import plan_view
        from aifactory_iac.report.tables import rendered

        view = plan_view(result.plan, result.design, verbose=output.verbose > 0)
        text = rendered(view, colour=colour(output), width=width(output))
        gate_text = verdict_text(result.verdict, verbose=output.verbose > 0, width=width(output))
        write_result(f"{text}\n{gate_text}", output)
    code = result.verdict.exit_code
    if code == 0 and detailed_exitcode and not result.plan.empty:
        code = CHANGES
    raise click.exceptions.Exit(code)

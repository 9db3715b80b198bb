"""`aifactory check`: the policy gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aifactory_iac.cli.gate import takes_gate
from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target

if TYPE_CHECKING:
    from aifactory_iac.api import Gate


@click.command(
    epilog="""Examples:

\b
  aifactory check regulated-hybrid
  aifactory check prod.stack.yaml --waivers waivers.yaml --format sarif --output gate.sarif
  aifactory check superpod-h100 --profile production --fail-on medium
  aifactory check superpod-h100 --at 2027-06-01          what will have expired by then
"""
)
@takes_target
@takes_gate
@gives_output("text", "json", "sarif", "junit", "github", "gitlab", "markdown")
def command(asked: Asked, gate: Gate, output: Output) -> None:
    """Hold TARGET against the rules: the gate for CI, no credentials needed.

    Exit code 0 when it passes, 3 when a rule blocks, 4 when a rule itself failed or only unknowns
    block, 2 when the document is invalid.
    """
    from aifactory_iac.api import check
    from aifactory_iac.cli.progress import working
    from aifactory_iac.cli.session import designed, opened
    from aifactory_iac.cli.write import width, write_result

    factory = opened(asked, output)
    designed(factory, asked.target, output)
    with working("Holding the factory against the rules", output):
        verdict = check(factory, gate)
    if output.format == "text":
        from aifactory_iac.report.gate.text import verdict_text

        text = verdict_text(verdict, verbose=output.verbose > 0, width=width(output))
    elif output.format == "json":
        from aifactory_iac.report.canonical import to_json

        text = to_json(verdict.document())
    else:
        from aifactory_iac.report.gate import FORMATS

        text = FORMATS[output.format](verdict)
    write_result(text, output)
    raise click.exceptions.Exit(verdict.exit_code)

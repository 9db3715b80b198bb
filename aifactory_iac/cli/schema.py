"""`aifactory schema`: the published JSON Schemas."""

from __future__ import annotations

import click

from aifactory_iac.cli.options import Output, gives_output
from aifactory_iac.cli.write import write_result

_NAMES = (
    "blueprint", "stack", "findings", "design", "estimate", "check", "plan", "explain",
    "policies", "library", "doctor", "lab", "inventory",
)  # fmt: skip


@click.command(
    epilog="""Examples:

\b
  aifactory schema                                   list the schemas
  aifactory schema blueprint --output blueprint.schema.json
  aifactory schema plan | jq '.properties | keys'
"""
)
@click.argument("name", required=False, type=click.Choice(_NAMES))
@gives_output("json")
def command(name: str | None, output: Output) -> None:
    """Print a published JSON Schema (2020-12), or list them all."""
    from aifactory_iac.report.canonical import to_json
    from aifactory_iac.report.schemas import schema

    if name is None:
        write_result("".join(f"{each}\n" for each in _NAMES), output)
        return
    write_result(to_json(schema(name)), output)

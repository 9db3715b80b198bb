"""`aifactory validate`: structure and meaning of a document."""

from __future__ import annotations

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target


@click.command(
    epilog="""Examples:

\b
  aifactory validate superpod-h100
  aifactory validate ./factory/blueprint.yaml -p scalable_units=2
  aifactory validate prod.stack.yaml --format json
"""
)
@takes_target
@gives_output("text", "json")
def command(asked: Asked, output: Output) -> None:
    """Check structure and meaning of TARGET, offline; all findings at once.

    Exit code 0 when the document is valid (warnings are allowed), 2 when it is not.
    """
    from aifactory_iac.cli.session import opened
    from aifactory_iac.cli.write import width, write_result
    from aifactory_iac.report.findings_document import findings_document
    from aifactory_iac.report.findings_text import findings_text
    from aifactory_iac.report.words import counted

    factory = opened(asked, output)
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        document = findings_document(asked.target, factory.findings, valid=True)
        write_result(to_json(document), output)
        return
    text = findings_text(factory.findings, width=width(output))
    blueprint = factory.blueprint
    sites, pools = counted(len(blueprint.sites), "site"), counted(len(blueprint.compute), "pool")
    name = f"{blueprint.metadata.name} {blueprint.metadata.version}"
    write_result(f"{text}{name} is valid: {sites}, {pools}\n", output)

"""`aifactory policy`: the rules and their proofs."""

from __future__ import annotations

from pathlib import Path

import click

from aifactory_iac.cli import completing
from aifactory_iac.cli.options import RULES, Output, gives_output


@click.group(
    name="policy",
    epilog="""Examples:

\b
  aifactory policy list
  aifactory policy show AIF-FAB-001
  aifactory policy test AIF-FAB-001
  aifactory policy list --rules ./our-rules --format json
""",
)
def command() -> None:
    """List, show and test the rules of the gate."""


@command.command(name="list")
@RULES
@gives_output("text", "json")
def list_(rules: tuple[Path, ...], output: Output) -> None:
    """List the rules: id, severity, layer, what they hold."""
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.policy import load_rules
    from aifactory_iac.report.policy_text import policies_document, policies_view

    library = load_rules(rules)
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(policies_document(library)), output)
        return
    from aifactory_iac.report.tables import rendered

    write_result(
        rendered(policies_view(library), colour=colour(output), width=width(output)), output
    )


@command.command()
@click.argument("rule", shell_complete=completing.rules)
@RULES
@gives_output("text", "json")
def show(rule: str, rules: tuple[Path, ...], output: Output) -> None:
    """Show a RULE: why it is, what it reads, its parameters, its controls with rationale."""
    from aifactory_iac.cli.proving import examples_of, known
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.policy import load_rules
    from aifactory_iac.report.policy_text import policy_document, policy_view

    library = load_rules(rules)
    found = library.rules[known(rule, library)]
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(policy_document(found, library)), output)
        return
    from aifactory_iac.report.tables import rendered

    view = policy_view(found, library, examples_of(found, library))
    write_result(rendered(view, colour=colour(output), width=width(output)), output)


@command.command()
@click.argument("rule", required=False, shell_complete=completing.rules)
@RULES
@gives_output("text")
def test(rule: str | None, rules: tuple[Path, ...], output: Output) -> None:
    """Prove a RULE, or all of them, on their own good and bad examples.

    Exit code 0 when all are proven, 4 when one is not.
    """
    from aifactory_iac.cli.progress import working
    from aifactory_iac.cli.proving import known, proof_lines
    from aifactory_iac.cli.write import write_result
    from aifactory_iac.policy import load_rules

    library = load_rules(rules)
    wanted = list(library.rules) if rule is None else [known(rule, library)]
    with working("Proving the rules", output):
        lines, proven = proof_lines(library, wanted)
    write_result("".join(f"{line}\n" for line in lines), output)
    if not proven:
        raise click.exceptions.Exit(4)

"""`aifactory policy`: the rules and their proofs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aifactory_iac.cli.options import Output, gives_output


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


def _of_rules(verb: Any) -> Any:
    return click.option(
        "--rules",
        multiple=True,
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Add rules of your own; repeatable.",
    )(verb)


@command.command(name="list")
@_of_rules
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
@click.argument("rule")
@_of_rules
@gives_output("text", "json")
def show(rule: str, rules: tuple[Path, ...], output: Output) -> None:
    """Show a RULE: why it is, its controls with rationale, its examples."""
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.policy import load_rules
    from aifactory_iac.report.policy_text import policy_document, policy_view

    library = load_rules(rules)
    found = library.rules[_known(rule, library)]
    if output.format == "json":
        from aifactory_iac.report.canonical import to_json

        write_result(to_json(policy_document(found, library)), output)
        return
    from aifactory_iac.report.tables import rendered

    view = policy_view(found, library)
    write_result(rendered(view, colour=colour(output), width=width(output)), output)


@command.command()
@click.argument("rule", required=False)
@_of_rules
@gives_output("text")
def test(rule: str | None, rules: tuple[Path, ...], output: Output) -> None:
    """Prove a RULE, or all of them, on their own good and bad examples.

    Exit code 0 when all are proven, 4 when one is not.
    """
    from aifactory_iac.api import prove
    from aifactory_iac.cli.progress import working
    from aifactory_iac.cli.write import write_result
    from aifactory_iac.policy import load_rules

    library = load_rules(rules)
    wanted = list(library.rules) if rule is None else [_known(rule, library)]
    lines = [f"{each.file}: cannot be loaded: {each.reason}" for each in library.broken]
    proven = not library.broken
    with working("Proving the rules"):
        for each in wanted:
            proofs = prove(library, each)
            faults = [(proof, fault) for proof in proofs for fault in proof.faults]
            proven = proven and not faults
            word = "ok" if not faults else "NOT PROVEN"
            lines.append(f"{each}: {word}, {len(proofs)} examples")
            lines += [f"  {proof.kind} example {proof.case}: {fault}" for proof, fault in faults]
    write_result("".join(f"{line}\n" for line in lines), output)
    if not proven:
        raise click.exceptions.Exit(4)


def _known(rule: str, library: Any) -> str:
    if rule.upper() in library.rules:
        return rule.upper()
    import difflib

    near = difflib.get_close_matches(rule.upper(), library.rules, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise click.UsageError(f"There is no rule `{rule}`.{meant}")

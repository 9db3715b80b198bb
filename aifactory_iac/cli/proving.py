"""The rules' own examples: how many there are, and whether they prove what the rule says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ruamel.yaml.error import YAMLError

if TYPE_CHECKING:
    from aifactory_iac.policy import Rule, RuleLibrary

_LONGEST_REASON = 200
_UNREADABLE = (OSError, ValueError, YAMLError)
"""What reading the examples of a rule of somebody else may raise; pydantic's is a `ValueError`."""


def known(rule: str, library: RuleLibrary) -> str:
    """The id as the library spells it; a usage error with the nearest one when there is none."""
    if rule.upper() in library.rules:
        return rule.upper()
    from aifactory_iac.cli.suggesting import no_such

    raise no_such("rule", rule.upper(), library.rules)


def examples_of(rule: Rule, library: RuleLibrary) -> tuple[int, int]:
    """Numbers of good and bad examples; none where they cannot be read."""
    from aifactory_iac.policy.example import read_examples

    try:
        examples, _ = read_examples(rule, library)
    except _UNREADABLE:
        return 0, 0
    return len(examples.good), len(examples.bad)


def proof_lines(library: RuleLibrary, wanted: Iterable[str]) -> tuple[list[str], bool]:
    """A line a rule, its faults below it, and whether all are proven."""
    from aifactory_iac.api import prove

    lines = [f"{each.file}: cannot be loaded: {each.reason}" for each in library.broken]
    proven = not library.broken
    for name in wanted:
        try:
            proofs = prove(library, name)
        except _UNREADABLE as error:
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            lines.append(f"{name}: NOT PROVEN, its examples cannot be read: {reason}")
            proven = False
            continue
        faults = [(proof, fault) for proof in proofs for fault in proof.faults]
        proven = proven and not faults
        word = "NOT PROVEN" if faults else "ok"
        lines.append(f"{name}: {word}, {len(proofs)} examples")
        lines += [f"  {proof.kind} example {proof.case}: {fault}" for proof, fault in faults]
    return lines, proven

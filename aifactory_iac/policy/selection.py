"""Which rules apply, at which level, with which parameters: the profile and its packs, resolved."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.findings import Path, Severity
from aifactory_iac.policy.data import Level, Profile, WaiverLimits
from aifactory_iac.policy.gate import DataProblem
from aifactory_iac.policy.load import RuleLibrary
from aifactory_iac.policy.rule import Rule

STRICTEST = Profile(
    name="strictest",
    title="Stands in where the profile asked for does not exist: every rule blocks",
    packs=("core",),
    levels=dict.fromkeys(Severity, Level.SOFT),
    unknown_blocks_from=Severity.HIGH,
    waivers=WaiverLimits(longest_days={}),
)
"""An unknown profile must never be laxer than the one that was meant."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules that apply, by id, and everything that is decided outside of them."""

    profile: Profile
    packs: tuple[str, ...]
    rules: tuple[Rule, ...]
    parameters: Mapping[str, Mapping[str, Any]]
    problems: tuple[DataProblem, ...]


def select(
    blueprint: Blueprint, library: RuleLibrary, profile: str | None, packs: Sequence[str]
) -> Selection:
    """Resolves names; what does not exist is a problem, which a rule of the gate reports."""
    problems = list(library.problems)
    wanted = profile or blueprint.governance.profile
    path: Path = () if profile else ("governance", "profile")
    chosen = library.profiles.get(wanted)
    if chosen is None:
        problems.append(_unknown("profile", wanted, library.profiles, path))
        chosen = STRICTEST
    names = tuple(sorted(set(chosen.packs) | set(packs)))
    missing = sorted(set(packs) - set(library.packs))
    problems.extend(_unknown("pack", name, library.packs, ()) for name in missing)
    ids = {rule for name in names if name in library.packs for rule in library.packs[name].rules}
    rules = tuple(
        rule
        for rule in library.rules.values()
        if "gate" in rule.needs
        or (rule.id in ids and chosen.level(rule.id, rule.severity) is not Level.OFF)
    )
    parameters = {rule.id: _parameters(rule, chosen, problems) for rule in rules}
    return Selection(chosen, names, rules, parameters, tuple(problems))


def _parameters(rule: Rule, profile: Profile, problems: list[DataProblem]) -> dict[str, Any]:
    """Defaults, overridden by the profile where its value fits the parameter's schema."""
    resolved = rule.defaults
    setting = profile.rules.get(rule.id)
    for name, given in sorted((setting.parameters if setting else {}).items()):
        place = f"profile:{profile.name}:{rule.id}:{name}"
        where = f"profile `{profile.name}` gives {rule.id} parameter `{name}`"
        if name not in rule.parameters:
            problems.append(DataProblem(place, f"{where}: no such parameter"))
            continue
        validator = jsonschema.Draft202012Validator(rule.parameters[name])
        fault = next(iter(validator.iter_errors(given)), None)
        if fault is not None:
            problems.append(DataProblem(place, f"{where}: {fault.message}"))
            continue
        resolved[name] = given
    return resolved


def _unknown(kind: str, name: str, known: Iterable[str], path: Path) -> DataProblem:
    near = difflib.get_close_matches(name, list(known), n=1)
    listed = ", ".join(f"`{item}`" for item in sorted(known))
    hint = f"did you mean `{near[0]}`?" if near else f"there are: {listed}"
    return DataProblem(f"{kind}:{name}", f"there is no policy {kind} `{name}`", path, hint)

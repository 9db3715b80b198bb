"""Loads rules by path, and the data beside them: the only part of `policy` that reads files.

A folder of rules is `<folder>/<layer>/<slug>.py`, one rule a file, with `packs/`, `profiles/` and
`controls/` beside the layers. The shipped folder comes first; a plug-in is one more folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from aifactory_iac.policy.data import (
    ControlMap,
    Pack,
    Profile,
    read_folder,
    unknown_rules,
)
from aifactory_iac.policy.gate import DataProblem
from aifactory_iac.policy.rule import Rule
from aifactory_iac.shipped import folder as shipped_folder

DATA_FOLDERS = ("controls", "packs", "profiles")


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule file that could not be loaded. It makes the verdict an error, never a pass."""

    file: str
    reason: str


@dataclass(frozen=True)
class RuleLibrary:
    """All rules and policy data that were found, in order of id and name."""

    rules: Mapping[str, Rule]
    packs: Mapping[str, Pack]
    profiles: Mapping[str, Profile]
    controls: Mapping[str, ControlMap]
    folders: tuple[Path, ...] = ()
    broken: tuple[BrokenRule, ...] = ()
    problems: tuple[DataProblem, ...] = ()

    def packs_of(self, rule: str) -> tuple[str, ...]:
        """Names of the packs that hold a rule."""
        return tuple(name for name, pack in self.packs.items() if rule in pack.rules)

    def rationale(self, rule: Rule) -> Mapping[str, str | None]:
        """Why the rule supports each of its controls; `None` where the maps do not say."""
        return {control: self._why(rule.id, control) for control in rule.controls}

    def _why(self, rule: str, control: str) -> str | None:
        framework, _, number = control.partition(":")
        table = self.controls.get(framework)
        entry = table.controls.get(number) if table is not None else None
        return entry.supports.get(rule) if entry is not None else None


def load_rules(extra: Sequence[Path] = (), *, shipped: bool = True) -> RuleLibrary:
    """The shipped rules and those of extra folders. Nothing raises: faults are in the library.

    A rule id, pack or profile name that comes twice is a problem, and the first one stands: a
    plug-in cannot soften what is shipped. Control maps of one framework add up.
    """
    folders = ((shipped_folder("policies"),) if shipped else ()) + tuple(extra)
    problems = [
        DataProblem(f"folder:{folder.name}", f"no rule folder `{folder}`")
        for folder in folders
        if not folder.is_dir()
    ]
    rules, broken = _rules(folders)
    packs: dict[str, Pack] = {}
    profiles: dict[str, Profile] = {}
    controls: dict[str, ControlMap] = {}
    for folder in folders:
        for pack in read_folder(folder / "packs", Pack):
            _keep_first(packs, pack, problems)
        for profile in read_folder(folder / "profiles", Profile):
            _keep_first(profiles, profile, problems)
        for table in read_folder(folder / "controls", ControlMap):
            if isinstance(table, DataProblem):
                problems.append(table)
            else:
                controls[table.framework] = _with_controls(controls.get(table.framework), table)
    problems.extend(unknown_rules(packs, profiles, controls, frozenset(rules)))
    return RuleLibrary(
        rules=dict(sorted(rules.items())),
        packs=dict(sorted(packs.items())),
        profiles=dict(sorted(profiles.items())),
        controls=dict(sorted(controls.items())),
        folders=folders,
        broken=broken,
        problems=tuple(problems),
    )


def _rules(folders: Sequence[Path]) -> tuple[dict[str, Rule], tuple[BrokenRule, ...]]:
    rules: dict[str, Rule] = {}
    broken: list[BrokenRule] = []
    for found in (item for folder in folders for item in _rules_in(folder)):
        if isinstance(found, BrokenRule):
            broken.append(found)
        elif found.id in rules:
            reason = f"rule id {found.id} is already taken by {rules[found.id].file}"
            broken.append(BrokenRule(found.file, reason))
        else:
            rules[found.id] = found
    return rules, tuple(broken)


def _rules_in(folder: Path) -> Iterator[Rule | BrokenRule]:
    for path in sorted(folder.glob("*/*.py")):
        if path.parent.name in DATA_FOLDERS or path.name.startswith("_"):
            continue
        shown = f"{path.parent.name}/{path.name}"
        try:
            module = _imported(path)
        except Exception as error:  # noqa: BLE001 - a rule file may fail in any way at import
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f" (line {last.lineno})" if last.filename == str(path) else ""
            yield BrokenRule(shown, f"{type(error).__name__}: {error}{where}")
            continue
        found = [item for item in vars(module).values() if isinstance(item, Rule)]
        if len(found) == 1:
            yield replace(found[0], layer=path.parent.name, file=shown)
        else:
            yield BrokenRule(shown, f"a rule file holds exactly one rule, this one {len(found)}")


def _imported(path: Path) -> ModuleType:
    place = hashlib.sha256(str(path.parent).encode()).hexdigest()[:12]
    name = f"aifactory_policies_{place}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _keep_first(
    table: dict[str, Pack] | dict[str, Profile],
    read: Pack | Profile | DataProblem,
    problems: list[DataProblem],
) -> None:
    if isinstance(read, DataProblem):
        problems.append(read)
    elif read.name in table:
        kind = type(read).__name__.lower()
        problems.append(
            DataProblem(f"twice:{kind}:{read.name}", f"{kind} `{read.name}` is defined twice")
        )
    else:
        table[read.name] = read  # type: ignore[assignment]


def _with_controls(known: ControlMap | None, read: ControlMap) -> ControlMap:
    if known is None:
        return read
    merged = dict(known.controls)
    for number, control in read.controls.items():
        before = merged.get(number)
        supports = {**control.supports, **before.supports} if before else control.supports
        merged[number] = (before or control).model_copy(update={"supports": supports})
    return known.model_copy(update={"controls": merged})

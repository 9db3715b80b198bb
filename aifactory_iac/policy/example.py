"""The good and bad examples beside each rule: its tests, its documentation, its mutation seeds.

An example is a partial blueprint, merged by name over `policies/example-base.yaml`, and optionally
planned resources in short form, in which `!ref NAME` is a value that comes from another resource of
the example and `!unknown` one that is known only after apply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from aifactory_iac.findings import render_path
from aifactory_iac.policy.check import Outcome
from aifactory_iac.policy.context import Context
from aifactory_iac.policy.evaluate import evaluate
from aifactory_iac.policy.load import RuleLibrary
from aifactory_iac.policy.rule import Rule
from aifactory_iac.policy.verdict import Judgement
from aifactory_iac.policy.waiver import Waivers, read_waivers
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

BASE = "example-base.yaml"
DAY = dt.date(2026, 11, 20)
"""The day on which examples are judged that name none, so that they hold on every other."""


class _Snippet(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Snippet):
    """One finding that a bad example gives."""

    path: str
    key: str
    outcome: Outcome = Outcome.FAIL


class ResourceExample(_Snippet):
    """A planned resource in short form."""

    type: str
    name: str
    unit: str = "example/unit"
    inputs: dict[str, Any] = {}
    origin: tuple[str | int, ...] = ()
    protect: bool = False


class Case(_Snippet):
    """One situation; without `findings` it is a good one."""

    case: str = ""
    """What the situation is, in a few words."""
    blueprint: dict[str, Any] = {}
    resources: tuple[ResourceExample, ...] | None = None
    """`None`: the resources that the program really plans for the blueprint."""
    at: dt.date = DAY
    profile: str | None = None
    waivers: str = ""
    """Text of a waiver file."""
    findings: tuple[Expected, ...] = ()
    also: tuple[str, ...] = ()
    """Other rules that the same fault breaks."""


class Examples(_Snippet):
    """The file beside a rule."""

    good: tuple[Case, ...] = Field(min_length=1)
    bad: tuple[Case, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Reference:
    """`!ref NAME` in an example."""

    name: str


class _ExampleConstructor(SafeConstructor):
    """Its own class, so that the tags exist in example files only."""


_ExampleConstructor.add_constructor("!ref", lambda _, node: Reference(node.value))
_ExampleConstructor.add_constructor("!unknown", lambda _constructor, _node: UNKNOWN)

Build = Callable[[Mapping[str, Any], Case, Rule], Context]
"""Makes the context of a merged blueprint; the caller brings catalog, design and planner."""


def read_examples(rule: Rule, library: RuleLibrary) -> tuple[Examples, Path]:
    """The examples of a rule and the folder they are in.

    Raises `OSError`, `YAMLError` or pydantic's `ValidationError`, for the author of the rule.
    """
    file = Path(rule.file).with_suffix(".yaml")
    folder = next(folder for folder in library.folders if (folder / rule.file).is_file())
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = _ExampleConstructor
    return Examples.model_validate(reader.load((folder / file).read_text(encoding="utf-8"))), folder


def base_of(folder: Path) -> dict[str, Any]:
    """The blueprint that the examples of a folder are merged over."""
    loaded: dict[str, Any] = YAML(typ="safe").load((folder / BASE).read_text(encoding="utf-8"))
    return loaded


def merged(base: Any, over: Any) -> Any:
    """Mappings merge by key, named lists by name, all else is replaced; `null` takes away."""
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        result = {**base}
        for key, item in over.items():
            if item is None:
                result.pop(key, None)
            else:
                result[key] = merged(base.get(key), item)
        return result
    if _named(base) and _named(over):
        by_name = {item["name"]: item for item in base}
        for item in over:
            by_name[item["name"]] = merged(by_name.get(item["name"]), item)
        return list(by_name.values())
    return over


def planned(case: Case) -> tuple[PlannedResource, ...]:
    """The resources of a case, with URNs and edges."""
    urns = {item.name: _urn(item) for item in case.resources or ()}
    return tuple(_planned(item, urns) for item in case.resources or ())


def waivers_of(case: Case) -> Waivers:
    """The waivers of a case."""
    return read_waivers(case.waivers, "waivers.yaml")


@dataclass(frozen=True, slots=True)
class Proof:
    """What one case gave against what its file says; empty `faults` is a proof."""

    rule: str
    case: str
    kind: str
    faults: tuple[str, ...]


def prove(rule: Rule, library: RuleLibrary, build: Build) -> Iterator[Proof]:
    """Runs all rules over every case: good ones are clean, bad ones break just what they say."""
    examples, folder = read_examples(rule, library)
    base = base_of(folder)
    for kind, cases in (("good", examples.good), ("bad", examples.bad)):
        for number, case in enumerate(cases, 1):
            context = build(merged(base, case.blueprint), case, rule)
            verdict = evaluate(context, library, profile=case.profile, waivers=waivers_of(case))
            found = [item for item in verdict.findings if item.waiver is None]
            yield Proof(rule.id, case.case or str(number), kind, tuple(_faults(rule, case, found)))


def _faults(rule: Rule, case: Case, found: list[Judgement]) -> Iterator[str]:
    own = {_place(item) for item in found if item.rule.id == rule.id}
    wanted = {f"{item.outcome.value} {item.path} ({item.key})" for item in case.findings}
    yield from (f"missing: {place}" for place in sorted(wanted - own))
    yield from (f"not expected: {place}" for place in sorted(own - wanted))
    others = {item.rule.id for item in found if item.outcome is not Outcome.UNKNOWN} - {rule.id}
    yield from (f"also breaks {other}" for other in sorted(others - set(case.also)))
    yield from (f"does not break {other}" for other in sorted(set(case.also) - others))


def _place(item: Judgement) -> str:
    return f"{item.outcome.value} {render_path(item.path)} ({item.key})"


def _named(items: Any) -> bool:
    return isinstance(items, list) and all(
        isinstance(item, Mapping) and "name" in item for item in items
    )


def _urn(item: ResourceExample) -> str:
    return f"urn:pulumi:example::factory::{item.type}::{item.name}"


def _planned(item: ResourceExample, urns: Mapping[str, str]) -> PlannedResource:
    edges = {key: tuple(_edges(given, urns)) for key, given in item.inputs.items()}
    return PlannedResource(
        unit=item.unit,
        urn=_urn(item),
        type=item.type,
        name=item.name,
        parent=None,
        custom=True,
        inputs={key: _plain(given) for key, given in item.inputs.items()},
        property_dependencies={key: found for key, found in edges.items() if found},
        protect=item.protect,
        origin=item.origin,
    )


def _edges(given: Any, urns: Mapping[str, str]) -> Iterator[str]:
    if isinstance(given, Reference):
        yield urns[given.name]
    elif isinstance(given, Mapping):
        for inner in given.values():
            yield from _edges(inner, urns)
    elif isinstance(given, list):
        for inner in given:
            yield from _edges(inner, urns)


def _plain(given: Any) -> Any:
    if isinstance(given, Reference):
        return UNKNOWN
    if isinstance(given, Mapping):
        return {key: _plain(inner) for key, inner in given.items()}
    return [_plain(inner) for inner in given] if isinstance(given, list) else given

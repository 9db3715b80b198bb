"""Facts that a library blueprint promises, and whether they are kept.

`facts.yaml` holds cases: parameters, and what the results must then say. A fact's key is a dotted
path into the JSON results, whose first word is the verb: `design.summary.nodes`,
`check.outcome`, `plan.counts.create`, `estimate.total.capex_usd.mid`. Its value is the exact value,
or a bound: `{at_least: x, at_most: y}`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Results = Callable[[str], Mapping[str, Any]]
"""Gives the JSON document of a verb: design, estimate, check or plan."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One fact: a path, and the value or the bounds that it must have."""

    path: str
    expected: Any


@dataclass(frozen=True, slots=True)
class Case:
    """What must be true under some parameters."""

    name: str
    parameters: Mapping[str, str]
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class Unkept:
    """A promise that does not hold: what was found instead."""

    promise: Promise
    found: Any


def read_cases(file: Path) -> tuple[Case, ...]:
    """The cases of a `facts.yaml`; raises `ValueError` where it is not one."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        document = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ValueError(f"{file.name}: {error}") from None
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list) or not cases:
        raise ValueError(f"{file.name} has no list of `cases`")
    return tuple(_case(each, file.name) for each in cases)


def keep(case: Case, results: Results) -> tuple[Unkept, ...]:
    """The promises of the case that the results do not keep."""
    documents: dict[str, Mapping[str, Any]] = {}
    unkept = []
    for promise in case.promises:
        verb, _, path = promise.path.partition(".")
        if verb not in documents:
            documents[verb] = results(verb)
        found = _at(documents[verb], path)
        if not _holds(promise.expected, found):
            unkept.append(Unkept(promise, found))
    return tuple(unkept)


def _case(item: Any, file: str) -> Case:
    if not isinstance(item, dict) or not isinstance(item.get("expect"), dict):
        raise ValueError(f"{file}: every case needs `expect`")
    parameters = item.get("parameters") or {}
    named = ", ".join(f"{name}={value}" for name, value in parameters.items())
    return Case(
        name=str(item.get("name") or named or "defaults"),
        parameters={str(name): str(value) for name, value in parameters.items()},
        promises=tuple(Promise(str(path), value) for path, value in item["expect"].items()),
    )


def _at(document: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        if isinstance(document, Mapping) and key in document:
            document = document[key]
        elif isinstance(document, list) and key == "length":
            document = len(document)
        else:
            return None
    return document


def _holds(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, int | float) and (
            expected.get("at_least", -math.inf) <= found <= expected.get("at_most", math.inf)
        )
    if isinstance(expected, float) and isinstance(found, int | float):
        return math.isclose(expected, found, rel_tol=1e-3)
    return bool(expected == found)

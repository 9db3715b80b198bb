"""Facts that a library blueprint promises, and whether they are kept.

`facts.yaml` holds cases: parameters, and what the results must then say. A fact's key is a dotted
path into the JSON results, whose first word is the verb: `design.summary.nodes`,
`check.outcome`, `plan.counts.create`, `estimate.total.capex_usd.mid`. Its value is the exact value,
or a bound: `{at_least: x, at_most: y}`. Whole numbers and texts are exact, a number with a decimal
point holds within a thousandth; `length` is that of a list. What is not in the results keeps no
promise, not even that of `null`.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Results = Callable[[str], Mapping[str, Any]]
"""Gives the JSON document of a verb: design, estimate, check or plan."""


_BOUNDS = frozenset({"at_least", "at_most"})
_FLOATS_WITHIN = 1e-3


class Nothing(enum.Enum):
    """What is found at a path that the results do not have."""

    NOTHING = "nothing"

    def __str__(self) -> str:
        return self.value


NOTHING = Nothing.NOTHING


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
    """A promise that does not hold: what was found instead, `NOTHING` where there is nothing."""

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
    if not isinstance(parameters, dict):
        raise ValueError(f"{file}: `parameters` maps names to values")
    values = {str(name): _typed(value) for name, value in parameters.items()}
    named = ", ".join(f"{name}={value}" for name, value in values.items())
    return Case(
        name=str(item.get("name") or named or "defaults"),
        parameters=values,
        promises=tuple(_promise(str(path), value, file) for path, value in item["expect"].items()),
    )


def _promise(path: str, expected: Any, file: str) -> Promise:
    if isinstance(expected, dict) and not (
        expected
        and set(expected) <= _BOUNDS
        and all(_is_number(each) for each in expected.values())
    ):
        raise ValueError(
            f"{file}: `{path}` has a bound that is not `at_least` or `at_most` a number"
        )
    return Promise(path, expected)


def _typed(value: Any) -> str:
    """A value as one would type it behind `-p NAME=`."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _at(document: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        if isinstance(document, Mapping) and key in document:
            document = document[key]
        elif isinstance(document, list) and key == "length":
            document = len(document)
        else:
            return NOTHING
    return document


def _holds(expected: Any, found: Any) -> bool:
    if isinstance(expected, dict):
        return _is_number(found) and (
            expected.get("at_least", -math.inf) <= found <= expected.get("at_most", math.inf)
        )
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, float) and _is_number(found):
        return math.isclose(expected, found, rel_tol=_FLOATS_WITHIN)
    return bool(expected == found)


def _is_number(value: Any) -> bool:
    """Whether it is a number; in Python a truth value is one too."""
    return isinstance(value, int | float) and not isinstance(value, bool)

"""The kinds of faults that a file may hold, and what is wrong with one, field by field.

The parts that have the faults also say what a fault may be; here their words become findings.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from aifactory_iac.findings import Path

OF_SWITCH = "switch"
"""The key by which a fault is one of switches."""
_EXTRA = ("extra_forbidden", "unexpected_keyword_argument")
_TAGS = ("union_tag_invalid", "union_tag_not_found")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a fault; `path` leads into it.

    `unknown` is a field that does not exist, `missing` one that has to be there, `value` one that
    cannot be so; `known` are names of which one was probably meant.
    """

    kind: Literal["unknown", "missing", "value"]
    path: Path
    text: str
    known: tuple[str, ...] = ()


def problems(fault: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Everything that is wrong with one fault."""
    from pydantic import TypeAdapter, ValidationError

    kind = _kind(fault)
    try:
        TypeAdapter(kind).validate_json(json.dumps(fault))
    except ValidationError as error:
        every = [_problem(kind, fault, each) for each in error.errors(include_url=False)]
        return tuple(_telling(every))
    return tuple(_of_no_catalogue(fault))


def where(fault: Mapping[str, Any]) -> tuple[Path, str]:
    """The path of a sound fault's host pattern, and the pattern."""
    if OF_SWITCH in fault:
        return (OF_SWITCH,), str(fault[OF_SWITCH])
    return ("when", "machine"), str(fault.get("when", {}).get("machine", "*"))


def _kind(fault: Mapping[str, Any]) -> type:
    if OF_SWITCH in fault:
        from aifactory_iac.lab.switches.faults import Fault

        return Fault
    from aifactory_iac.lab.redfish.faults.model import Rule, Use

    return Use if "use" in fault else Rule


def _of_no_catalogue(fault: Mapping[str, Any]) -> Iterator[Problem]:
    from aifactory_iac.lab.redfish.faults.reading import catalogue

    name = fault.get("use")
    if name is not None and OF_SWITCH not in fault and name not in catalogue():
        text = f"there is no fault `{name}` in the catalogue"
        yield Problem("value", ("use",), text, tuple(sorted(catalogue())))


def _problem(kind: type, fault: Mapping[str, Any], error: Any) -> Problem:
    path, beyond = _followed(fault, error["loc"])
    if error["type"] in _EXTRA:
        return Problem("unknown", path, str(path[-1]), _fields(kind, fault, path))
    if error["type"] == "missing" or error["type"] == "union_tag_not_found":
        return Problem("missing", path, str(beyond[-1]) if beyond else "kind")
    text = str(error["msg"]).removeprefix("Value error, ")
    known: tuple[str, ...] = ()
    if error["type"] in _TAGS:
        path = (*path, "kind")
        known = tuple(sorted(_behaviours()))
        text = f"there is no kind `{error['ctx']['tag']}`"
    elif error["type"] == "literal_error":
        text = f"is none of {error['ctx']['expected']}"
    return Problem("value", path, text[:1].lower() + text[1:], known)


def _followed(value: Any, steps: Iterable[str | int]) -> tuple[Path, Path]:
    """The steps that lead into the value, and those that do not: names of alternatives, mostly."""
    inside: list[str | int] = []
    beyond: list[str | int] = []
    for step in steps:
        if (isinstance(value, Mapping) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            value = value[step]  # type: ignore[index]
            inside.append(step)
        else:
            beyond.append(step)
    return tuple(inside), tuple(beyond)


def _telling(every: Iterable[Problem]) -> Iterator[Problem]:
    """One a place; of alternatives, what is wrong inside of one says more than that it is not."""
    listed = list(every)
    seen: set[Path] = set()
    for each in listed:
        deeper = any(
            len(other.path) > len(each.path) and other.path[: len(each.path)] == each.path
            for other in listed
        )
        place = (*each.path, each.text) if each.kind == "missing" else each.path
        if place in seen or (deeper and each.kind == "value"):
            continue
        seen.add(place)
        yield each


def _fields(kind: type, fault: Mapping[str, Any], path: Path) -> tuple[str, ...]:
    """Names of the fields that there are beside the one at the path."""
    from dataclasses import fields, is_dataclass

    if is_dataclass(kind):
        return tuple(each.name for each in fields(kind))
    from aifactory_iac.lab.redfish.faults.model import PathPattern, When

    inner: Any = kind
    if path[0] == "when" and len(path) > 1:
        inner = PathPattern if path[1] == "path" and len(path) > 2 else When
    elif path[0] == "do" and len(path) > 1:
        inner = _behaviours().get(str(fault["do"].get("kind")), kind)
    return tuple(inner.model_fields)


def _behaviours() -> dict[str, Any]:
    """What a fault may do, by its kind."""
    from aifactory_iac.lab.redfish.faults.behaviour import Behaviour

    union, _ = get_args(Behaviour)
    return {get_args(each.model_fields["kind"].annotation)[0]: each for each in get_args(union)}

"""The typed model's verdict on a document, as findings in our own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from aifactory_iac.blueprint.complaint import complaint
from aifactory_iac.blueprint.nodes import Node, plain, walk
from aifactory_iac.blueprint.rules import MOST_FINDINGS, first_of
from aifactory_iac.blueprint.trace import Trace, trace
from aifactory_iac.findings import Finding, Path

Model = TypeVar("Model", bound=BaseModel)

_MOST_ERRORS = 2_000
"""How many errors are looked at, told or not: each costs a way through the document."""

_ROUNDS = 12
"""How often a document is tried again with its unsound parts left out."""


@dataclass(frozen=True, slots=True)
class Validated(Generic[Model]):
    """The typed document, or as much of it as is sound.

    `whole` says whether nothing had to be left out; `dropped` are the paths of what was.
    """

    model: Model | None
    whole: bool
    findings: tuple[Finding, ...] = ()
    dropped: tuple[Path, ...] = ()


def validated(model: type[Model], root: Node, fixed: dict[str, Any]) -> Validated[Model]:
    """The document as the typed model sees it; `fixed` are top-level values judged elsewhere."""
    data = plain(root) | fixed
    broken = {path for path, node in walk(root) if node.broken}
    try:
        whole = model.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    else:
        return Validated(whole, not broken, dropped=tuple(sorted(broken, key=str)))
    traces = ((each, trace(each["loc"], model, root)) for each in errors[:_MOST_ERRORS])
    relevant = ((each, place) for each, place in traces if not _is_side_effect(each, place))
    findings = first_of(
        complaint(each["type"], each.get("ctx", {}), place)
        for each, place in relevant
        if not any(place.path[:length] in broken for length in range(len(place.path) + 1))
    )
    partial, dropped = None, tuple[Path, ...]()
    if len(errors) <= MOST_FINDINGS:
        partial, dropped = _sound_part(model, root, fixed, errors)
    dropped = (*dropped, *sorted(broken, key=str))
    return Validated(partial, whole=False, findings=findings, dropped=dropped)


def _is_side_effect(error: Any, place: Trace) -> bool:
    """Whether the error only follows from another: pydantic counts unsound items as missing."""
    enough = error.get("ctx", {}).get("min_length")
    has = len(place.node.items) if place.node is not None else 0
    return _is_other_branch(place) or (error["type"] == "too_short" and has >= (enough or 0))


def _is_other_branch(place: Trace) -> bool:
    """Whether pydantic tried a branch of `X or list of X` that the author did not take."""
    if place.branch is None:
        return False
    value = place.node.value if place.node is not None else None
    took_list = isinstance(value, tuple) or isinstance(place.parent.value, tuple)
    return (place.branch == "list") != took_list


def _sound_part(
    model: type[Model], root: Node, fixed: dict[str, Any], errors: Sequence[Any]
) -> tuple[Model | None, tuple[Path, ...]]:
    """The document with what is unsound left out, level by level, until the rest is sound."""
    dropped: list[Path] = []
    for _ in range(_ROUNDS):
        traced = [(each, trace(each["loc"], model, root)) for each in errors]
        places = [place for each, place in traced if not _is_side_effect(each, place)]
        dropped.extend(place.path for place in places)
        bad = {place.data if place.node is not None else place.data[:-1] for place in places}
        if () in bad:
            break
        root = _without(root, bad, ())
        try:
            return model.model_validate(plain(root) | fixed), tuple(dropped)
        except ValidationError as error:
            errors = error.errors(include_url=False)
    return None, tuple(dropped)


def _without(node: Node, bad: set[tuple[Any, ...]], here: tuple[Any, ...]) -> Node:
    if isinstance(node.value, tuple):
        kept = tuple(
            _without(item, bad, (*here, index))
            for index, item in enumerate(node.value)
            if (*here, index) not in bad
        )
        return node.with_value(kept)
    if node.entries:
        return node.with_value(
            {
                key: _without(child, bad, (*here, key))
                for key, child in node.entries.items()
                if (*here, key) not in bad
            }
        )
    return node

"""Explaining one value: what it means, where it came from, what a change of it would do."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from aifactory_iac.blueprint.lookup import Found, Lost, look_up
from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.nodes import Node, plain
from aifactory_iac.blueprint.origins import Origins
from aifactory_iac.blueprint.quantity import Quantity
from aifactory_iac.blueprint.references import parse_path
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.secrets import is_secret_key, masked, quoted
from aifactory_iac.blueprint.shapes import Field, Shape
from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.blueprint.suggest import did_you_mean_or_list
from aifactory_iac.blueprint.trace import fields_in
from aifactory_iac.blueprint.wording import bounds, expected, number
from aifactory_iac.findings import Finding, Path, Span, render_path

if TYPE_CHECKING:
    from aifactory_iac.blueprint.load import Loaded


@dataclass(frozen=True, slots=True)
class Step:
    """What one layer says of a value: the text as written, and where; a default stands nowhere."""

    layer: str
    text: str
    span: Span | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known of the value at a path. With `findings`, the path leads nowhere.

    `chain` has the first layer first and the one in force last. `allowed` are choices or bounds in
    words; `shrink` is the impact of a decrease or removal where that differs.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    value: Any = None
    written: bool = False
    unit: str | None = None
    doc: str = ""
    type: str = ""
    default: Any = None
    required: bool = False
    impact: Impact = Impact.NONE
    shrink: Impact | None = None
    allowed: tuple[str, ...] = ()
    refers_to: str | None = None
    catalog: str | None = None
    example: Any = None
    chain: tuple[Step, ...] = field(default=())


def explain(loaded: Loaded, path: str | Path) -> Explanation:
    """Explains the value at a path, such as `compute.train.count` or `parameters.nodes`."""
    shown = path if isinstance(path, str) else render_path(path)
    root = loaded.origins.root
    if root is None:
        return Explanation(shown, loaded.findings)
    parsed = parse_path(path) if isinstance(path, str) else path
    if parsed is None:
        message = f"{quoted(shown)} is not a path"
        hint = "write it like `compute.train.count` or `links[0]`"
        return Explanation(shown, (found("080", message, hint=hint),))
    if parsed[0] == "parameters" and len(parsed) > 1:
        return _parameter(loaded, str(parsed[1]), shown)
    target = look_up(parsed, root)
    if isinstance(target, Lost):
        return Explanation(shown, (_lost(shown, target),))
    return _explained(shown, target, loaded.origins)


def _lost(shown: str, lost: Lost) -> Finding:
    owner = f"`{render_path(lost.prefix)}`" if lost.prefix else "a blueprint"
    message = f"`{shown}` leads nowhere: {owner} has no `{lost.step}`"
    hint = did_you_mean_or_list(str(lost.step), lost.known, "keys")
    return found("080", message, lost.prefix, hint=hint)


def _explained(shown: str, target: Found, origins: Origins) -> Explanation:
    field_, shape, node = target.field, target.shape, target.node
    if field_ is None:
        return Explanation(shown, doc="The whole document.", type="a mapping", written=True)
    default = None if target.inside or field_.required else _data(field_.default)
    steps: list[Step] = []
    if not target.inside and not field_.required:
        steps.append(Step("default", _shown(default)))
    if node is not None:
        steps.extend(_history(origins, node, secret=is_secret_key(field_.key)))
    return Explanation(
        path=shown,
        value=plain(node) if node is not None else default,
        written=node is not None,
        unit=_unit(shape),
        doc=field_.spec.doc,
        type=expected(shape),
        default=default,
        required=field_.required and not target.inside,
        impact=field_.spec.impact,
        shrink=field_.spec.shrink,
        allowed=_allowed(field_, shape),
        refers_to=field_.spec.refers_to,
        catalog=field_.spec.catalog,
        example=field_.spec.example,
        chain=tuple(steps),
    )


def _parameter(loaded: Loaded, name: str, shown: str) -> Explanation:
    declared = loaded.origins.node(("parameters", name))
    if declared is None:
        parameters = loaded.origins.node(("parameters",))
        known = tuple(parameters.entries) if parameters is not None else ()
        return Explanation(shown, (_lost(shown, Lost(("parameters",), name, known)),))
    schema = plain(declared)
    schema = schema if isinstance(schema, dict) else {}
    chosen = loaded.origins.parameters.get(name)
    low, high = schema.get("minimum"), schema.get("maximum")
    allowed = [str(choice) for choice in schema.get("enum", [])]
    allowed += [f"{low} or more"] if low is not None else []
    allowed += [f"{high} or less"] if high is not None else []
    impact, shrink = _impact_of_parameter(loaded, name)
    return Explanation(
        path=shown,
        value=loaded.parameters.get(name),
        written=chosen is not None,
        doc=str(schema.get("description", "A parameter.")),
        type=str(schema.get("type", "any")),
        default=schema.get("default"),
        required="default" not in schema,
        impact=impact,
        shrink=shrink if shrink is not impact else None,
        allowed=tuple(allowed),
        chain=tuple(_history(loaded.origins, chosen, secret=is_secret_key(name)))
        if chosen is not None
        else (),
    )


def _impact_of_parameter(loaded: Loaded, name: str) -> tuple[Impact, Impact]:
    """The worst that a change, and a decrease, of the parameter does where it is used."""
    root = loaded.origins.root
    used = [
        field_.spec
        for _, field_, node in (fields_in(root, Blueprint) if root is not None else ())
        if any(path[:2] == ("parameters", name) for path, _ in node.via)
    ]
    impacts = [spec.impact for spec in used]
    shrinks = [spec.shrink or spec.impact for spec in used]
    rank = operator.attrgetter("rank")
    return max(impacts, key=rank, default=Impact.NONE), max(shrinks, key=rank, default=Impact.NONE)


def _history(origins: Origins, node: Node, *, secret: bool) -> Iterator[Step]:
    for each in (*node.before, node):
        source = each.place.source
        refers = " and ".join(f"`{render_path(path)}`" for path, _ in each.via)
        yield Step(
            source.layer,
            "***" if secret else _written(each),
            origins.shown(each.where),
            f"refers to {refers}" if refers else None,
        )
        for path, origin in each.via:
            for earlier in (*origin.before, origin):
                yield Step(
                    earlier.place.source.layer,
                    "***" if secret else _written(earlier),
                    origins.shown(earlier.where),
                    f"`{render_path(path)}`",
                )


def _written(node: Node) -> str:
    if isinstance(node.value, tuple):
        return f"{len(node.value)} items"
    if isinstance(node.value, Mapping):
        return f"{len(node.value)} keys"
    line = masked(node.place.source.line(node.place.line))
    text = line[node.place.column - 1 : node.place.column - 1 + node.place.length]
    return text.strip() or node.raw


def _data(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, Quantity):
        return value.text
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    if value is None:
        return "not given"
    if isinstance(value, list | dict):
        what = "items" if isinstance(value, list) else "keys"
        return f"{len(value)} {what}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unit(shape: Shape) -> str | None:
    if shape.python is not None and issubclass(shape.python, Quantity):
        return shape.python.base_unit
    return None


def _allowed(field_: Field, shape: Shape) -> tuple[str, ...]:
    choices = shape.choices or (shape.item.choices if shape.item is not None else ())
    if choices:
        return tuple(str(choice) for choice in choices)
    low, high = bounds(field_)
    words = [f"{number(low)} or more"] if low is not None else []
    words += [f"{number(high)} or less"] if high is not None else []
    return tuple(words)

"""Finding the field that a path of a document leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import BaseModel

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.nodes import Node, steps
from aifactory_iac.blueprint.shapes import Field, Shape, fields_of, variant
from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.findings import Path


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path leads: the field, the shape of what stands there, and the node if written.

    `inside` says that the path leads to an item or entry of the field, not to the field itself.
    """

    field: Field | None
    shape: Shape
    node: Node | None
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Where a path leads nowhere: the prefix that exists, the step that does not, and what does."""

    prefix: Path
    step: str | int
    known: tuple[str, ...]


def look_up(
    path: Path, root: Node | None = None, model: type[BaseModel] = Blueprint
) -> Found | Lost:
    """Follows a path through the model, and through the document where one is given.

    Without a document, items of lists may have any name.
    """
    here = Found(None, Shape("model", models=(model,)), root)
    for index, step in enumerate(path):
        below = _below(here, step, strict=root is not None)
        if isinstance(below, Found):
            here = below
        else:
            return Lost(path[:index], step, tuple(below))
    return here


def _below(here: Found, step: str | int, *, strict: bool) -> Found | Iterable[str]:
    shape, node = here.shape, here.node
    if shape.kind in ("model", "variants"):
        return _key(here, step)
    if shape.kind == "either" and isinstance(step, int) and shape.item is not None:
        child = node.items[step] if node is not None and step < len(node.items) else None
        return Found(here.field, shape.item, child, inside=True)
    if shape.kind in ("list", "map") and shape.item is not None:
        children = dict(steps(node)) if node is not None else {}
        child = children.get(step)
        if child is None and isinstance(step, int) and node is not None and step < len(node.items):
            child = node.items[step]
        if child is None and strict:
            return [str(key) for key in children]
        return Found(here.field, shape.item, child, inside=True)
    if shape.kind == "any":
        child = node.entries.get(str(step)) if node is not None else None
        return Found(here.field, shape, child, inside=True)
    return ()


def _key(here: Found, step: str | int) -> Found | Iterable[str]:
    node = here.node
    kind = node.entries.get("kind") if node is not None else None
    chosen = variant(here.shape, kind.value if kind is not None and kind.is_scalar else None)
    layers = (chosen,) if chosen is not None else here.shape.models
    for layer in layers:
        field = fields_of(layer).get(str(step))
        if field is not None:
            child = node.entries.get(str(step)) if node is not None else None
            return Found(field, field.shape, child)
    return [key for layer in layers for key in fields_of(layer)]


def impact_of(path: Path, *, shrink: bool = False) -> Impact:
    """The worst that a change of the value at a path of a blueprint may do.

    `shrink` asks for a decrease or removal. A path past what the model knows has the impact of the
    nearest field around it; the document as a whole is replaced.
    """
    for length in range(len(path), 0, -1):
        found = look_up(path[:length])
        if isinstance(found, Found) and found.field is not None:
            spec = found.field.spec
            return spec.shrink if shrink and spec.shrink is not None else spec.impact
    return Impact.REPLACE

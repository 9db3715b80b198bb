"""From a pydantic error's location to the document: its path by name, its field and its node."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from aifactory_iac.blueprint.nodes import Node, steps
from aifactory_iac.blueprint.shapes import Field, Shape, fields_of, variant
from aifactory_iac.findings import Path


@dataclass(slots=True)
class Trace:
    """Where an error is: `path` by name, `data` by key and index, and what stands there.

    `node` is the value there, `None` when it is missing; `parent` the nearest value around it.
    """

    path: Path
    data: tuple[Any, ...]
    shape: Shape | None
    field: Field | None
    node: Node | None
    parent: Node
    owner: type[BaseModel] | None = None
    branch: str | None = None
    """Of `either`: the branch that the error is about, `single` or `list`."""
    of_key: bool = False
    """Whether the error is about the key of a map."""


def trace(location: tuple[Any, ...], model: type[BaseModel], root: Node) -> Trace:
    """Follows the location through model and document at once, dropping pydantic's own steps."""
    here = Trace((), (), Shape("model", models=(model,)), None, root, root, model)
    for element in location:
        _step(here, element)
    return here


def _step(here: Trace, element: Any) -> None:
    shape = here.shape
    if element == "[key]":
        here.of_key = True
    elif shape is None:
        _descend(here, element, None)
    elif shape.kind == "variants":
        chosen = variant(shape, element)
        here.shape = Shape("model", models=(chosen,)) if chosen is not None else None
        here.owner = chosen
    elif shape.kind == "either" and here.branch is None:
        here.branch = "list" if str(element).startswith("tuple") else "single"
        here.shape = Shape("list", item=shape.item) if here.branch == "list" else shape.item
    elif shape.kind == "model":
        here.owner = shape.models[0]
        here.field = fields_of(here.owner).get(element)
        _descend(here, element, here.field.shape if here.field is not None else None)
    else:
        _descend(here, element, shape.item)


@functools.lru_cache(maxsize=16)
def _listed(node: Node) -> tuple[tuple[str | int, Node], ...]:
    """The items with their steps; kept, as a document with many errors asks again and again."""
    return tuple(steps(node))


def _descend(here: Trace, element: Any, shape: Shape | None) -> None:
    here.shape = shape
    here.data = (*here.data, element)
    if here.node is None:
        here.path = (*here.path, element)
        return
    if isinstance(element, int):
        below = _listed(here.node)
        step, child = below[element] if element < len(below) else (element, None)
    else:
        step, child = element, here.node.entries.get(element)
    here.path = (*here.path, step)
    here.parent, here.node = here.node, child


def fields_in(root: Node, model: type[BaseModel]) -> Iterator[tuple[Path, Field, Node]]:
    """Every field that the document writes, with its value, down to the single values of lists."""
    yield from _fields(root, Shape("model", models=(model,)), (), None)


def _fields(
    node: Node, shape: Shape | None, path: Path, field: Field | None
) -> Iterator[tuple[Path, Field, Node]]:
    if shape is None or node.broken:
        return
    if shape.kind == "either":
        shape = Shape("list", item=shape.item) if isinstance(node.value, tuple) else shape.item
        yield from _fields(node, shape, path, field)
        return
    if shape.kind in ("model", "variants"):
        yield from _layer(node, shape, path, field)
    elif shape.kind in ("list", "map"):
        for step, child in steps(node):
            yield from _fields(child, shape.item, (*path, step), field)
    elif field is not None:
        yield path, field, node


def _layer(
    node: Node, shape: Shape, path: Path, field: Field | None
) -> Iterator[tuple[Path, Field, Node]]:
    kind = node.entries.get("kind")
    layer = variant(shape, kind.value if kind is not None and kind.is_scalar else None)
    if layer is None:
        return
    if field is not None:
        yield path, field, node
    known = fields_of(layer)
    for key, child in node.entries.items():
        if key in known:
            yield from _fields(child, known[key].shape, (*path, key), known[key])

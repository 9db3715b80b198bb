"""The typed model as data: the fields of every layer with shape, meaning, default and impact.

Read off the pydantic classes once; validation messages, reference checks, `explain`, the JSON
Schema and the reference page all use it, so none of them knows the model by heart.
"""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from aifactory_iac.blueprint.model.base import Named
from aifactory_iac.blueprint.spec import ReadAtApply, Spec

Kind = Literal["scalar", "choice", "model", "variants", "list", "map", "either", "any"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value may look like.

    `variants` are layers told apart by their `kind`; `either` is a value or a list of them.
    """

    kind: Kind
    python: type | None = None
    choices: tuple[Any, ...] = ()
    models: tuple[type[BaseModel], ...] = ()
    item: Shape | None = None
    keys: tuple[str, ...] = ()
    optional: bool = False
    deferred: bool = False

    @property
    def is_named_list(self) -> bool:
        """Whether it is a list whose items are told apart by name."""
        return (
            self.kind == "list"
            and self.item is not None
            and bool(self.item.models)
            and all(issubclass(model, Named) for model in self.item.models)
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One field of one layer. `key` is how the document writes it."""

    key: str
    attribute: str
    owner: type[BaseModel]
    spec: Spec
    shape: Shape
    required: bool
    default: Any
    constraints: tuple[Any, ...]


@functools.cache
def fields_of(model: type[BaseModel]) -> Mapping[str, Field]:
    """The fields of a layer by the key that the document writes."""
    found = (_field(model, name, info) for name, info in model.model_fields.items())
    return {field.key: field for field in found}


def _field(model: type[BaseModel], name: str, info: FieldInfo) -> Field:
    spec = next((each for each in info.metadata if isinstance(each, Spec)), None)
    if spec is None:
        raise TypeError(f"{model.__name__}.{name} has no Spec")
    constraints = tuple(each for each in info.metadata if not isinstance(each, Spec))
    annotation: Any = info.annotation
    shape = _shape(annotation)
    if any(isinstance(each, ReadAtApply) for each in constraints):
        shape = _with(shape, deferred=True)
    return Field(
        key=info.alias or name,
        attribute=name,
        owner=model,
        spec=spec,
        shape=shape,
        required=info.is_required(),
        default=None if info.is_required() else info.get_default(call_default_factory=True),
        constraints=constraints + inner_constraints(annotation),
    )


def _with(shape: Shape, **changes: Any) -> Shape:
    from dataclasses import replace

    return replace(shape, **changes)


def _shape(annotation: Any) -> Shape:
    annotation, metadata = unwrapped(annotation)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    deferred = any(isinstance(each, ReadAtApply) for each in metadata)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is tuple:
        return Shape("list", item=_shape(arguments[0]))
    if origin in (dict, Mapping):
        keys = _shape(arguments[0]).choices
        return Shape("map", item=_shape(arguments[1]), keys=tuple(map(str, keys)))
    if origin is Literal:
        return Shape("choice", choices=arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape("model", models=(annotation,))
    if annotation is Any:
        return Shape("any")
    return Shape("scalar", python=annotation, deferred=deferred)


def _union(members: tuple[Any, ...]) -> Shape:
    present = [member for member in members if member is not type(None)]
    optional = len(present) < len(members)
    shapes = [_shape(member) for member in present]
    if len(shapes) == 1:
        return _with(shapes[0], optional=optional)
    if all(shape.kind == "model" for shape in shapes):
        models = tuple(shape.models[0] for shape in shapes)
        return Shape("variants", models=models, optional=optional)
    single = next(shape for shape in shapes if shape.kind != "list")
    return Shape("either", item=single, optional=optional)


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The annotation without `Annotated`, and what was annotated."""
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *metadata = typing.get_args(annotation)
        return inner, tuple(metadata)
    return annotation, ()


def inner_constraints(annotation: Any) -> tuple[Any, ...]:
    """Constraints inside `X | None`: those of the only member that is not `None`."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        members = [each for each in typing.get_args(annotation) if each is not type(None)]
        annotation = members[0] if len(members) == 1 else annotation
    annotated = unwrapped(annotation)[1]
    grouped = (each.metadata if isinstance(each, FieldInfo) else (each,) for each in annotated)
    return tuple(each for group in grouped for each in group)


def variant(shape: Shape, kind: Any) -> type[BaseModel] | None:
    """The layer of a `variants` shape (or the only one of `model`) that has this `kind`."""
    if shape.kind == "model":
        return shape.models[0]
    for model in shape.models:
        if kind in fields_of(model)["kind"].shape.choices:
            return model
    return None


def all_models(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Every layer below the root, itself first, each once, in document order."""
    seen: dict[type[BaseModel], None] = {}
    queue = [root]
    while queue:
        model = queue.pop(0)
        if model in seen:
            continue
        seen[model] = None
        for field in fields_of(model).values():
            shape: Shape | None = field.shape
            while shape is not None:
                queue.extend(shape.models)
                shape = shape.item
    yield from seen

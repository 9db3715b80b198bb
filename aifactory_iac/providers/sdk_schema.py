"""Reads the package schema off the SDK classes; `providers/schema.py` says how they are written."""

from __future__ import annotations

import ast
import collections.abc
import inspect
import itertools
import json
import re
import sys
import textwrap
import typing
from collections.abc import Awaitable, Mapping
from typing import Any, Literal, NotRequired

import pulumi

from aifactory_iac.providers import metal
from aifactory_iac.providers.metal.package import token
from aifactory_iac.providers.schema import with_choices

_ABOUT = "Desired state of one's own machines, switches and clusters."
_PRIMITIVES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_OWN = ("self", "resource_name", "opts")
"""Arguments of every SDK class, which are none of the resource's."""
_INSIDE_INPUT = {"Output": pulumi.Output, "T": typing.TypeVar("T")}
"""Names that `pulumi.Input` refers to without having them in scope."""


def generated() -> str:
    """The text of `schema.json`."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """The package schema of all classes that `metal` exports."""
    exported = {name: getattr(metal, name) for name in metal.__all__}
    settings = _inputs(metal.Provider)
    for name, field in settings.items():
        if not field.get("secret"):
            field["defaultInfo"] = {"environment": [environment_variable(name)]}
    return {
        "name": metal.PACKAGE,
        "version": metal.VERSION,
        "displayName": "AI factory bare metal",
        "description": _ABOUT,
        "license": "Apache-2.0",
        "keywords": ["kind/native", "category/infrastructure"],
        "meta": {"moduleFormat": "(.*)"},
        "config": {"variables": settings},
        "provider": {"description": _text(metal.Provider), "inputProperties": settings},
        "types": {
            token(name): _nested(kind)
            for name, kind in sorted(exported.items())
            if typing.is_typeddict(kind)
        },
        "resources": {
            token(name): _resource(kind)
            for name, kind in sorted(exported.items())
            if inspect.isclass(kind)
            and issubclass(kind, pulumi.CustomResource)
            and not issubclass(kind, pulumi.ProviderResource)
        },
        "language": {"python": {"readme": _ABOUT}},
    }


def environment_variable(setting: str) -> str:
    """The variable that stands in for a setting that is not configured."""
    return "AIFACTORY_" + re.sub(r"(?<=[a-z])([A-Z])", r"_\1", setting).upper()


def _resource(kind: type) -> dict[str, Any]:
    inputs, required = _inputs(kind), _required(kind)
    outputs = {
        camel(name): _field(typing.get_type_hints(item.fget, include_extras=True)["return"], item)
        for name, item in vars(kind).items()
        if isinstance(item, property)
    }
    return {
        "description": _text(kind),
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": inputs | outputs,
        "required": [*required, *outputs],
    }


def _inputs(kind: type) -> dict[str, Any]:
    constructor: Any = vars(kind)["__init__"]
    hints = typing.get_type_hints(constructor, localns=_INSIDE_INPUT, include_extras=True)
    described = _arguments(inspect.getdoc(constructor) or "")
    return {camel(name): _field(hints[name], described[name]) for name in _parameters(kind)}


def _required(kind: type) -> list[str]:
    return [
        camel(name)
        for name, parameter in _parameters(kind).items()
        if parameter.default is inspect.Parameter.empty
    ]


def _parameters(kind: type) -> dict[str, inspect.Parameter]:
    found = inspect.signature(kind).parameters
    return {name: parameter for name, parameter in found.items() if name not in _OWN}


def _nested(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    described = _field_texts(kind)
    return {
        "type": "object",
        "description": _text(kind),
        "properties": {name: _field(hint, described[name]) for name, hint in hints.items()},
        "required": [
            name for name, hint in hints.items() if typing.get_origin(hint) is not NotRequired
        ],
    }


def _field(hint: Any, described: Any) -> dict[str, Any]:
    """A property of the schema; `described` is its text, or what has it as its docstring."""
    description = described if isinstance(described, str) else _text(described)
    hint, secret = _bare(hint)
    if typing.get_origin(hint) is Literal:
        return {"type": "string", "description": with_choices(description, typing.get_args(hint))}
    return {**_type(hint), **({"secret": True} if secret else {}), "description": description}


def _type(hint: Any) -> dict[str, Any]:
    hint, _ = _bare(hint)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return {"$ref": "pulumi.json#/Any"}
    if typing.is_typeddict(hint):
        return {"$ref": f"#/types/{token(hint.__name__)}"}
    if origin is collections.abc.Sequence:
        return {"type": "array", "items": _type(arguments[0])}
    if origin is collections.abc.Mapping:
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    return {"type": _PRIMITIVES[hint]}


def _bare(hint: Any) -> tuple[Any, bool]:
    """The type without `Input`, `Output`, `None`, `NotRequired`; and whether it is a secret."""
    secret = False
    while True:
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Annotated:
            secret = secret or "secret" in arguments[1:]
        elif origin not in (NotRequired, pulumi.Output) and not _is_union(hint):
            return hint, secret
        plain = [
            each
            for each in arguments
            if each is not type(None) and typing.get_origin(each) not in (Awaitable, pulumi.Output)
        ]
        hint = plain[0]


def _is_union(hint: Any) -> bool:
    members = typing.get_args(hint)
    return type(None) in members or any(
        typing.get_origin(each) is pulumi.Output for each in members
    )


def camel(name: str) -> str:
    """`boot_methods` as it is spelled on the wire: `bootMethods`."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def _text(described: Any) -> str:
    """A docstring with each paragraph on one line."""
    paragraphs = (inspect.getdoc(described) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _arguments(docstring: str) -> Mapping[str, str]:
    """Texts of the `Args:` section by argument."""
    _, _, section = docstring.partition("Args:\n")
    found = re.findall(
        r"^(\w+): (.*?)(?=^\w+: |\Z)", textwrap.dedent(section), re.MULTILINE | re.DOTALL
    )
    return {name: " ".join(text.split()) for name, text in found}


def _field_texts(kind: type) -> dict[str, str]:
    """The text under each field of a class, which Python itself does not keep.

    A `TypedDict` forgets what it is derived from, so that is looked up by its name.
    """
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(definition, ast.ClassDef):
        return {}
    bases = [base.id for base in definition.bases if isinstance(base, ast.Name)]
    inherited = [vars(sys.modules[kind.__module__])[name] for name in bases]
    found: dict[str, str] = {}
    for base in filter(typing.is_typeddict, inherited):
        found |= _field_texts(base)
    return found | {
        field.target.id: " ".join(text.value.value.split())
        for field, text in itertools.pairwise(definition.body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }

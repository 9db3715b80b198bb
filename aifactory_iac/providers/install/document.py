"""Closed documents: every key is known, and everything that is wrong is said at once.

The tools that read these files are open (`cloud-init schema` passes `runcmdd:`, subiquity passes
`storag:`), so a misspelt key would be found when the machine is already erased.
"""

from __future__ import annotations

import copy
import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from aifactory_iac.providers.install.near import hint
from aifactory_iac.providers.resource import UNKNOWN, Failure, has_unknown

Location = tuple[str | int, ...]

_PLAIN = re.compile(r"[A-Za-z_$][\w$-]*\Z")

SECRET_KEYS = frozenset(
    {
        "hashed_passwd",
        "passphrase",
        "passwd",
        "password",
        "plain_text_passwd",
        "rootpw",
        "secret",
        "token",
    }
)
"""Keys that other tools take a secret under; here none may stand in a document."""


class Document(BaseModel):
    """A mapping in which unknown keys are failures. Lists whose order means nothing are sorted.

    `native` says what a key of the tool's own file is called here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    native: ClassVar[Mapping[str, str]] = {}


class SecretReference(Document):
    """Where a secret is kept; the secret itself never stands in a document."""

    store: typing.Literal["env", "file", "pulumi-config", "aws-secrets-manager", "vault"]
    path: str


Model = TypeVar("Model", bound=Document)


@dataclass(frozen=True, slots=True)
class Read(Generic[Model]):
    """What a value was read as.

    `value` is there as soon as what is wrong can be left out, so that the meaning of the rest can
    be checked as well; it is to be used only when there are no failures. `complete` is false while
    a preview does not know some of it: meaning is not judged then.
    """

    value: Model | None
    failures: tuple[Failure, ...]
    complete: bool = True


def read(model: type[Model], value: object, at: str) -> Read[Model]:
    """Reads a JSON value as a document; `at` is the property path of the value."""
    if value is UNKNOWN:
        return Read(None, (), complete=False)
    left, unknown = _without_unknown(value)
    failures: list[Failure] = []
    for _ in range(20):
        try:
            return Read(
                model.model_validate(left), tuple(failures), complete=not has_unknown(value)
            )
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
        told = [_failure(model, item, at) for item in found if not _is_unknown(item, unknown)]
        said = {failure.property for failure in failures}
        failures += [failure for failure in told if failure.property not in said]
        if any(item["type"] == "missing" or not item["loc"] for item in found):
            break
        left = _without(left, [item["loc"] for item in found])
    return Read(None, tuple(failures), complete=not has_unknown(value))


def beside(failures: Iterable[Failure], further: Iterable[Failure]) -> tuple[Failure, ...]:
    """The failures, and those further ones that are not about something already said wrong."""
    first = tuple(failures)
    said = [failure.property for failure in first]
    return (
        *first,
        *(
            other
            for other in further
            if not any(
                other.property == path
                or path.startswith(f"{other.property}.")
                or other.property.startswith(f"{path}.")
                for path in said
            )
        ),
    )


def joined(at: str, *keys: str | int) -> str:
    """A property path as Pulumi spells it: `machines.n1.macs[0]`, `files["/etc/motd"]`."""
    path = at
    for key in keys:
        if isinstance(key, int):
            path += f"[{key}]"
        elif _PLAIN.match(key):
            path += f".{key}" if path else key
        else:
            path += '["' + key.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return path


def _without_unknown(value: object) -> tuple[Any, set[Location]]:
    """A copy in which nothing is unknown, and where what was unknown stood."""
    gone: set[Location] = set()

    def copied(item: object, at: Location) -> object:
        if isinstance(item, Mapping):
            gone.update((*at, key) for key, inner in item.items() if inner is UNKNOWN)
            return {
                key: copied(inner, (*at, key))
                for key, inner in item.items()
                if inner is not UNKNOWN
            }
        if isinstance(item, list | tuple):
            return [copied(inner, (*at, i)) for i, inner in enumerate(item) if inner is not UNKNOWN]
        return item

    return copied(value, ()), gone


def _is_unknown(item: ErrorDetails, unknown: set[Location]) -> bool:
    return item["type"] == "missing" and item["loc"] in unknown


def _without(value: Any, locations: Sequence[Location]) -> Any:
    """A copy without what stands at these places; items of lists from the last to the first."""
    left = copy.deepcopy(value)
    for location in sorted(set(locations), key=_order, reverse=True):
        *way, last = [key for key in location if key != "[key]"]
        place = left
        for key in way:
            place = place[key]
        if isinstance(place, list) and isinstance(last, int):
            place[last:] = place[last + 1 :]
        elif isinstance(place, dict):
            place.pop(last, None)
    return left


def _order(location: Location) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, key, "") if isinstance(key, int) else (1, 0, key) for key in location)


def _failure(model: type[Document], item: ErrorDetails, at: str) -> Failure:
    location = tuple(key for key in item["loc"] if key != "[key]")
    return Failure(joined(at, *location), _reason(model, item, location))


def _reason(model: type[Document], item: ErrorDetails, location: Location) -> str:
    context = item.get("ctx", {})
    match item["type"]:
        case "extra_forbidden":
            return _unknown_key(_model_at(model, location[:-1]), str(location[-1]))
        case "missing":
            return "is required"
        case "literal_error":
            return f"must be one of {context['expected'].replace(chr(39), '`')}"
        case "model_type" | "model_attributes_type" if context["class_name"] == "SecretReference":
            return (
                "is a secret written out; say where it is kept instead, as "
                '{"store": ..., "path": ...}'
            )
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be a mapping"
        case "tuple_type" | "list_type":
            return "must be a list"
        case "too_short":
            return f"needs at least {context['min_length']}"
        case _:
            return _plain(item["msg"])


def _plain(message: str) -> str:
    """The reason without pydantic's wrapping, as the rest of a sentence about a property."""
    if message.startswith("Value error, "):
        return message.removeprefix("Value error, ")
    if message.startswith("Input should "):
        return "must " + message.removeprefix("Input should ")
    return message[0].lower() + message[1:]


def _unknown_key(owner: type[Document] | None, key: str) -> str:
    if key in SECRET_KEYS:
        return (
            "would write a secret into what a machine boots; nothing here takes one: users log in "
            "with keys, and a disk's key is made on the machine and kept by its TPM or by tang"
        )
    if owner is None:
        return "unknown key"
    names = [field.alias or name for name, field in owner.model_fields.items()]
    return f"unknown key; {hint(key, names, owner.native)}"


def _model_at(model: type[Document], location: Location) -> type[Document] | None:
    """The document that stands at a place, found through the types of the fields."""
    kind: Any = model
    for key in location:
        kind = _plain_type(kind)
        if _is_document(kind):
            field = _field(kind, str(key))
            kind = field.annotation if field else None
        else:
            # A mapping or a list: what it holds is its last argument, but for `...` of a tuple.
            held = [one for one in typing.get_args(kind) if one is not Ellipsis]
            kind = held[-1] if held else None
    kind = _plain_type(kind)
    return kind if _is_document(kind) else None


def _field(owner: type[Document], key: str) -> FieldInfo | None:
    for name, field in owner.model_fields.items():
        if key in (name, field.alias):
            return field
    return None


def _plain_type(kind: Any) -> Any:
    """The type without what is only said about it: `Annotated`, `| None`."""
    while typing.get_origin(kind) in (typing.Annotated, typing.Union, types.UnionType):
        kind = next(one for one in typing.get_args(kind) if one is not type(None))
    return kind


def _is_document(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Document)

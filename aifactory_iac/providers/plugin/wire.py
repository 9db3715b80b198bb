"""Between Pulumi's wire values (protobuf structs with signature keys) and plain JSON values.

Plain values are what resource types take and give: str, int, float, bool, None, lists, dicts with
str keys, and `UNKNOWN`. Which of them are secret is remembered beside them, by path. Mapping keys
come out sorted, because the order of a protobuf map is undefined. A whole number is an int: the
wire knows doubles only.

Signatures: `sdk/go/common/resource/sig/sig.go` of pulumi/pulumi; texts of unknown values:
`sdk/go/common/resource/plugin/rpc.go`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

from aifactory_iac.providers.plugin.property_path import Path, path_text
from aifactory_iac.providers.resource import UNKNOWN

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a password
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = {
    UNKNOWN_TEXT,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
_EXACT_INTEGERS = 2.0**53
_SHORTEST = 6
"""Texts shorter than this are no secrets by their value alone: `true` is said for many reasons."""


class WireError(ValueError):
    """A value came that no resource type has a use for; the text says where and what."""


@dataclass(frozen=True, slots=True)
class Received:
    """Plain values, and the paths of those that are secret.

    A path ends at the first list on its way: the order of a list may change, its secrecy may not.
    """

    values: dict[str, Any]
    secrets: AbstractSet[Path] = frozenset()

    def secret_texts(self) -> Iterator[str]:
        """Every text that is secret or stands inside something secret."""
        for path in self.secrets:
            value: Any = self.values
            for key in path:
                value = value.get(key) if isinstance(value, Mapping) else None
            yield from _texts(value)


def received(struct: struct_pb2.Struct) -> Received:
    """The plain form of what the engine sent. Raises `WireError`."""
    secrets: set[Path] = set()
    return Received(_mapping(struct, (), secrets), secrets)


def _mapping(struct: struct_pb2.Struct, path: Path, secrets: set[Path]) -> dict[str, Any]:
    fields = struct.fields
    return {key: _plain(fields[key], (*path, key), secrets) for key in sorted(fields)}


def _plain(value: struct_pb2.Value, path: Path, secrets: set[Path]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_TEXTS else text
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "struct_value":
        struct = value.struct_value
        if SIGNATURE in struct.fields:
            return _special(struct.fields, path, secrets)
        return _mapping(struct, path, secrets)
    if kind == "list_value":
        return _list(value.list_value.values, path, secrets)
    return None


def _list(items: Sequence[struct_pb2.Value], path: Path, secrets: set[Path]) -> list[Any]:
    inside: set[Path] = set()
    found = [_plain(item, (*path, at), inside) for at, item in enumerate(items)]
    if inside:
        secrets.add(path)
    return found


def _number(value: float) -> int | float:
    if value.is_integer() and abs(value) <= _EXACT_INTEGERS:
        return int(value)
    return value


def _special(fields: Any, path: Path, secrets: set[Path]) -> Any:
    """What an object with a signature stands for."""
    signature = fields[SIGNATURE].string_value
    if signature == SECRET:
        secrets.add(path)
        return _plain(fields["value"], path, set())
    if signature == OUTPUT:
        if "secret" in fields and fields["secret"].bool_value:
            secrets.add(path)
        return _plain(fields["value"], path, secrets) if "value" in fields else UNKNOWN
    if signature == RESOURCE:
        # A resource given for a text stands for its id, as in SDKs that know no references.
        identifier = _plain(fields["id" if "id" in fields else "urn"], path, secrets)
        return UNKNOWN if identifier == "" else identifier
    raise WireError(f"{path_text(path)}: is an asset, an archive or bytes; no type takes those")


def sent(
    values: Mapping[str, Any],
    secrets: AbstractSet[Path] = frozenset(),
    texts: AbstractSet[str] = frozenset(),
) -> struct_pb2.Struct:
    """The wire form of plain values.

    What stands at one of the paths is secret, and so is any text that equals one of `texts`: a
    type may have copied it elsewhere. A path that leads nowhere makes the nearest property that
    there is on its way secret as a whole.
    """
    struct = struct_pb2.Struct()
    paths = frozenset(_present(values, path) for path in secrets) - {()}
    known = frozenset(text for text in texts if len(text) >= _SHORTEST)
    _Writer(paths, known).mapping(struct, values, ())
    return struct


def _present(values: Any, path: Path) -> Path:
    """The longest part of a path that is there."""
    for depth, key in enumerate(path):
        if not isinstance(values, Mapping) or key not in values:
            return path[:depth]
        values = values[key]
    return path


@dataclass(frozen=True, slots=True)
class _Writer:
    """Fills messages in place: a message that is built aside is copied once for each level."""

    secrets: AbstractSet[Path]
    texts: AbstractSet[str]

    def mapping(self, struct: struct_pb2.Struct, values: Mapping[str, Any], path: Path) -> None:
        fields = struct.fields
        for key, value in values.items():
            own = (*path, key)
            if own in self.secrets:
                self.value(_wrapped(fields[key]), value, own)
            else:
                self.value(fields[key], value, own)

    def value(self, target: struct_pb2.Value, value: Any, path: Path) -> None:
        if isinstance(value, str):
            if value in self.texts and path not in self.secrets:
                target = _wrapped(target)
            target.string_value = value
        elif isinstance(value, bool):
            target.bool_value = value
        elif isinstance(value, int | float):
            target.number_value = value
        elif isinstance(value, Mapping):
            target.struct_value.SetInParent()
            self.mapping(target.struct_value, value, path)
        elif value is UNKNOWN:
            target.string_value = UNKNOWN_TEXT
        elif value is None:
            target.null_value = struct_pb2.NULL_VALUE
        else:
            target.list_value.SetInParent()
            for at, item in enumerate(value):
                self.value(target.list_value.values.add(), item, (*path, at))


def _wrapped(target: struct_pb2.Value) -> struct_pb2.Value:
    """Makes a value secret, and gives the place of what it hides."""
    fields = target.struct_value.fields
    fields[SIGNATURE].string_value = SECRET
    return fields["value"]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)

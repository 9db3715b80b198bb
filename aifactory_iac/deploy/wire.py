"""Between Pulumi's wire values (protobuf structs with signature keys) and plain data.

Plain data is what `PlannedResource.inputs` holds: str, int, float, bool, None, lists and dicts with
str keys, with `UNKNOWN` and `Secret` at any depth. Mapping keys come out sorted, because the order
of a protobuf map is undefined. A whole number is an int: the wire knows doubles only.

Signatures: `sdk/go/common/resource/sig/sig.go`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]

from aifactory_iac.program.planned import UNKNOWN, Secret, Unknown

UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a signature, not a password
RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
_EXACT_INTEGERS = 2.0**53


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The plain form of a struct of inputs or outputs."""
    fields = struct.fields
    return {key: from_value(fields[key]) for key in sorted(fields)}


def from_value(value: struct_pb2.Value) -> Any:
    """The plain form of one wire value."""
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text == UNKNOWN_TEXT else text
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        return number(value.number_value)
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    if kind == "struct_value":
        plain = from_struct(value.struct_value)
        return special(plain) if SIGNATURE in plain else plain
    return None


def number(value: float) -> int | float:
    """An int where the double is one exactly, so that `1` and `1.0` are the same value."""
    if value.is_integer() and abs(value) <= _EXACT_INTEGERS:
        return int(value)
    return value


def special(plain: Mapping[str, Any]) -> Any:
    """The value that a mapping with a signature key stands for.

    A reference to a custom resource becomes its id, one to a component its URN, which is what the
    SDKs send to a monitor that knows no references. An asset becomes the digest of its content, an
    archive the place it comes from.
    """
    signature = plain[SIGNATURE]
    if signature == SECRET:
        return Secret(plain.get("value"))
    if signature == RESOURCE:
        identifier = plain.get("id", plain.get("urn"))
        return UNKNOWN if identifier in ("", None) else identifier
    if signature == OUTPUT:
        value = plain.get("value", UNKNOWN)
        return Secret(value) if plain.get("secret") else value
    if signature == ASSET:
        return _asset(plain)
    if signature == ARCHIVE:
        return {"archive": {key: plain[key] for key in ("assets", "path", "uri") if key in plain}}
    return dict(plain)


def _asset(plain: Mapping[str, Any]) -> dict[str, Any]:
    if "hash" in plain:
        return {"asset": plain["hash"]}
    if isinstance(text := plain.get("text"), str):
        return {"asset": hashlib.sha256(text.encode()).hexdigest()}
    if isinstance(path := plain.get("path"), str):
        try:
            return {"asset": hashlib.sha256(Path(path).read_bytes()).hexdigest()}
        except OSError:
            return {"asset": UNKNOWN}
    return {"asset": plain.get("uri", UNKNOWN)}


def to_struct(plain: Mapping[str, Any]) -> struct_pb2.Struct:
    """The wire form of a mapping of plain data."""
    struct = struct_pb2.Struct()
    for key, value in plain.items():
        struct.fields[key].CopyFrom(to_value(value))
    return struct


def to_value(plain: Any) -> struct_pb2.Value:
    """The wire form of plain data."""
    if plain is UNKNOWN:
        return struct_pb2.Value(string_value=UNKNOWN_TEXT)
    if isinstance(plain, Secret):
        return struct_pb2.Value(struct_value=to_struct({SIGNATURE: SECRET, "value": plain.value}))
    if plain is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(plain, bool):
        return struct_pb2.Value(bool_value=plain)
    if isinstance(plain, int | float):
        return struct_pb2.Value(number_value=float(plain))
    if isinstance(plain, str):
        return struct_pb2.Value(string_value=plain)
    if isinstance(plain, Mapping):
        return struct_pb2.Value(struct_value=to_struct(plain))
    return struct_pb2.Value(
        list_value=struct_pb2.ListValue(values=[to_value(item) for item in plain])
    )


def has_unknown(plain: Any) -> bool:
    """Whether any part of the value is known only after apply."""
    return any(isinstance(leaf, Unknown) for leaf in _leaves(plain))


def secrets_in(plain: Any, *, inside: bool = False) -> Iterable[str]:
    """Every secret text in the value, for scrubbing messages that come from elsewhere."""
    if isinstance(plain, Secret):
        yield from secrets_in(plain.value, inside=True)
    elif isinstance(plain, Mapping):
        for value in plain.values():
            yield from secrets_in(value, inside=inside)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from secrets_in(value, inside=inside)
    elif inside and isinstance(plain, str) and plain:
        yield plain


def _leaves(plain: Any) -> Iterable[Any]:
    if isinstance(plain, Secret):
        yield from _leaves(plain.value)
    elif isinstance(plain, Mapping):
        for value in plain.values():
            yield from _leaves(value)
    elif isinstance(plain, list | tuple):
        for value in plain:
            yield from _leaves(value)
    else:
        yield plain

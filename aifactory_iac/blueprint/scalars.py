"""What a plain scalar means: YAML 1.2's core schema, decided here and nowhere else.

So `no` and `2027-02-01` stay text, `70e9` and `1.4e12` are numbers, and `0x1F` is 31.
"""

from __future__ import annotations

import math
import re

from aifactory_iac.blueprint.nodes import Scalar

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_UNBOUNDED = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")

_MOST_DIGITS = 300
"""Past this a number is beyond any float, and Python itself refuses to parse long integers."""


class NotFinite(ValueError):  # noqa: N818 - it says what the number is
    """The scalar is a number that no computer number holds: infinite, undefined or too long."""


def scalar(text: str) -> Scalar:
    """The value of a plain (unquoted) scalar. Raises `NotFinite` for unbounded numbers."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[0] not in "+-.0123456789":
        return text
    return _number(text)


def _number(text: str) -> Scalar:
    if _UNBOUNDED.match(text):
        raise NotFinite(text)
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEX, 16)):
        if pattern.match(text):
            if len(text) > _MOST_DIGITS:
                raise NotFinite(text)
            return int(text if base == 10 else text[2:], base)
    if _FLOAT.match(text):
        value = float(text)
        if not math.isfinite(value):
            raise NotFinite(text)
        return value
    return text

"""From bytes to a value tree with positions: libyaml's events, our own composition and limits.

libyaml's event stream is lazy, so a document that is too deep or too large stops being read where
it becomes so. An alias costs as many values as its anchor holds: expansion is bounded by the same
budget as the document, and a "billion laughs" ends at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aifactory_iac.blueprint.composer import compose
from aifactory_iac.blueprint.nodes import Node, Place, Source
from aifactory_iac.blueprint.rules import found
from aifactory_iac.findings import Finding

MAX_BYTES = 1024 * 1024

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|\ufffe|\uffff")
"""What YAML does not allow in a text; surrogates cannot come out of UTF-8."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: the source, the tree (`None` when there is none), and what was wrong."""

    source: Source
    root: Node | None
    findings: tuple[Finding, ...] = ()


def read_document(data: bytes, shown: str, layer: str) -> Document:
    """Reads one YAML document that must be a mapping. Never raises."""
    source, problem = decoded(data, shown, layer)
    if problem is not None:
        return Document(source, None, (problem,))
    root, findings = compose(source)
    if root is not None and not isinstance(root.value, dict):
        what = "a list" if isinstance(root.value, tuple) else "a single value"
        hint = "start it with `apiVersion: aifactory/v1` and `kind: Blueprint`"
        wrong = found(
            "014",
            f"the document is {what}, not a mapping of keys",
            hint="write lines of `parameter: value`" if layer == "values file" else hint,
            span=root.place.span(),
        )
        return Document(source, None, (*findings, wrong))
    return Document(source, root, findings)


def decoded(data: bytes, shown: str, layer: str) -> tuple[Source, Finding | None]:
    """The text of the bytes, or what keeps them from being one."""
    nowhere = Source(shown, layer)
    if len(data) > MAX_BYTES:
        hint = "move bulk data out of the document"
        message = f"the document has more than {MAX_BYTES:,} bytes, the most that is read"
        return nowhere, found("003", message, hint=hint, span=Place(nowhere, 1, 1).span())
    if data.startswith(_UTF16):
        message = "the file is UTF-16 text; a document is UTF-8"
        hint = "save it as UTF-8"
        return nowhere, found("004", message, hint=hint, span=Place(nowhere, 1, 1).span())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8 text"
        place = Place(nowhere, line, column)
        hint = "save the file as UTF-8; a blueprint is a text file"
        return nowhere, found("004", message, hint=hint, span=place.span())
    source = Source(shown, layer, text)
    control = _CONTROL.search(text)
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        column = control.start() - text.rfind("\n", 0, control.start())
        message = f"control character U+{ord(control.group()):04X} in the text"
        place = Place(Source(shown, layer), line, column)
        hint = "a blueprint is a text file; is this one binary?"
        return source, found("004", message, hint=hint, span=place.span())
    return source, None

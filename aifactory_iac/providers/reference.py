"""The reference page of all properties: `python -m aifactory_iac.providers.reference`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.schema import package_schema

_HEAD = """# Properties of the bare-metal types

Generated from the SDK classes by `make docs`. What a type is for, and what deleting one means, is
[on another page](bare-metal-types.md). Nested types stand behind the resource types.
"""


def reference_page() -> str:
    """Every resource type with its inputs and outputs, then the nested types, as Markdown."""
    schema = package_schema()
    sections = [_HEAD]
    for token, body in schema["resources"].items():
        inputs = body["inputProperties"]
        outputs = {key: value for key, value in body["properties"].items() if key not in inputs}
        sections.append(_section(token, body["description"]))
        sections.append(_table("input", inputs, body["requiredInputs"]))
        sections.append(_table("output", outputs, ()))
    for token, body in schema["types"].items():
        sections.append(_section(token.rpartition(":")[2], body["description"]))
        sections.append(_table("field", body["properties"], body["required"]))
    return "\n".join(sections)


def _section(title: str, description: str) -> str:
    return f"## {title}\n\n{description}\n"


def _table(noun: str, fields: Mapping[str, Any], required: Sequence[str]) -> str:
    return "\n".join(_rows(noun, fields, required)) + "\n"


def _rows(noun: str, fields: Mapping[str, Any], required: Sequence[str]) -> Iterator[str]:
    yield f"| {noun} | type | |"
    yield "|---|---|---|"
    for name, field in fields.items():
        kind = ", ".join(
            [
                _type(field),
                *(["**required**"] if name in required else []),
                *(["secret"] if field.get("secret") else []),
            ]
        )
        text = " ".join(field["description"].split()).replace("|", "\\|")
        yield f"| `{name}` | {kind} | {text} |"


def _type(field: Mapping[str, Any]) -> str:
    """A type in words; nested types lead to where they are described."""
    kind = field.get("type")
    if kind == "array":
        return f"list of {_type(field['items'])}"
    if kind == "object":
        return f"map of {_type(field['additionalProperties'])}"
    if kind is not None:
        return str(kind)
    name = re.split(r"[:/]", field["$ref"])[-1]
    return f"[{name}](#{name.lower()})" if field["$ref"].startswith("#") else "any"


def main() -> None:
    """Prints the page."""
    sys.stdout.write(reference_page())


if __name__ == "__main__":
    main()

"""The published package schema, which is generated from the SDK classes in `metal/`.

How to add or change a type: write it once, as an SDK class, then run `make docs` (or
`python -m aifactory_iac.providers.schema`, which writes `schema.json` alone).

- **A resource** is a class derived from `pulumi.CustomResource` that `metal/__init__.py` exports.
  Its docstring describes it. Each keyword argument of its constructor is an input, required unless
  it has a default; `provisioning_server` is spelled `provisioningServer` on the wire. The line
  under `Args:` describes it. Each property with `@pulumi.getter` is an output, and its docstring
  describes it.
- **A nested type** is a `TypedDict` that `metal/__init__.py` exports. Its docstring describes it.
  The text under a field describes the field; `NotRequired` makes it optional.
- **Types** are `str`, `int`, `float`, `bool`, `Any`, `Literal[...]` of texts, nested types, and
  `Sequence` and `Mapping[str, ...]` of all of these, in `pulumi.Input` or `pulumi.Output` where
  they are arguments and outputs. `Secret[...]` (of `package`) keeps a value secret.
- **Descriptions** are whole sentences. Choices of a `Literal` are added to them.

The plug-in checks structure against this schema before a type's own `check` sees the inputs:
unknown and missing properties, types, and choices.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

_FILE = "schema.json"
_CHOICES = re.compile(r" One of: ((?:`[^`]*`(?:, )?)+)\.$")


@cache
def schema_text() -> str:
    """The published schema as the plug-in answers `GetSchema`."""
    return resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")


def package_schema() -> dict[str, Any]:
    """The Pulumi package schema of `aifactory`."""
    loaded: dict[str, Any] = json.loads(schema_text())
    return loaded


def with_choices(description: str, choices: tuple[str, ...]) -> str:
    """The description with its choices at the end.

    A Pulumi schema has choices only for types with a name of their own, which would give SDKs in
    other languages dozens of them; so they stand in the text.
    """
    return f"{description} One of: {', '.join(f'`{choice}`' for choice in choices)}."


def choices_of(description: str) -> tuple[str, ...]:
    """What `with_choices` has added; empty when any value will do."""
    found = _CHOICES.search(description)
    return tuple(re.findall(r"`([^`]*)`", found.group(1))) if found else ()


def main() -> None:
    """Writes `schema.json` anew."""
    from aifactory_iac.providers.sdk_schema import generated

    Path(__file__).with_name(_FILE).write_text(generated(), encoding="utf-8")


if __name__ == "__main__":
    main()

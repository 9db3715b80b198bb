"""The published JSON Schemas of the two documents, generated from the typed model.

The files beside this module are what editors use; `python -m aifactory_iac.blueprint.refresh`
writes them anew, and a test keeps them fresh.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

NAMES = ("blueprint", "stack")
URN = "urn:aifactory:schema:v1"


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a `blueprint` or a `stack`. Raises `KeyError` for others."""
    if name not in NAMES:
        raise KeyError(name)
    text = resources.files(__name__).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def schema_id(name: str) -> str:
    """The `$id` of a schema: a name, since it is at no address; `aifactory schema` prints it."""
    return f"{URN}:{name}"


def editor_header(location: str) -> str:
    """The first line of a document by which editors find its schema, at a path."""
    return f"# yaml-language-server: $schema={location}\n"

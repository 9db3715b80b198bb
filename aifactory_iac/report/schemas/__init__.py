"""The published JSON Schemas (2020-12) of documents and results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

NAMES = (
    "blueprint",
    "stack",
    "findings",
    "design",
    "estimate",
    "check",
    "plan",
    "explain",
    "policies",
    "library",
    "doctor",
    "lab",
    "inventory",
)


def schema(name: str) -> Mapping[str, Any]:
    """The schema of that name, one of `NAMES`; raises `KeyError` for another."""
    if name in ("blueprint", "stack"):
        from aifactory_iac.blueprint.schema import json_schema

        return json_schema(name)
    if name not in NAMES:
        raise KeyError(name)
    owner = "aifactory_iac.deploy.schema" if name == "plan" else __name__
    text = resources.files(owner).joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document

"""The published JSON Schema of a plan document."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def plan_schema() -> dict[str, Any]:
    """The schema that every `Plan.document()` meets (JSON Schema 2020-12)."""
    text = resources.files(__package__).joinpath("plan.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded

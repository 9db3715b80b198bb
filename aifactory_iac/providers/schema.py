"""Reads the published package schema."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def package_schema() -> dict[str, Any]:
    """The Pulumi package schema of `aifactory`, as the plug-in will answer `GetSchema`."""
    text = resources.files(__package__).joinpath("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded

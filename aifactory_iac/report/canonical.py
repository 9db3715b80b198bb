"""Canonical JSON: equal values give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def to_json(document: Mapping[str, Any]) -> str:
    """Indented JSON with a trailing newline; key order is the document's own, never a hash's."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

"""Canonical JSON: equal values give equal bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aifactory_iac.report.legible import scalar_values


def to_json(document: Mapping[str, Any] | list[Any]) -> str:
    """Indented JSON with a trailing newline; key order is the document's own, never a hash's.

    The text can always be written as UTF-8. Raises `ValueError` for NaN and infinities, which JSON
    has no word for.
    """
    return scalar_values(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"

"""The digest of a resolved document: equal for equal meaning, whatever the order of its items."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def digest(document: BaseModel, parameters: Mapping[str, Any]) -> str:
    """SHA-256 in hex over the canonical JSON of the document and its parameters' values.

    Named lists are sorted by name and mappings by key, so no permutation of either changes it.
    """
    data = document.model_dump(mode="json", by_alias=True, exclude={"parameters", "extends"})
    value = {"document": canonical(data), "parameters": canonical(dict(parameters))}
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> Any:
    """The value with every named list sorted by name; other lists keep their order."""
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        items = [canonical(item) for item in value]
        if items and all(isinstance(item, dict) and "name" in item for item in items):
            return sorted(items, key=lambda item: str(item["name"]))
        return items
    return value

"""Writing documents: a resolved blueprint, or any plain value, as YAML that loads as itself."""

from __future__ import annotations

import json
from typing import Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.base import DEFERRED_REFERENCE


def resolved_document(blueprint: Blueprint) -> dict[str, Any]:
    """The blueprint as plain data without parents, parameters or references; defaults left out.

    A literal `${` is escaped again, so that loading the data gives an equal blueprint.
    """
    data = blueprint.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude={"parameters", "extends"}
    )
    escaped: dict[str, Any] = _escaped(data)
    return escaped


def document_text(value: Any) -> str:
    """The value as YAML: block style, texts quoted as JSON, so that none is read as a number."""
    return "\n".join(_lines(value, 0)) + "\n"


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    if isinstance(value, str) and not DEFERRED_REFERENCE.match(value):
        return value.replace("${", "$${")
    return value


def _lines(value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    if isinstance(value, dict) and value:
        lines = []
        for key, item in value.items():
            below = _lines(item, depth + 1)
            is_block = isinstance(item, dict | list) and bool(item)
            lines += (
                [f"{indent}{_key(key)}:", *below]
                if is_block
                else [f"{indent}{_key(key)}: {below[0].strip()}"]
            )
        return lines
    if isinstance(value, list) and value:
        lines = []
        for item in value:
            first, *rest = _lines(item, depth + 1)
            lines += [f"{indent}- {first.strip()}", *rest]
        return lines
    return [indent + json.dumps(value, ensure_ascii=False)]


def _key(key: str) -> str:
    plain = key.isidentifier() and key.lower() not in ("true", "false", "null")
    return key if plain else json.dumps(key, ensure_ascii=False)

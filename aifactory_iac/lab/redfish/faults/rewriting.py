"""A request that is understood otherwise than it was meant."""

from __future__ import annotations

import json
from typing import Any

from aifactory_iac.lab.redfish.faults.behaviour import Rewrites


def rewritten(body: bytes, how: Rewrites) -> bytes:
    """The body with properties dropped and set; a body that is no JSON object stays as it is."""
    try:
        document = json.loads(body)
    except ValueError:
        return body
    if not isinstance(document, dict):
        return body
    for path in how.drop:
        *parents, last = path.split(".")
        parent = _walk(document, parents)
        if parent is not None:
            parent.pop(last, None)
    for path, value in how.set.items():
        *parents, last = path.split(".")
        parent = _walk(document, parents)
        if parent is not None:
            parent[last] = value
    return json.dumps(document).encode()


def _walk(document: dict[str, Any], steps: list[str]) -> dict[str, Any] | None:
    """The object at the path; None where there is none."""
    for step in steps:
        inner = document.get(step)
        if not isinstance(inner, dict):
            return None
        document = inner
    return document

"""Reading request bodies: what is missing, unknown or of the wrong type is said in Redfish."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from aifactory_iac.lab.redfish.plant.refusal import (
    RefusalError,
    missing,
    together,
    unknown_property,
)
from aifactory_iac.lab.redfish.service.exchange import Request


def only(document: Mapping[str, Any], known: Collection[str]) -> None:
    """Raises `RefusalError` for every property that is not known; annotations are let be."""
    unknown = [key for key in document if key not in known and not key.startswith("@")]
    if unknown:
        raise together([unknown_property(key) for key in unknown])


def parameter(request: Request, name: str, known: Collection[str] = ()) -> Any:
    """A required parameter of an action. Raises `RefusalError`."""
    document = request.document()
    if name not in document:
        raise _missing_parameter(request, name)
    only(document, {name, *known})
    return document[name]


def _missing_parameter(request: Request, name: str) -> RefusalError:
    action = request.path.rpartition("/")[2]
    refusal = missing(name)
    refusal.message = "ActionParameterMissing"
    refusal.text = f"The action {action} requires the parameter {name} to be present in the body."
    return refusal

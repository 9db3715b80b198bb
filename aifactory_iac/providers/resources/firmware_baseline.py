"""`FirmwareBaseline`: firmware of one machine, pushed and activated in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.resource import Properties
from aifactory_iac.providers.resources.one_machine import OneMachineType


def _wish(inputs: Properties) -> Mapping[str, Any]:
    return {"firmware": inputs["components"]}


def _show(result: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"versions": dict(result.get("observed", {}).get("firmware", {}))}


TYPE = OneMachineType(
    "aifactory:metal:FirmwareBaseline",
    _wish,
    _show,
    outputs=("versions",),
    places={"firmware": "components"},
)

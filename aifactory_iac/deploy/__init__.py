"""Plans of units: what would change, how hard, sealed; offline against Pulumi's own state.

Nothing here renders or prints. Names are loaded when they are first used, because the ones that
construct a program import Pulumi and the others must not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aifactory_iac.deploy.construction import Construction, Setting, construct
    from aifactory_iac.deploy.naming import project_name, stack_name
    from aifactory_iac.deploy.offline import (
        ConstructedUnit,
        Deployment,
        construct_units,
        planned_resources,
    )

_PLACES = {
    "Construction": "construction",
    "ConstructedUnit": "offline",
    "Deployment": "offline",
    "Setting": "construction",
    "construct": "construction",
    "construct_units": "offline",
    "planned_resources": "offline",
    "project_name": "naming",
    "stack_name": "naming",
}

__all__ = [
    "ConstructedUnit",
    "Construction",
    "Deployment",
    "Setting",
    "construct",
    "construct_units",
    "planned_resources",
    "project_name",
    "stack_name",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_PLACES[name]}")
    return getattr(module, name)

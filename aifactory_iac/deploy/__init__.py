"""Plans of units: what would change, how hard, sealed; offline against Pulumi's own state.

Nothing here renders or prints. Names are loaded when they are first used, because the ones that
construct a program import Pulumi and the others must not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aifactory_iac.deploy.backend import FileBackend, load_state
    from aifactory_iac.deploy.change import Change, Op
    from aifactory_iac.deploy.construction import Construction, Setting, construct
    from aifactory_iac.deploy.model import Plan, UnitPlan
    from aifactory_iac.deploy.naming import project_name, stack_name
    from aifactory_iac.deploy.offline import (
        ConstructedUnit,
        Deployment,
        construct_units,
        planned_resources,
        resources_of,
    )
    from aifactory_iac.deploy.planner import deployment_of, load_states, plan, plan_units
    from aifactory_iac.deploy.schema import plan_schema
    from aifactory_iac.deploy.sealing import moved, seal, verify_seal
    from aifactory_iac.deploy.secrets import ambient_passphrase
    from aifactory_iac.deploy.state import NEVER_APPLIED, State, read_state

_PLACES = {
    "Change": "change",
    "ConstructedUnit": "offline",
    "Construction": "construction",
    "Deployment": "offline",
    "FileBackend": "backend",
    "NEVER_APPLIED": "state",
    "Op": "change",
    "Plan": "model",
    "Setting": "construction",
    "State": "state",
    "UnitPlan": "model",
    "ambient_passphrase": "secrets",
    "construct": "construction",
    "construct_units": "offline",
    "deployment_of": "planner",
    "load_state": "backend",
    "load_states": "planner",
    "moved": "sealing",
    "plan": "planner",
    "plan_schema": "schema",
    "plan_units": "planner",
    "planned_resources": "offline",
    "project_name": "naming",
    "read_state": "state",
    "resources_of": "offline",
    "seal": "sealing",
    "stack_name": "naming",
    "verify_seal": "sealing",
}

__all__ = [
    "NEVER_APPLIED",
    "Change",
    "ConstructedUnit",
    "Construction",
    "Deployment",
    "FileBackend",
    "Op",
    "Plan",
    "Setting",
    "State",
    "UnitPlan",
    "ambient_passphrase",
    "construct",
    "construct_units",
    "deployment_of",
    "load_state",
    "load_states",
    "moved",
    "plan",
    "plan_schema",
    "plan_units",
    "planned_resources",
    "project_name",
    "read_state",
    "resources_of",
    "seal",
    "stack_name",
    "verify_seal",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_PLACES[name]}")
    return getattr(module, name)

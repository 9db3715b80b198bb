"""All routes of a controller."""

from __future__ import annotations

from aifactory_iac.lab.redfish.service import root, sessions
from aifactory_iac.lab.redfish.service.router import Router
from aifactory_iac.lab.redfish.service.systems import Systems
from aifactory_iac.lab.redfish.sushy.application import Below


def router(below: Below) -> Router:
    """The table of a fleet; `below` is sushy-tools under it."""
    return Router((*root.ROUTES, *sessions.ROUTES, *Systems(below).routes()))

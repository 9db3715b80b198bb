"""All routes of a controller."""

from __future__ import annotations

from aifactory_iac.lab.redfish.service import (
    accounts,
    bios,
    boot,
    certificates,
    chassis,
    managers,
    media,
    root,
    sessions,
    tasks,
    update,
)
from aifactory_iac.lab.redfish.service.hardware import Hardware
from aifactory_iac.lab.redfish.service.router import Router
from aifactory_iac.lab.redfish.service.systems import Systems
from aifactory_iac.lab.redfish.sushy.application import Below

_TOPICS = (
    root,
    sessions,
    accounts,
    certificates,
    managers,
    media,
    chassis,
    tasks,
    update,
    bios,
    boot,
)


def router(below: Below) -> Router:
    """The table of a fleet; `below` is sushy-tools under it."""
    return Router(
        (
            *(route for topic in _TOPICS for route in topic.ROUTES),
            *Systems(below).routes(),
            *Hardware(below).routes(),
        )
    )

"""Which system of a controller is the host, for managers that have to be told.

Our own client finds it with the controller's help (`redfish/vendor.py`); Ironic and metal3 take an
id, and where a controller has two systems a wrong one is the GPU baseboard.
"""

from __future__ import annotations

import re

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.redfish.vendor import profiles

_PROFILES = (
    (re.compile(r"dgx-(h100|h200|b200|b300)\b"), "nvidia-dgx"),
    (re.compile(r".*gb[23]00"), "nvidia-gb200"),
)
"""Vendor profile by catalog id: only where the id alone tells who built the controller."""


def host_system(intent: MachineIntent) -> str:
    """Id of the host's system; empty when only its controller can tell."""
    if intent.controller.system:
        return intent.controller.system
    for pattern, profile in _PROFILES:
        if pattern.match(intent.system):
            return next(iter(profiles()[profile].systems), "")
    return ""

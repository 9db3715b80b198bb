"""Room for sockets: a fleet has a port for each machine, and clients have several connections."""

from __future__ import annotations

import resource

from aifactory_iac.lab.redfish.spec import SpecError

_EACH = 5
"""A listening socket, and four connections, which is what a careful client opens."""
_OTHERS = 200


def make_room(machines: int) -> None:
    """Raises this process's limit of open files as far as the fleet needs.

    Raises:
        SpecError: The system's own limit is lower than one socket a machine.
    """
    wanted = machines * _EACH + _OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if most < machines + _OTHERS:
        problem = (
            f"machines: {machines} machines need {machines + _OTHERS} open files, and the limit is "
            f"{hard}; raise it (ulimit -Hn) or take fewer machines"
        )
        raise SpecError([problem])
    if most > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))

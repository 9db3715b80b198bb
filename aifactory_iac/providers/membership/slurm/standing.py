"""What a Slurm controller says of its cluster."""

from __future__ import annotations

import re

from aifactory_iac.providers.membership.drain import SchedulerError
from aifactory_iac.providers.membership.slurm.commands import Run
from aifactory_iac.providers.membership.standing import Standing

_WELL = frozenset({"idle", "mixed", "allocated", "completing", "drained", "draining", "reserved"})


async def look(run: Run, identity: str) -> Standing:
    """One look, without a write. Raises `SchedulerError`."""
    config = await run(("scontrol", "show", "config"))
    version = re.search(r"^SLURM_VERSION\s*=\s*(\S+)", config, re.MULTILINE)
    if version is None:
        raise SchedulerError("scontrol: the controller does not say its version")
    rows = (await run(("sinfo", "--noheader", "--all", "-N", "-o", "%N|%T"))).splitlines()
    states = dict(row.strip().split("|") for row in rows if "|" in row)
    return Standing(
        identity=identity,
        version=version.group(1),
        nodes=tuple(sorted(states)),
        ready=tuple(sorted(name for name, state in states.items() if state in _WELL)),
    )

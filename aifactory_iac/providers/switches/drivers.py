"""Which driver speaks to which operating system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.surroundings import Surroundings
from aifactory_iac.providers.switches import nvue
from aifactory_iac.providers.switches.driver import SwitchDriver
from aifactory_iac.providers.switches.mlnx_os import MlnxOsDriver
from aifactory_iac.providers.switches.mlnx_text import KEYS as IB_KEYS
from aifactory_iac.providers.switches.nvue import NvueDriver
from aifactory_iac.providers.switches.nvue_tree import IMPLIED, OBJECTS
from aifactory_iac.providers.switches.rest import Rest
from aifactory_iac.providers.switches.shell import Shell
from aifactory_iac.providers.switches.sonic import SonicDriver
from aifactory_iac.providers.switches.sonic_tree import TABLES
from aifactory_iac.providers.switches.trust import Reach, reach

SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class System:
    """One operating system: how it is reached, and what its configuration may declare."""

    port: int
    opened: Callable[[Reach, Surroundings], SwitchDriver]
    keys: tuple[str, ...]
    """Names that a declared configuration may have at its top."""
    factory: str
    """Pattern of the host name that a switch leaves the factory with."""
    implied: tuple[str, ...] = ()
    inside: Mapping[str, tuple[str, ...]] | None = None
    """Names that may stand under a name of the top, where those are closed too."""


def _nvue(where: Reach, around: Surroundings) -> SwitchDriver:
    return NvueDriver(Rest(where, nvue.BASE, around.clock, around.settings.pace))


def _sonic(where: Reach, around: Surroundings) -> SwitchDriver:
    return SonicDriver(Shell(where, around.clock, around.settings.pace))


def _mlnx_os(where: Reach, around: Surroundings) -> SwitchDriver:
    return MlnxOsDriver(Shell(where, around.clock, around.settings.pace))


SYSTEMS: Mapping[str, System] = {
    "nvue": System(nvue.PORT, _nvue, OBJECTS, r"cumulus\Z", IMPLIED),
    "sonic": System(
        SSH_PORT, _sonic, (*TABLES, "system"), r"sonic\Z", inside={"system": ("hostname",)}
    ),
    "mlnx-os": System(
        SSH_PORT,
        _mlnx_os,
        ("ib", "system"),
        r"switch-[0-9a-f]{6}\Z",
        inside={"ib": IB_KEYS, "system": ("hostname",)},
    ),
}


def opened(
    system: str,
    address: str,
    tls: Mapping[str, Any],
    credentials: Mapping[str, str],
    around: Surroundings,
) -> SwitchDriver:
    """A driver for a switch; nothing is connected yet. Raises `SwitchError`."""
    kind = SYSTEMS[system]
    return kind.opened(reach(address, kind.port, tls, credentials, around), around)

"""Drivers for sushy-tools whose state is our machines' own, in memory.

Its fake driver keeps systems in SQLite, settles power at random, ignores `Once`, and has no BIOS,
processors or storage. These take every value from the machine and hand every power change to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sushy_tools import error
from sushy_tools.emulator.resources.systems.fakedriver import FakeDriver

from aifactory_iac.lab.redfish.model import Part, SystemModel
from aifactory_iac.lab.redfish.plant import power
from aifactory_iac.lab.redfish.plant.state import Machine

Known = tuple[Machine, SystemModel]


@dataclass(slots=True)
class Directory:
    """All systems of all fleets in this process, by the UUID that sushy-tools knows them by."""

    systems: dict[str, Known] = field(default_factory=dict)

    def find(self, identity: str) -> Known:
        """The system. Raises sushy-tools' `NotFound`."""
        try:
            return self.systems[identity]
        except KeyError:
            raise error.NotFound(f"System {identity} was not found") from None


DIRECTORY = Directory()
"""sushy-tools has one application a process, and so one directory."""


class LabDriver(FakeDriver):  # type: ignore[misc]  # sushy-tools has no types
    """The systems driver."""

    def __init__(self) -> None:
        # FakeDriver's own constructor would open its SQLite file.
        self._systems = DIRECTORY.systems

    @property
    def systems(self) -> list[str]:
        """All identities."""
        return list(DIRECTORY.systems)

    def uuid(self, identity: str) -> str:
        """The identity itself: only we ask, and always by UUID."""
        DIRECTORY.find(identity)
        return identity

    def name(self, identity: str) -> str:
        """Id of the system on its controller."""
        return DIRECTORY.find(identity)[1].id

    def get_power_state(self, identity: str) -> str:
        """A baseboard shares the power of its host."""
        return DIRECTORY.find(identity)[0].host.power

    def set_power_state(self, identity: str, state: str) -> None:
        """Hands it to the machine, which takes its time."""
        power.reset(DIRECTORY.find(identity)[0], state)

    def get_boot_device(self, identity: str) -> str:
        """Target of the override."""
        return DIRECTORY.find(identity)[0].host.override.target

    def get_boot_mode(self, identity: str) -> str:
        """Mode of the override."""
        return DIRECTORY.find(identity)[0].host.override.mode

    def get_http_boot_uri(self, identity: str) -> str:
        """URI of an HTTP boot."""
        return DIRECTORY.find(identity)[0].host.override.http_uri

    def get_secure_boot(self, identity: str) -> bool:
        """What the next boot will have."""
        return DIRECTORY.find(identity)[0].host.secure_boot_next

    def set_secure_boot(self, identity: str, secure: bool) -> None:  # noqa: FBT001 - its signature
        """Waits for the next boot."""
        DIRECTORY.find(identity)[0].host.secure_boot_next = bool(secure)

    def get_bios(self, identity: str) -> dict[str, Any]:
        """Attributes that are in force."""
        machine, system = DIRECTORY.find(identity)
        if system.kind != "host":
            raise error.NotSupportedError("a baseboard has no BIOS")
        return machine.host.bios

    def get_versions(self, identity: str) -> dict[str, str]:
        """Version of the host's BIOS."""
        machine, system = DIRECTORY.find(identity)
        if system.kind != "host":
            return {}
        return {"BiosVersion": next(iter(machine.firmware.values())).running}

    def get_total_memory(self, identity: str) -> int:
        """GiB."""
        mib = sum(
            p.count * int(p.detail["CapacityMiB"]) for p in DIRECTORY.find(identity)[1].memory
        )
        return mib // 1024

    def get_total_cpus(self, identity: str) -> int:
        """Sockets."""
        return sum(part.count for part in cpus(DIRECTORY.find(identity)[1]))

    def get_processors(self, identity: str) -> list[dict[str, Any]]:
        """CPUs; sushy-tools knows no other processors."""
        return [
            {
                "id": name,
                "Id": name,
                "socket": name,
                "vendor": part.manufacturer,
                "model": part.model,
                "cores": part.detail["TotalCores"],
                "threads": part.detail["TotalThreads"],
            }
            for part in cpus(DIRECTORY.find(identity)[1])
            for name in part.ids()
        ]

    def get_nics(self, identity: str) -> list[dict[str, str]]:
        """Ports of the model, with the machine's addresses in order."""
        machine, system = DIRECTORY.find(identity)
        names = [name for part in system.ports for name in part.ids()]
        macs = machine.conditions.macs or machine.spec.macs
        if system.kind == "host":
            names += [f"EthernetInterface{n}" for n in range(len(names), len(macs))]
        pairs = zip(names, macs, strict=False)
        return [{"id": name, "mac": mac} for name, mac in pairs]

    def get_simple_storage_collection(self, _identity: str) -> dict[str, Any]:
        """Superseded by Storage."""
        raise error.NotSupportedError("SimpleStorage is not modelled")


def cpus(system: SystemModel) -> list[Part]:
    """The processors that are CPUs."""
    return [part for part in system.processors if part.detail.get("ProcessorType") == "CPU"]


class Indicators:
    """The indicator driver, without its SQLite file."""

    def __init__(self, *_: Any) -> None:
        """Takes what sushy-tools gives."""

    def get_indicator_state(self, identity: str) -> str:
        """`Lit`, `Blinking` or `Off`."""
        return DIRECTORY.find(identity)[0].host.indicator

    def set_indicator_state(self, identity: str, state: str) -> None:
        """Raises sushy-tools' error for any other state."""
        if state not in ("Lit", "Blinking", "Off"):
            raise error.BadRequest(f"Unknown indicator state {state}")
        DIRECTORY.find(identity)[0].host.indicator = state


class Storage:
    """Storage of a system, where sushy-tools' static driver looks it up in its configuration."""

    def __getitem__(self, identity: str) -> list[dict[str, Any]]:
        system = DIRECTORY.find(identity)[1]
        if not system.drives:
            return []
        controller = {"MemberId": "0", "Name": "NVMe controller", "SpeedGbps": 32}
        drives = [name for part in system.drives for name in part.ids()]
        return [{"Id": "1", "Name": "NVMe", "StorageControllers": [controller], "Drives": drives}]


class Drives:
    """Drives of a storage, likewise."""

    def __getitem__(self, key: tuple[str, str]) -> list[dict[str, Any]]:
        system = DIRECTORY.find(key[0])[1]
        return [
            {"Id": name, "Name": name, **part.detail}
            for part in system.drives
            for name in part.ids()
        ]

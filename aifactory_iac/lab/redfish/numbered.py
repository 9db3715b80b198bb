"""Fleets of like machines, for tests and benchmarks that need many and care for none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aifactory_iac.lab.redfish.front.tls import Authority, authority
from aifactory_iac.lab.redfish.spec import FleetSpec, Login, MachineSpec

LOGIN = Login("operator", "correct-horse-1")
"""The account that such a fleet starts with."""


def machine(number: int = 1, **differences: Any) -> MachineSpec:
    """Machine `n0001` and its like: controller 10.0.0.1, serial SN0001, two MAC addresses."""
    made = MachineSpec(
        name=f"n{number:04}",
        address=f"10.0.{number // 250}.{number % 250}",
        serial=f"SN{number:04}",
        uuid=str(uuid5(NAMESPACE_URL, f"n{number:04}")),
        macs=tuple(
            f"02:00:00:{port:02x}:{number // 256:02x}:{number % 256:02x}" for port in (0, 1)
        ),
    )
    return replace(made, **differences)


def fleet_of(
    count: int, folder: Path | None = None, *, pace: float = 0.0, **differences: Any
) -> FleetSpec:
    """So many machines; with a folder they speak TLS, signed by `lab-ca.pem` in it."""
    tls = None
    if folder is not None:
        signer: Authority = authority(folder)
        tls = signer.issue(folder, "bmc")
    machines = tuple(machine(number, **differences) for number in range(1, count + 1))
    return FleetSpec(machines, LOGIN, tls=tls, pace=pace)

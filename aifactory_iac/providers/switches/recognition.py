"""Whether the switch that answers is the one that is meant: decided before the first write."""

from __future__ import annotations

import re

from aifactory_iac.providers.switches.driver import Identity
from aifactory_iac.providers.switches.drivers import SYSTEMS
from aifactory_iac.providers.switches.errors import WrongSwitchError
from aifactory_iac.providers.switches.transaction import Recognises


def recognises(
    address: str, system: str, hostnames: tuple[str, ...], serial: str | None
) -> Recognises:
    """By its serial number, where one is known; else by its name, or that of a new switch.

    `hostnames` are the declared name and the one declared before, for a switch that is renamed.
    """

    def check(found: Identity) -> None:
        if serial and found.serial:
            if found.serial.strip().upper() != serial.strip().upper():
                raise WrongSwitchError(
                    f"{address} is a switch with serial number {found.serial}, and "
                    f"{hostnames[0]} has {serial}; if it was exchanged, declare its new `serial`"
                )
            return
        if found.hostname in hostnames or re.match(SYSTEMS[system].factory, found.hostname):
            return
        raise WrongSwitchError(
            f"{address} is a switch that calls itself {found.hostname or 'nothing'}, and not "
            f"{hostnames[0]}; if it is the right one, declare its `serial` "
            f"({found.serial or 'it does not tell'})"
        )

    return check


def recognises_serial(address: str, serial: str | None) -> Recognises:
    """By its serial number alone; the first time, any switch at the address will do."""

    def check(found: Identity) -> None:
        if serial and found.serial and found.serial != serial:
            raise WrongSwitchError(
                f"{address} is a switch with serial number {found.serial}, and the one that keeps "
                f"these partitions has {serial}"
            )

    return check

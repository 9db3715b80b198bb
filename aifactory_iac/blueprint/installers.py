"""Which installer an operating system has: its family decides, not its version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Installer = Literal["autoinstall", "kickstart", "ignition"]

FAMILIES: Mapping[str, Installer] = {
    "almalinux": "kickstart",
    "centos": "kickstart",
    "fcos": "ignition",
    "fedora-coreos": "ignition",
    "flatcar": "ignition",
    "rhel": "kickstart",
    "rocky": "kickstart",
    "ubuntu": "autoinstall",
}
"""By the text that the name of an operating system begins with."""


def installer_of(system: str) -> Installer | None:
    """The installer of an operating system such as `ubuntu-24.04`; None for an unknown family."""
    for family, installer in FAMILIES.items():
        if system == family or system.startswith((f"{family}-", f"{family}_")):
            return installer
    return None

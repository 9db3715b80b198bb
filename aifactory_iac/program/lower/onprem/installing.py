"""From what a blueprint says of an installation to what a node group's installer is told."""

from __future__ import annotations

import math
from typing import Any

from aifactory_iac.blueprint.installers import installer_of
from aifactory_iac.blueprint.model.compute import Install, Pool, RootDisk
from aifactory_iac.blueprint.quantity import Size
from aifactory_iac.program.lower.onprem.site import present

_UNITS = {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_MOST = 9_999_999
"""The provider reads sizes of seven digits; larger ones are said in a larger unit."""


def install_of(
    pool: Pool, install: Install, system: str
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """`aifactory:metal:GroupInstall` without its networks, and `aifactory:metal:RootDevice`.

    A node's own host name is filled in by the provider. Where local NVMe is to be encrypted, the
    installer binds the key of what it lays out to the machine's TPM.
    """
    kind = installer_of(system) or "autoinstall"
    document: dict[str, Any] = {
        "timezone": install.timezone,
        "users": {
            user.name: {"keys": tuple(sorted(user.keys)), "admin": user.admin}
            for user in sorted(install.users, key=lambda user: user.name)
        },
    }
    if install.ntp:
        document["ntp"] = {"servers": tuple(sorted(install.ntp))}
    if install.source is not None:
        document["source"] = install.source
    if pool.encrypt_local_nvme:
        document["storage"] = {"encrypt": {"unlock": "tpm2"}}
    root = _root(install.root) if install.root is not None else None
    return {"config": {kind: document}, **present(disks=install.disks)}, root


def _root(disk: RootDisk) -> dict[str, Any]:
    size = present(
        least=_binary(disk.at_least, down=True) if disk.at_least is not None else None,
        most=_binary(disk.at_most, down=False) if disk.at_most is not None else None,
    )
    return present(model=disk.model, serial=disk.serial, wwn=disk.wwn, size=size or None)


def _binary(size: Size, *, down: bool) -> str:
    """A bound in whole binary units; rounded outwards, so that a disk of just that size fits."""
    whole = math.floor if down else math.ceil
    counts = {unit: max(1, whole(size.base / factor)) for unit, factor in _UNITS.items()}
    unit = next((each for each, count in counts.items() if count <= _MOST), "TiB")
    return f"{counts[unit]}{unit}"

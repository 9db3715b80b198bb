"""Shell for the machine itself: which disk, may it be erased, is it the right one; calling back.

The installers' own ways to choose a disk take the first of several that fit, and none knows a
world wide name and a size alike; so one script does it for all, and stops unless exactly one fits.
"""

from __future__ import annotations

import shlex

from aifactory_iac.providers.install.identity import uuid_spellings
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.render.text import from_template
from aifactory_iac.providers.install.scalars import mebibytes
from aifactory_iac.providers.install.storage import Encryption, RootDevice

KEY_FILE = "/run/aifactory/disk.key"
"""Where the first key of encrypted disks stands, in memory, while the machine is installed."""


def call_script(
    wanted: Installation, links: Links, stages: tuple[str, ...], tries: int = 30, pause: int = 10
) -> str:
    """A shell function `call STAGE [TEXT]`; tries `tries` times, `pause` seconds apart."""
    return from_template(
        "call.sh.j2",
        digest=wanted.image.digest,
        stages=[(stage, links.stage(stage)) for stage in stages],
        tries=tries,
        pause=pause,
    )


def disk_script(
    wanted: Installation, mirror: RootDevice | None, encrypt: Encryption | None, *, failed: bool
) -> str:
    """Sets ROOT_DISK, and MIRROR_DISK when there is one, or stops before anything is erased.

    With `failed` it calls `call failed`, which must be defined before it.
    """
    machine = wanted.machine
    disks = [("ROOT_DISK", wanted.root)] + ([("MIRROR_DISK", mirror)] if mirror else [])
    return from_template(
        "disk.sh.j2",
        serial=machine.serial,
        uuids=uuid_spellings(machine.uuid) if machine.uuid else (),
        disks=[
            {"variable": variable, "tests": _tests(root), "said": _said(root)}
            for variable, root in disks
        ],
        wipe=wanted.wipe,
        key=encrypt is not None,
        failed=failed,
    )


def _tests(root: RootDevice) -> list[str]:
    found = []
    if root.name:
        found.append(f'[ "$(readlink -f {shlex.quote(root.name)})" = "/dev/$name" ]')
    if root.serial:
        found.append(f'[ "$(property "$name" SERIAL)" = {shlex.quote(root.serial)} ]')
    if root.wwn:
        plain = root.wwn.lower().removeprefix("0x")
        found.append(
            f'[ "$(property "$name" WWN | tr A-F a-f | sed s/^0x//)" = {shlex.quote(plain)} ]'
        )
    if root.model:
        pattern = "*".join(shlex.quote(piece) if piece else "" for piece in root.model.split("*"))
        found.append(f'case "$(property "$name" MODEL)" in {pattern}) ;; *) false ;; esac')
    if root.rotational is not None:
        found.append(f'[ "$(property "$name" ROTA)" = {int(root.rotational)} ]')
    if root.size and root.size.least:
        found.append(f'[ "$(property "$name" SIZE)" -ge {mebibytes(root.size.least) * 1048576} ]')
    if root.size and root.size.most:
        found.append(f'[ "$(property "$name" SIZE)" -le {mebibytes(root.size.most) * 1048576} ]')
    return found


def _said(root: RootDevice) -> str:
    """The hints in words, for the machine's console; no quotes, it stands within some."""
    hints = root.model_dump(exclude_none=True)
    size = hints.pop("size", {})
    words = [f"{name} {value}" for name, value in hints.items()]
    words += [f"at {name} {value}" for name, value in size.items()]
    return ", ".join(words) or "the only disk"

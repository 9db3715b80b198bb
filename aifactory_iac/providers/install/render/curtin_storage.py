"""A layout as curtin's list of actions, as autoinstall's `storage.config` takes it.

The disks are placeholders: an early command finds the real ones and writes them in, because
autoinstall's `match` takes the first of several that fit.
"""

from __future__ import annotations

from typing import Any

from aifactory_iac.providers.install.render.scripts import KEY_FILE
from aifactory_iac.providers.install.scalars import mebibytes
from aifactory_iac.providers.install.storage import Partition, Storage, partitions_of

ROOT_DISK = "@ROOT_DISK@"
MIRROR_DISK = "@MIRROR_DISK@"

Action = dict[str, Any]


def curtin_storage(storage: Storage) -> dict[str, Any]:
    """`storage:` of autoinstall: no swap file of its own, and every action spelled out."""
    disks = [("disk0", ROOT_DISK)] + ([("disk1", MIRROR_DISK)] if storage.mirror else [])
    actions: list[Action] = [
        {
            "type": "disk",
            "id": disk,
            "path": path,
            "ptable": "gpt",
            "wipe": "superblock-recursive",
            "preserve": False,
        }
        for disk, path in disks
    ]
    for number, (name, part) in enumerate(partitions_of(storage, "ext4").items(), 1):
        actions += _volume(storage, name, part, number, [disk for disk, _path in disks])
    return {"swap": {"size": 0}, "config": actions}


def _volume(
    storage: Storage, name: str, part: Partition, number: int, disks: list[str]
) -> list[Action]:
    """One partition on each disk, and what is stacked on it up to its mount."""
    efi = part.mount == "/boot/efi"
    actions = [_partition(name, part, number, disk) for disk in disks]
    below = actions[0]["id"]
    if efi:
        # Firmware reads no RAID: every disk has an EFI partition, the first one is mounted.
        actions += [
            {
                "type": "format",
                "id": f"{name}-{disk}-fs",
                "volume": f"{name}-{disk}",
                "fstype": "fat32",
                "preserve": False,
            }
            for disk in disks[1:]
        ]
    if len(disks) > 1 and not efi:
        actions.append(
            {
                "type": "raid",
                "id": f"{name}-raid",
                "name": f"md-{name}",
                "raidlevel": 1,
                "devices": [f"{name}-{disk}" for disk in disks],
                "preserve": False,
            }
        )
        below = f"{name}-raid"
    if storage.encrypt and part.mount not in ("/boot", "/boot/efi"):
        actions.append(
            {
                "type": "dm_crypt",
                "id": f"{name}-crypt",
                "dm_name": f"crypt-{name}",
                "volume": below,
                "keyfile": KEY_FILE,
                "preserve": False,
            }
        )
        below = f"{name}-crypt"
    if storage.layout == "lvm" and part.size == "rest":
        actions += _logical(name, below)
        below = f"{name}-lv"
    return actions + _file_system(name, part, below)


def _partition(name: str, part: Partition, number: int, disk: str) -> Action:
    action: Action = {
        "type": "partition",
        "id": f"{name}-{disk}",
        "device": disk,
        "number": number,
        "size": -1 if part.size == "rest" else mebibytes(part.size) * 1024 * 1024,
        "wipe": "superblock",
        "preserve": False,
    }
    if part.mount == "/boot/efi":
        action |= {"flag": "boot", "grub_device": True}
    return action


def _logical(name: str, below: str) -> list[Action]:
    return [
        {
            "type": "lvm_volgroup",
            "id": f"{name}-vg",
            "name": "system",
            "devices": [below],
            "preserve": False,
        },
        {
            "type": "lvm_partition",
            "id": f"{name}-lv",
            "name": name,
            "volgroup": f"{name}-vg",
            "size": -1,
            "wipe": "superblock",
            "preserve": False,
        },
    ]


def _file_system(name: str, part: Partition, below: str) -> list[Action]:
    made: Action = {
        "type": "format",
        "id": f"{name}-fs",
        "volume": below,
        "fstype": "fat32" if part.filesystem == "vfat" else part.filesystem,
        "preserve": False,
    }
    if part.label:
        made["label"] = part.label
    mounted: Action = {"type": "mount", "id": f"{name}-mount", "device": f"{name}-fs"}
    mounted["path"] = part.mount or ""
    return [made, mounted]

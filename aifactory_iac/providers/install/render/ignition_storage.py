"""The disk of an Ignition machine: root to its size, further partitions, LUKS kept by TPM or tang.

The shapes are those that Butane makes of `boot_device.luks` and `with_mount_unit`.
"""

from __future__ import annotations

from typing import Any

from aifactory_iac.providers.install.ignition import RootStorage
from aifactory_iac.providers.install.scalars import mebibytes
from aifactory_iac.providers.install.storage import Encryption, Partition

_BOOT_DISK = "/dev/disk/by-id/coreos-boot-disk"
_ROOT_NUMBER = 4
"""Number of the root partition in Fedora CoreOS's images for x86-64 and AArch64."""


def root_storage(storage: RootStorage) -> dict[str, Any]:
    """`storage:` without its files, and under `mounts` the units that mount the partitions."""
    found: dict[str, Any] = {"mounts": []}
    partitions = sorted(storage.partitions.items(), key=lambda one: (one[1].size == "rest", one[0]))
    if partitions or storage.root != "rest":
        root = {
            "label": "root",
            "number": _ROOT_NUMBER,
            "sizeMiB": _mebibytes(storage.root),
            "resize": True,
        }
        found["disks"] = [
            {
                "device": _BOOT_DISK,
                "wipeTable": False,
                "partitions": [
                    root,
                    *(
                        {"label": name, "number": 0, "sizeMiB": _mebibytes(part.size)}
                        for name, part in partitions
                    ),
                ],
            }
        ]
    volumes = [_volume(name, part, storage.encrypt) for name, part in partitions]
    luks = [crypt for crypt, _system in volumes if crypt]
    systems = [system for _crypt, system in volumes]
    if storage.encrypt:
        luks.insert(0, _luks("root", storage.encrypt))
        systems.insert(
            0,
            {
                "device": "/dev/mapper/root",
                "format": "xfs",
                "label": "root",
                "wipeFilesystem": True,
            },
        )
    if luks:
        found["luks"] = luks
    if systems:
        found["filesystems"] = systems
    found["mounts"] = [_unit(name, part, storage.encrypt) for name, part in partitions]
    return found


def _mebibytes(size: str) -> int:
    return 0 if size == "rest" else mebibytes(size)


def _device(name: str, encrypt: Encryption | None) -> str:
    return f"/dev/mapper/{name}" if encrypt else f"/dev/disk/by-partlabel/{name}"


def _volume(
    name: str, part: Partition, encrypt: Encryption | None
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    system: dict[str, Any] = {"device": _device(name, encrypt), "format": part.filesystem}
    if part.label:
        system["label"] = part.label
    if part.mount:
        system["path"] = part.mount
    return (_luks(name, encrypt) if encrypt else None), system


def _luks(name: str, encrypt: Encryption) -> dict[str, Any]:
    clevis: dict[str, Any] = {"tpm2": True}
    if encrypt.unlock == "tang":
        clevis = {
            "tang": [
                {"url": server.url, "thumbprint": server.thumbprint} for server in encrypt.tang
            ]
        }
    return {
        "name": name,
        "label": f"luks-{name}",
        "device": f"/dev/disk/by-partlabel/{name}",
        "clevis": clevis,
        "wipeVolume": True,
    }


def _unit(name: str, part: Partition, encrypt: Encryption | None) -> dict[str, Any]:
    device = _device(name, encrypt)
    if part.filesystem == "swap":
        contents = f"[Swap]\nWhat={device}\n[Install]\nRequiredBy=swap.target\n"
        return {"name": f"{_escaped(device)}.swap", "enabled": True, "contents": contents}
    contents = (
        f"[Unit]\nRequires=systemd-fsck@{_escaped(device)}.service\n"
        f"After=systemd-fsck@{_escaped(device)}.service\n"
        f"[Mount]\nWhere={part.mount}\nWhat={device}\nType={part.filesystem}\n"
        "[Install]\nRequiredBy=local-fs.target\n"
    )
    return {"name": f"{_escaped(part.mount or '')}.mount", "enabled": True, "contents": contents}


def _escaped(path: str) -> str:
    """A path as a unit's name, as `systemd-escape --path` makes it."""
    kept = "".join(
        char
        if (char.isalnum() and char.isascii()) or (char in ":_.-/" and char != "-")
        else f"\\x{ord(char):02x}"
        for char in path.strip("/")
    )
    return kept.replace("/", "-")

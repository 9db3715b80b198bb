"""An Ubuntu install as autoinstall user-data.

The installer proves the machine and its disk first, says `written` at the end, and gives the
installed system its own cloud-config, whose last command says `ready` once it is up.
"""

from __future__ import annotations

from typing import Any

from aifactory_iac.providers.install.autoinstall import Autoinstall
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.node import File
from aifactory_iac.providers.install.render.curtin_storage import (
    MIRROR_DISK,
    ROOT_DISK,
    curtin_storage,
)
from aifactory_iac.providers.install.render.netplan import netplan
from aifactory_iac.providers.install.render.scripts import KEY_FILE, call_script, disk_script
from aifactory_iac.providers.install.render.text import from_template, yaml_text
from aifactory_iac.providers.install.render.user_data import (
    cloud_config,
    grub_arguments,
    proxy_files,
    write_files,
)

READY = "/var/lib/aifactory/ready.sh"
"""Where the installed system keeps the script that says that it is up."""


def autoinstall_files(
    wanted: Installation, document: Autoinstall, links: Links
) -> dict[str, bytes]:
    """user-data, meta-data and vendor-data of a NoCloud seed."""
    body = _installer(wanted, document, links)
    return {
        "user-data": yaml_text({"autoinstall": body}, header="#cloud-config"),
        "meta-data": yaml_text({"instance-id": f"{wanted.machine.name}-installer"}),
        "vendor-data": b"#cloud-config\n{}\n",
    }


def _installer(wanted: Installation, document: Autoinstall, links: Links) -> dict[str, Any]:
    body: dict[str, Any] = {
        "version": 1,
        "refresh-installer": {"update": False},
        "locale": document.locale,
        "keyboard": document.keyboard.model_dump(exclude_none=True),
        "timezone": document.timezone,
        "source": {"id": document.source, "search_drivers": document.drivers},
        "network": netplan(document.network),
    }
    if document.proxy:
        body["proxy"] = document.proxy.http or document.proxy.https
    body["apt"] = _apt(document)
    body["storage"] = curtin_storage(document.storage)
    body["ssh"] = {"install-server": True, "allow-pw": False}
    body["kernel"] = {"flavor": document.flavor}
    body["packages"] = sorted({*document.packages, *_clevis(document)})
    if document.snaps:
        body["snaps"] = [
            {"name": name} | snap.model_dump(exclude_none=True)
            for name, snap in sorted(document.snaps.items())
        ]
    body |= {"drivers": {"install": document.drivers}, "updates": document.updates}
    early = [_bash(_prove(wanted, document, links)), *document.early]
    body["early-commands"] = early
    body["late-commands"] = [*document.late, *_finish(wanted, document, links)]
    body["error-commands"] = [*document.errors, _bash(_gave_up(wanted, links))]
    body["shutdown"] = "reboot"
    body["user-data"] = _target(wanted, document, links)
    return body


def _apt(document: Autoinstall) -> dict[str, Any]:
    found: dict[str, Any] = {"fallback": document.apt.offline, "geoip": False}
    if document.apt.mirror:
        found["mirror-selection"] = {
            "primary": [{"uri": document.apt.mirror, "arches": ["amd64", "arm64"]}]
        }
    return found


def _clevis(document: Autoinstall) -> tuple[str, ...]:
    encrypt = document.storage.encrypt
    if encrypt is None:
        return ()
    tpm = ("clevis-tpm2", "tpm2-tools") if encrypt.unlock == "tpm2" else ()
    return ("clevis", "clevis-initramfs", "clevis-luks", *tpm)


def _prove(wanted: Installation, document: Autoinstall, links: Links) -> str:
    """Finds the disks and writes them into the configuration, which is read again afterwards."""
    storage = document.storage
    script = call_script(wanted, links, ("failed",), tries=3)
    script += disk_script(wanted, storage.mirror, storage.encrypt, failed=True)
    changes = [f"s|{ROOT_DISK}|$ROOT_DISK|g"]
    changes += [f"s|{MIRROR_DISK}|$MIRROR_DISK|g"] if storage.mirror else []
    return script + f'sed -i "{"; ".join(changes)}" /autoinstall.yaml\n'


def _finish(wanted: Installation, document: Autoinstall, links: Links) -> list[str | list[str]]:
    commands: list[str | list[str]] = []
    if document.kernel:
        commands.append(_bash(_kernel_arguments(document)))
    if document.storage.encrypt:
        bind = from_template(
            "bind.sh.j2",
            key=KEY_FILE,
            unlock=document.storage.encrypt.unlock,
            tang=document.storage.encrypt.tang,
            run="curtin in-target --target=/target -- ",
            rebuild="update-initramfs -u -k all",
        )
        commands.append(_bash(bind))
    commands.append(_bash(call_script(wanted, links, ("written",)) + "call written\n"))
    return commands


def _gave_up(wanted: Installation, links: Links) -> str:
    return (
        call_script(wanted, links, ("failed",), tries=3)
        + 'call failed "$(tail -n 5 /var/log/installer/curtin-install.log 2> /dev/null '
        + '|| tail -n 5 /var/log/installer/subiquity-server-debug.log)"\n'
    )


def _target(wanted: Installation, document: Autoinstall, links: Links) -> dict[str, Any]:
    ready = call_script(wanted, links, ("ready",)) + 'call ready\nrm -f "$0"\n'
    files = dict(document.files) | proxy_files(document)
    script = {
        READY: File.model_construct(text=f"#!/bin/sh\n{ready}", mode="0700", owner="root:root")
    }
    return cloud_config(document, wanted.machine.name) | {
        "write_files": write_files(files | script),
        "runcmd": [["sh", READY]],
    }


def _kernel_arguments(document: Autoinstall) -> str:
    """Writes them where GRUB of the installed system looks, and makes its menu anew."""
    lines = []
    for path, file in grub_arguments(document.kernel).items():
        lines += [f"cat > /target{path} << 'AIFACTORY'", file.text.rstrip("\n"), "AIFACTORY"]
    return "\n".join([*lines, "curtin in-target --target=/target -- update-grub", ""])


def _bash(script: str) -> list[str]:
    """One command for a list of commands, the script as it is."""
    return ["sh", "-c", script]

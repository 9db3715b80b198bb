"""Ignition documents: one for the live system that writes the disk, one for the installed one."""

from __future__ import annotations

import base64
from typing import Any

from aifactory_iac.providers.install.ignition import Ignition
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.node import File
from aifactory_iac.providers.install.render.ignition_storage import root_storage
from aifactory_iac.providers.install.render.network_manager import keyfiles
from aifactory_iac.providers.install.render.scripts import call_script, disk_script
from aifactory_iac.providers.install.render.text import json_text
from aifactory_iac.providers.install.render.units import READY_SCRIPT, READY_UNIT, ready_unit
from aifactory_iac.providers.install.render.user_data import proxy_files

_INSTALL_UNIT = """[Unit]
Description=Writes the disk of this machine
Wants=network-online.target
After=network-online.target
[Service]
Type=oneshot
ExecStart=/bin/sh /etc/aifactory/install.sh
StandardOutput=journal+console
[Install]
WantedBy=multi-user.target
"""


def ignition_files(wanted: Installation, document: Ignition, links: Links) -> dict[str, bytes]:
    """`live.ign` for the system that is booted from the network, `config.ign` for the disk."""
    installed = json_text(_installed(wanted, document, links))
    install = call_script(wanted, links, ("written", "failed"), tries=3)
    install += disk_script(wanted, None, None, failed=True)
    install += (
        'coreos-installer install "$ROOT_DISK" --offline --ignition-file /etc/aifactory/config.ign '
        '|| fail "coreos-installer could not write $ROOT_DISK"\n'
        "call written\n"
        "systemctl --no-block reboot\n"
    )
    live = {
        "ignition": {"version": document.version},
        "storage": {
            "files": [
                _file("/etc/aifactory/config.ign", installed.decode(), 0o600),
                _file("/etc/aifactory/install.sh", install, 0o700),
            ]
        },
        "systemd": {
            "units": [
                {"name": "aifactory-install.service", "enabled": True, "contents": _INSTALL_UNIT}
            ]
        },
    }
    return {"live.ign": json_text(live), "config.ign": installed}


def _installed(wanted: Installation, document: Ignition, links: Links) -> dict[str, Any]:
    storage = root_storage(document.storage)
    units = [_unit(name, unit) for name, unit in sorted(document.units.items())]
    mounts = storage.pop("mounts")
    ready = {"name": READY_UNIT, "enabled": True, "contents": ready_unit()}
    found: dict[str, Any] = {
        "ignition": {"version": document.version},
        "passwd": {"users": [_user(name, user) for name, user in sorted(document.users.items())]},
        "storage": storage
        | {
            "files": _files(wanted, document, links),
            "links": [
                {
                    "path": "/etc/localtime",
                    "target": f"../usr/share/zoneinfo/{document.timezone}",
                    "overwrite": True,
                }
            ],
        },
        "systemd": {"units": [*units, *mounts, ready]},
    }
    encrypt = document.storage.encrypt
    # A tang server is asked before the root file system is there, so the network must be up.
    early = ["rd.neednet=1"] if encrypt is not None and encrypt.unlock == "tang" else []
    arguments = list(dict.fromkeys([*document.kernel, *early]))
    if arguments:
        found["kernelArguments"] = {"shouldExist": arguments}
    return found


def _user(name: str, user: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "shell": user.shell}
    groups = sorted({*user.groups, *(["sudo"] if user.admin else [])})
    if groups:
        found["groups"] = groups
    if user.comment:
        found["gecos"] = user.comment
    if user.keys:
        found["sshAuthorizedKeys"] = list(user.keys)
    return found


def _unit(name: str, unit: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name}
    if unit.enabled is not None:
        found["enabled"] = unit.enabled
    if unit.masked:
        found["mask"] = True
    if unit.text is not None:
        found["contents"] = unit.text
    return found


def _files(wanted: Installation, document: Ignition, links: Links) -> list[dict[str, Any]]:
    files = dict(document.files) | proxy_files(document)
    fqdn = ".".join(filter(None, (wanted.machine.name, document.domain)))
    files["/etc/hostname"] = File(text=f"{fqdn}\n")
    files["/etc/ssh/sshd_config.d/10-aifactory.conf"] = File(
        text="PasswordAuthentication no\nPermitRootLogin no\n", mode="0600"
    )
    admins = [name for name, user in sorted(document.users.items()) if user.admin]
    if admins:
        text = "".join(f"{name} ALL=(ALL) NOPASSWD:ALL\n" for name in admins)
        files["/etc/sudoers.d/60-aifactory"] = File(text=text, mode="0440")
    if document.ntp:
        servers = [f"server {name} iburst" for name in list(document.ntp.servers)]
        pools = [f"pool {name} iburst" for name in list(document.ntp.pools)]
        rest = ["driftfile /var/lib/chrony/drift", "makestep 1.0 3", "rtcsync"]
        files["/etc/chrony.conf"] = File(text="\n".join([*servers, *pools, *rest, ""]))
    for number, certificate in enumerate(document.trust):
        files[f"/etc/pki/ca-trust/source/anchors/aifactory-{number}.pem"] = File(text=certificate)
    placed = [
        _file(path, file.text, int(file.mode, 8), file.owner)
        for path, file in sorted(files.items())
    ]
    for path, text in keyfiles(document.network).items():
        placed.append(_file(path, text, 0o600 if path.endswith(".nmconnection") else 0o644))
    script = "#!/bin/sh\n" + call_script(wanted, links, ("ready",)) + "call ready\n"
    return [*placed, _file(READY_SCRIPT, script, 0o700)]


def _file(path: str, text: str, mode: int, owner: str = "root:root") -> dict[str, Any]:
    """A file whose content is in the document itself, so that nothing further is fetched."""
    encoded = base64.b64encode(text.encode()).decode()
    found: dict[str, Any] = {
        "path": path,
        "mode": mode,
        "overwrite": True,
        "contents": {"source": f"data:;base64,{encoded}"},
    }
    user, _, group = owner.partition(":")
    if owner != "root:root":
        found |= {"user": {"name": user}} | ({"group": {"name": group}} if group else {})
    return found

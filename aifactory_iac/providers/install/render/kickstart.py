"""A kickstart file for the RHEL 9 family.

Before disks are looked at, a script proves the machine and its disk and writes the partitioning
that `%include` takes in; so neither the disk's name nor a passphrase stands in the file.
"""

from __future__ import annotations

import base64
from typing import Any

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.kickstart import Kickstart
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.node import File
from aifactory_iac.providers.install.render.network_manager import keyfiles
from aifactory_iac.providers.install.render.scripts import KEY_FILE, call_script, disk_script
from aifactory_iac.providers.install.render.text import from_template
from aifactory_iac.providers.install.render.units import READY_SCRIPT, READY_UNIT, ready_unit
from aifactory_iac.providers.install.render.user_data import proxy_files
from aifactory_iac.providers.install.scalars import mebibytes
from aifactory_iac.providers.install.storage import Partition, partitions_of


def kickstart_files(wanted: Installation, document: Kickstart, links: Links) -> dict[str, bytes]:
    """`ks.cfg`, the name that Anaconda looks for on a volume labelled OEMDRV."""
    storage = document.storage
    text = from_template(
        "kickstart.cfg.j2",
        document=document,
        hostname=".".join(filter(None, (wanted.machine.name, document.domain))),
        servers=list(document.ntp.servers) if document.ntp else [],
        pools=list(document.ntp.pools) if document.ntp else [],
        proxy=(document.proxy.http or document.proxy.https) if document.proxy else None,
        packages=sorted({*document.packages, *_clevis(document)}),
        exclude=list(document.exclude),
        keys=[
            (name, key) for name, user in sorted(document.users.items()) for key in list(user.keys)
        ],
        pre=call_script(wanted, links, ("failed",), tries=3)
        + disk_script(wanted, storage.mirror, storage.encrypt, failed=True),
        partitioning=_partitioning(document),
        files=[
            _placed(path, file) for path, file in sorted(_files(wanted, document, links).items())
        ],
        bind=_bind(document),
        written=call_script(wanted, links, ("written",)) + "call written\n",
        failed=call_script(wanted, links, ("failed",), tries=3),
        ready_unit=READY_UNIT,
    )
    return {"ks.cfg": text.encode()}


def _clevis(document: Kickstart) -> tuple[str, ...]:
    return ("clevis-dracut", "clevis-luks", "tpm2-tools") if document.storage.encrypt else ()


def _bind(document: Kickstart) -> str:
    encrypt = document.storage.encrypt
    if encrypt is None:
        return ""
    return from_template(
        "bind.sh.j2",
        key=KEY_FILE,
        unlock=encrypt.unlock,
        tang=encrypt.tang,
        run="",
        rebuild="dracut --force --regenerate-all",
    )


def _partitioning(document: Kickstart) -> list[str]:
    """Lines for `%include`, in a shell here-document in which $ROOT and $MIRROR are known."""
    storage = document.storage
    disks = ["$ROOT"] + (["$MIRROR"] if storage.mirror else [])
    arguments = f' --append="{" ".join(document.kernel)}"' if document.kernel else ""
    lines = [
        f"ignoredisk --only-use={','.join(disks)}",
        "zerombr",
        f"clearpart --all --initlabel --disklabel=gpt --drives={','.join(disks)}",
        f"bootloader --boot-drive=$ROOT{arguments}",
    ]
    for name, part in partitions_of(storage, "xfs").items():
        lines += _volume(document, name, part, disks)
    return lines


def _volume(document: Kickstart, name: str, part: Partition, disks: list[str]) -> list[str]:
    storage = document.storage
    lvm = storage.layout == "lvm" and part.size == "rest"
    size = "--size=1024 --grow" if part.size == "rest" else f"--size={mebibytes(part.size)}"
    where = f"pv.{name}" if lvm else part.mount or "swap"
    kind = "" if lvm else f" --fstype={_type(part)}"
    label = f" --label={part.label}" if part.label and not lvm else ""
    sealed = ""
    if storage.encrypt and part.mount not in ("/boot", "/boot/efi"):
        sealed = ' --encrypted --luks-version=luks2 --passphrase="$KEY"'
    lines = []
    if len(disks) == 1:
        lines.append(f"part {where}{kind} {size} --ondisk={disks[0]}{label}{sealed}")
    else:
        members = [f"raid.{name}{i}" for i, _disk in enumerate(disks)]
        lines += [
            f"part {member} {size} --ondisk={disk}"
            for member, disk in zip(members, disks, strict=True)
        ]
        lines.append(
            f"raid {where} --device={name} --level=1{kind}{label}{sealed} {' '.join(members)}"
        )
    if lvm:
        lines += [
            f"volgroup system {where}",
            f"logvol / --vgname=system --name={name} --fstype={_type(part)} --size=1024 --grow",
        ]
    return lines


def _type(part: Partition) -> str:
    return "efi" if part.mount == "/boot/efi" else part.filesystem


def _files(wanted: Installation, document: Kickstart, links: Links) -> dict[str, File]:
    found = dict(document.files) | proxy_files(document)
    for path, text in keyfiles(document.network).items():
        mode = "0600" if path.endswith(".nmconnection") else "0644"
        found[path] = File.model_construct(text=text, mode=mode, owner="root:root")
    for name, user in sorted(document.users.items()):
        if user.admin:
            found[f"/etc/sudoers.d/{name}"] = File(
                text=f"{name} ALL=(ALL) NOPASSWD:ALL\n", mode="0440"
            )
    for number, certificate in enumerate(document.trust):
        found[f"/etc/pki/ca-trust/source/anchors/aifactory-{number}.pem"] = File(text=certificate)
    found["/etc/ssh/sshd_config.d/10-aifactory.conf"] = File(
        text="PasswordAuthentication no\nPermitRootLogin no\n", mode="0600"
    )
    script = "#!/bin/sh\n" + call_script(wanted, links, ("ready",)) + "call ready\n"
    found[READY_SCRIPT] = File.model_construct(text=script, mode="0700", owner="root:root")
    found[f"/etc/systemd/system/{READY_UNIT}"] = File(text=ready_unit())
    return found


def _placed(path: str, file: File) -> dict[str, Any]:
    """A file as the template places it: in base64, as a line of it could end the section."""
    return {
        "path": path,
        "folder": path.rpartition("/")[0] or "/",
        "content": base64.b64encode(file.text.encode()).decode(),
        "mode": file.mode,
        "owner": file.owner,
    }

"""metal3's documents, as `metal3.io/v1alpha1` has them.

Where metal3 would do more than was asked, the document says no: it cleans disks by default, and it
reboots a machine to inspect it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ruamel.yaml import YAML

from aifactory_iac.providers.backends.export.subject import (
    Exported,
    Subject,
    Wanted,
    approved,
    labels,
    secret_note,
)
from aifactory_iac.providers.backends.host_system import host_system
from aifactory_iac.providers.backends.ironic.wishes import undeployable
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.render import rendered
from aifactory_iac.providers.install.render.text import yaml_text
from aifactory_iac.providers.install.scalars import mebibytes
from aifactory_iac.providers.machine.intent import Attribute, MachineIntent
from aifactory_iac.providers.resource import Failure

VERSION = "metal3.io/v1alpha1"

_FORMATS = {".qcow2": "qcow2", ".raw": "raw", ".img": "raw", ".vmdk": "vmdk", ".vdi": "vdi"}


def metal3(subject: Subject, wanted: Wanted) -> Exported:
    """The objects of one machine, or everything that keeps it from being one of metal3's."""
    intent = subject.intent
    failures = tuple(_failures(subject))
    if failures:
        return Exported(failures=failures)
    secret = f"{subject.name}-bmc"
    documents: list[Mapping[str, Any]] = [_host(subject, wanted, secret)]
    notes = [secret_note(subject, secret, wanted.namespace)]
    if intent.bios:
        settings = {name: _setting(value) for name, value in sorted(intent.bios.items())}
        documents.append(_object(subject, wanted, "HostFirmwareSettings", {"settings": settings}))
    if intent.firmware:
        updates = [
            {"component": _component(each.name), "url": each.url} for each in intent.firmware
        ]
        documents.append(_object(subject, wanted, "HostFirmwareComponents", {"updates": updates}))
        notes.append(
            f"HostFirmwareComponents {subject.name}: metal3 does not measure packages; the digests "
            "are "
            + ", ".join(f"{each.name} {each.digest or 'not given'}" for each in intent.firmware)
        )
    if intent.install is not None:
        documents.append(_user_data(subject, wanted, intent.install))
    return Exported(tuple(documents), notes=tuple(notes))


def _host(subject: Subject, wanted: Wanted, secret: str) -> dict[str, Any]:
    intent = subject.intent
    spec: dict[str, Any] = {
        "online": intent.power != "Off",
        "bootMACAddress": subject.boot_mac,
        "bootMode": "UEFISecureBoot" if intent.secure_boot else "UEFI",
        "bmc": _bmc(intent, secret),
        "automatedCleaningMode": "metadata" if _wipes(intent, wanted.now) else "disabled",
    }
    if intent.install is None or intent.owner != "managed":
        # An inspection by agent reboots the machine; somebody's work may run on it.
        spec |= {"externallyProvisioned": True, "inspectionMode": "disabled"}
    else:
        spec["image"] = _image(intent.install)
        hints = _hints(intent.install)
        spec |= {"rootDeviceHints": hints} if hints else {}
        spec["userData"] = {"name": f"{subject.name}-user-data", "namespace": wanted.namespace}
    return _object(subject, wanted, "BareMetalHost", spec)


def _bmc(intent: MachineIntent, secret: str) -> dict[str, Any]:
    controller = intent.controller
    found: dict[str, Any] = {
        "address": (
            f"redfish-virtualmedia+https://{controller.address}"
            f"/redfish/v1/Systems/{host_system(intent)}"
        ),
        "credentialsName": secret,
    }
    if controller.trust == "insecure":
        found["disableCertificateVerification"] = True
    return found


def _image(install: Installation) -> dict[str, Any]:
    form = _format(install)
    if form == "live-iso":
        return {"url": install.image.url, "format": form}
    return {
        "url": install.image.url,
        "checksum": install.image.digest.removeprefix("sha256:"),
        "checksumType": "sha256",
        "format": form,
    }


def _hints(install: Installation) -> dict[str, Any]:
    root = install.root
    least = mebibytes(root.size.least) if root.size and root.size.least else None
    found: dict[str, Any] = {
        "deviceName": root.name,
        "model": root.model.strip("*") if root.model else None,
        "serialNumber": root.serial,
        "wwn": root.wwn,
        "rotational": root.rotational,
        "minSizeGigabytes": least // 1024 if least else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _user_data(subject: Subject, wanted: Wanted, install: Installation) -> dict[str, Any]:
    """cloud-config or Ignition without a call-back: the machine is metal3's to watch."""
    files = rendered(install, Links("https://provisioning.invalid", "none"))
    if install.config.kind == "ignition":
        text = files["config.ign"].decode()
    else:
        found = YAML(typ="safe").load(files["user-data"].decode())
        found["runcmd"] = found["runcmd"][:-1]  # the last one calls back
        text = yaml_text(found, header="#cloud-config").decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": f"{subject.name}-user-data",
            "namespace": wanted.namespace,
            "labels": labels(subject),
        },
        "stringData": {"userData": text},
    }


def _object(subject: Subject, wanted: Wanted, kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": VERSION,
        "kind": kind,
        "metadata": {
            "name": subject.name,
            "namespace": wanted.namespace,
            "labels": labels(subject),
        },
        "spec": dict(spec),
    }


def _failures(subject: Subject) -> Iterator[Failure]:
    intent, at = subject.intent, subject.at
    if not subject.boot_mac:
        yield Failure(
            f"{at}.macs", "are not known, and metal3 knows a machine by one: adopt it first"
        )
    if not host_system(intent):
        yield Failure(
            f"{at}.bmc.system", "is not given, and a BMC may have several: name the host's system"
        )
    if intent.controller.credentials is None:
        yield Failure(f"{at}.bmc.credentials", "are required: a reference {store, path}")
    if intent.controller.trust == "pinned":
        yield Failure(f"{at}.bmc.tls", "metal3 pins no certificate: use `site-ca` or `system-ca`")
    for component in intent.firmware:
        if not _component(component.name):
            yield Failure(
                f"{at}.firmware.{component.name}", "metal3 updates only BIOS, BMC and network cards"
            )
        if not component.url:
            yield Failure(f"{at}.firmware.{component.name}.url", "is required by metal3")
    if intent.install is not None:
        yield from _install_failures(intent.install, f"{at}.install")


def _install_failures(install: Installation, at: str) -> Iterator[Failure]:
    for reason in undeployable(install):
        yield Failure(f"{at}.config", reason)
    if not _format(install):
        yield Failure(
            f"{at}.image.url",
            f"`{install.image.filename}` is none of .iso, {', '.join(_FORMATS)}: metal3 must know "
            "how to read it",
        )
    if "*" in (install.root.model or "").strip("*"):
        yield Failure(f"{at}.root.model", "has `*` within: metal3 looks for one piece of it")


def _wipes(intent: MachineIntent, now: float) -> bool:
    install = intent.install
    return install is not None and install.wipe != "never" and approved(intent, "wipe", now)


def _format(install: Installation) -> str:
    name = install.image.filename.lower()
    if name.endswith(".iso"):
        return "live-iso"
    return next((form for end, form in _FORMATS.items() if name.endswith(end)), "")


def _component(name: str) -> str:
    """metal3's name of a component; empty when it has none."""
    plain = name.lower()
    if "bios" in plain:
        return "bios"
    if plain.startswith("nic:"):
        return name
    return "bmc" if "bmc" in plain else ""


def _setting(value: Attribute) -> str | int:
    return str(value).lower() if isinstance(value, bool) else value

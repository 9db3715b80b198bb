"""tinkerbell's documents: `tinkerbell.org/v1alpha1` and `bmc.tinkerbell.org/v1alpha1`.

A Workflow writes an image over a disk as soon as it is applied: it is written only where somebody
approved an install, and `allowWorkflow` is false everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.backends.export.subject import (
    Exported,
    Subject,
    Wanted,
    approved,
    labels,
    secret_note,
)
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.render.text import yaml_text
from aifactory_iac.providers.resource import Failure

VERSION = "tinkerbell.org/v1alpha1"
BMC_VERSION = "bmc.tinkerbell.org/v1alpha1"
ACTION = "image2disk"
"""tinkerbell's action that writes an image to a disk; which container that is, is for the site."""


def tinkerbell(subject: Subject, wanted: Wanted) -> Exported:
    """The objects of one machine, or everything that keeps it from being one of tinkerbell's."""
    failures = tuple(_failures(subject, wanted))
    if failures:
        return Exported(failures=failures)
    intent = subject.intent
    installing = intent.install is not None and approved(intent, "install", wanted.now)
    secret = f"{subject.name}-bmc"
    documents = [
        _hardware(subject, wanted, installing=installing),
        _machine(subject, wanted, secret),
    ]
    notes = [secret_note(subject, secret, wanted.namespace)]
    if intent.install is not None:
        documents.append(_template(subject, wanted, intent.install))
        notes.append(
            f"Template {subject.name}: {ACTION} does not measure images; that of {subject.name} is "
            f"{intent.install.image.digest}. Name the action's container by digest"
        )
        if installing:
            documents.append(_workflow(subject, wanted))
        else:
            notes.append(
                f"{subject.name} has no Workflow: it would write over the disk at once, and nobody "
                "approved `install`"
            )
    return Exported(tuple(documents), notes=tuple(notes))


def _hardware(subject: Subject, wanted: Wanted, *, installing: bool) -> dict[str, Any]:
    intent = subject.intent
    dhcp: dict[str, Any] = {
        "arch": "x86_64",
        "hostname": subject.name,
        "ip": {"address": subject.address, "netmask": wanted.netmask(subject.address)},
        "mac": subject.boot_mac,
        "uefi": True,
    }
    spec: dict[str, Any] = {
        "bmcRef": {"apiGroup": "bmc.tinkerbell.org", "kind": "Machine", "name": subject.name},
        "interfaces": [
            {"dhcp": dhcp, "netboot": {"allowPXE": installing, "allowWorkflow": installing}}
        ],
        "metadata": {"instance": {"hostname": subject.name, "id": _instance(subject)}},
    }
    root = intent.install.root if intent.install is not None else None
    if root is not None and root.name:
        spec["disks"] = [{"device": root.name}]
    return _object(subject, wanted, VERSION, "Hardware", spec)


def _machine(subject: Subject, wanted: Wanted, secret: str) -> dict[str, Any]:
    controller = subject.intent.controller
    connection = {
        "host": controller.address,
        "authSecretRef": {"name": secret, "namespace": wanted.namespace},
        "insecureTLS": controller.trust == "insecure",
        "providerOptions": {"redfish": {"port": 443, "useBasicAuth": False}},
    }
    return _object(subject, wanted, BMC_VERSION, "Machine", {"connection": connection})


def _template(subject: Subject, wanted: Wanted, install: Installation) -> dict[str, Any]:
    data = {
        "version": "0.1",
        "name": subject.name,
        "global_timeout": install.callback.minutes * 60,
        "tasks": [
            {
                "name": f"install {install.image.os}",
                "worker": "{{.device_1}}",
                "actions": [
                    {
                        "name": "write the image",
                        "image": ACTION,
                        "timeout": install.callback.minutes * 60,
                        "environment": {
                            "IMG_URL": install.image.url,
                            "DEST_DISK": install.root.name,
                        },
                    }
                ],
            }
        ],
    }
    return _object(subject, wanted, VERSION, "Template", {"data": yaml_text(data).decode()})


def _workflow(subject: Subject, wanted: Wanted) -> dict[str, Any]:
    spec = {
        "hardwareRef": subject.name,
        "templateRef": subject.name,
        "hardwareMap": {"device_1": subject.boot_mac},
    }
    return _object(subject, wanted, VERSION, "Workflow", spec)


def _object(
    subject: Subject, wanted: Wanted, version: str, kind: str, spec: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": {
            "name": subject.name,
            "namespace": wanted.namespace,
            "labels": labels(subject),
        },
        "spec": dict(spec),
    }


def _instance(subject: Subject) -> str:
    identity = subject.intent.identity
    return identity.uuid or identity.serial or subject.boot_mac


def _failures(subject: Subject, wanted: Wanted) -> Iterator[Failure]:
    intent, at = subject.intent, subject.at
    if not subject.boot_mac:
        yield Failure(
            f"{at}.macs", "are not known, and tinkerbell knows a machine by one: adopt it first"
        )
    if not subject.address:
        yield Failure(f"{at}.address", "is required: tinkerbell gives it to the machine")
    elif not wanted.netmask(subject.address):
        yield Failure(f"{at}.address", f"{subject.address} is in none of the networks given")
    if intent.controller.credentials is None:
        yield Failure(f"{at}.bmc.credentials", "are required: a reference {store, path}")
    if intent.controller.trust == "pinned":
        yield Failure(f"{at}.bmc.tls", "tinkerbell pins no certificate: use `system-ca`")
    if intent.bios:
        yield Failure(f"{at}.bios", "tinkerbell sets no BIOS attributes")
    if intent.firmware:
        yield Failure(f"{at}.firmware", "tinkerbell brings no firmware")
    if intent.install is not None:
        yield from _install_failures(intent.install, f"{at}.install")


def _install_failures(install: Installation, at: str) -> Iterator[Failure]:
    if install.image.filename.lower().endswith(".iso"):
        yield Failure(f"{at}.image.url", f"{ACTION} writes disk images, and this is an ISO")
    if not install.root.name:
        yield Failure(
            f"{at}.root.name", f"is required: {ACTION} takes a device, best one of /dev/disk/by-id"
        )

"""warewulf's `nodes.conf`, in the shape of version 4.6.

Texts stand in quotes where warewulf keeps texts, also for yes and no. Nothing that opens a BMC is
written: warewulf gives the password to ipmitool on its command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.backends.export.subject import Exported, Subject, Wanted
from aifactory_iac.providers.install.render.text import yaml_text
from aifactory_iac.providers.resource import Failure


def warewulf(subject: Subject, wanted: Wanted) -> Exported:
    """The entry of one node, or everything that keeps it from being one."""
    failures = tuple(_failures(subject))
    if failures:
        return Exported(failures=failures)
    note = (
        f"{subject.name}: `ipmi` has neither user nor password; warewulf would hand the password "
        "to ipmitool on its command line, where every process can read it"
    )
    return Exported((_node(subject, wanted),), notes=(note,))


def nodes_conf(subjects: Sequence[Subject], nodes: Sequence[Mapping[str, Any]]) -> bytes:
    """The file of all nodes, with a profile for each pool. Equal machines give equal bytes."""
    pools = sorted({subject.pool for subject in subjects if subject.pool})
    document = {
        "nodeprofiles": {
            "default": {"comment": "All nodes; image, overlays and kernel are yours to set"},
            **{
                pool: {"comment": f"Nodes of the pool {pool}", "cluster name": pool}
                for pool in pools
            },
        },
        "nodes": {
            subject.name: dict(node)
            for subject, node in sorted(
                zip(subjects, nodes, strict=True), key=lambda pair: pair[0].name
            )
        },
    }
    return yaml_text(document)


def _node(subject: Subject, wanted: Wanted) -> dict[str, Any]:
    intent = subject.intent
    device: dict[str, Any] = {
        "type": "ethernet",
        "onboot": "true",
        "hwaddr": subject.boot_mac,
        "ipaddr": subject.address,
    }
    netmask = wanted.netmask(subject.address)
    if netmask:
        device["netmask"] = netmask
    tags = {
        "rack": intent.place.rack,
        "unit": str(intent.place.unit) if intent.place.unit else "",
        "site": subject.site,
        "uuid": intent.identity.uuid,
    }
    node: dict[str, Any] = {"profiles": ["default", *([subject.pool] if subject.pool else [])]}
    if intent.identity.serial:
        node["asset key"] = intent.identity.serial
    return node | {
        # A discoverable node takes the next unknown card that boots for itself.
        "discoverable": "false",
        "ipmi": {"ipaddr": intent.controller.address, "interface": "lanplus", "write": "false"},
        "network devices": {"default": device},
        "primary network": "default",
        "tags": {name: value for name, value in tags.items() if value},
    }


def _failures(subject: Subject) -> Iterator[Failure]:
    if not subject.boot_mac:
        yield Failure(
            f"{subject.at}.macs", "are not known, and warewulf knows a node by one: adopt it first"
        )
    if not subject.address:
        yield Failure(f"{subject.at}.address", "is required: warewulf gives it to the node")

"""What is exported of one machine, and what each of its documents came to."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.resource import Failure

Documents = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One machine: its intent, its address as a host, and the card that it boots from."""

    intent: MachineIntent
    address: str = ""
    boot_mac: str = ""
    pool: str = ""
    site: str = ""

    @property
    def name(self) -> str:
        """Its host name."""
        return self.intent.name

    @property
    def at(self) -> str:
        """Property path that findings about it begin with."""
        return f"machines.{self.intent.name}"


@dataclass(frozen=True, slots=True)
class Exported:
    """Documents of one machine; `notes` say what people have to do beside."""

    documents: Documents = ()
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What holds for all machines of an export.

    `namespace` is that of Kubernetes objects; `networks` are subnets as CIDR, of which a host's
    address takes its netmask; `now` decides whether an approval still holds, in seconds since the
    epoch.
    """

    namespace: str = "metal"
    networks: Sequence[str] = field(default_factory=tuple)
    now: float = 0.0

    def netmask(self, address: str) -> str:
        """Netmask of the smallest subnet that an address is in; empty when it is in none."""
        here = ipaddress.ip_address(address)
        found = [
            network
            for each in self.networks
            if (network := ipaddress.ip_network(each)).version == here.version and here in network
        ]
        return str(max(found, key=lambda each: each.prefixlen).netmask) if found else ""


def approved(intent: MachineIntent, action: str, now: float) -> bool:
    """Whether somebody allowed it, and still does."""
    return intent.approval is not None and intent.approval.allows(action, now)


def labels(subject: Subject) -> dict[str, str]:
    """Labels of every Kubernetes object of a machine; what is not known is left out."""
    place = subject.intent.place
    found = {
        "aifactory.dev/site": subject.site,
        "aifactory.dev/pool": subject.pool,
        "aifactory.dev/rack": place.rack,
        "aifactory.dev/breaker": place.breaker,
    }
    return {name: value for name, value in found.items() if value}


def secret_note(subject: Subject, name: str, namespace: str) -> str:
    """What belongs into the Secret that a document names."""
    reference = subject.intent.controller.credentials or {}
    where = f"{reference.get('store')}:{reference.get('path')}"
    return f"Secret {namespace}/{name}: `username` and `password` of the BMC, which are in {where}"

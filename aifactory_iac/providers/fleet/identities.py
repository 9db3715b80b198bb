"""Two machines that say that they are the same one: neither is touched until somebody looks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from aifactory_iac.providers.machine.identity import Identity


def shared(identities: Mapping[str, Identity]) -> Mapping[str, str]:
    """By machine: what it has in common with which others; machines that are unique are not in it.

    One serial number twice is a copied configuration, a swapped cable or a controller that answers
    for two addresses: a write would go to another machine than the one that is meant.
    """
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in sorted(identities):
        for mark in set(_marks(identities[name])):
            owners[mark].append(name)
    found: dict[str, list[str]] = defaultdict(list)
    for (kind, value), names in sorted(owners.items()):
        for name in names if len(names) > 1 else ():
            others = ", ".join(other for other in names if other != name)
            found[name].append(f"{kind} {value} is also that of {others}")
    return {name: "; ".join(reasons) for name, reasons in sorted(found.items())}


def _marks(identity: Identity) -> Iterator[tuple[str, str]]:
    if identity.serial:
        yield "serial", identity.serial
    if identity.uuid:
        yield "UUID", identity.uuid
    for mac in identity.macs:
        yield "MAC address", mac

"""Everything that is wrong with the inputs of a node group, at once and by property path.

What a preview does not know yet is not judged. Two machines with one address, serial number, UUID
or MAC address are found here as far as they are declared, and before the first write as far as they
are only seen.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.scalars import mac_address
from aifactory_iac.providers.resource import UNKNOWN, Failure, Properties
from aifactory_iac.providers.resources.group_limits import limit_failures
from aifactory_iac.providers.resources.group_wishes import wish_failures

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def normal(inputs: Properties) -> dict[str, Any]:
    """The inputs as they are compared: lists without an order sorted, spellings all alike."""
    found = dict(inputs)
    machines = found.get("machines")
    if isinstance(machines, Mapping):
        found["machines"] = {name: _normal(machines[name]) for name in sorted(machines)}
    firmware = found.get("firmware")
    if isinstance(firmware, Sequence):
        found["firmware"] = [_with_sorted(each, "allowed") for each in firmware]
    if isinstance(found.get("approval"), Mapping):
        found["approval"] = _with_sorted(found["approval"], "by", "actions", "serials")
    if isinstance(found.get("install"), Mapping):
        found["install"] = _with_sorted(found["install"], "networks")
    return found


def failures_of(inputs: Properties) -> tuple[Failure, ...]:
    """All that is wrong, sorted by where."""
    found = [
        *_machine_failures(inputs),
        *_controller_failures(inputs),
        *limit_failures(inputs),
        *wish_failures(inputs),
    ]
    return tuple(sorted(found, key=lambda each: (each.property, each.reason)))


def _normal(machine: Any) -> Any:
    if not isinstance(machine, Mapping):
        return machine
    found = dict(machine)
    for key in ("serial", "uuid"):
        if isinstance(found.get(key), str):
            found[key] = found[key].strip()
    if isinstance(found.get("uuid"), str):
        found["uuid"] = found["uuid"].lower()
    if isinstance(found.get("fingerprint"), str):
        found["fingerprint"] = (
            found["fingerprint"].removeprefix("sha256:").replace(":", "").strip().lower()
        )
    macs = found.get("macs")
    if isinstance(macs, list | tuple) and UNKNOWN not in macs:
        found["macs"] = sorted({_spelled(mac) for mac in macs})
    return found


def _spelled(mac: str) -> str:
    try:
        return mac_address(mac)
    except ValueError:
        return mac


def _with_sorted(value: Any, *keys: str) -> Any:
    if not isinstance(value, Mapping):
        return value
    found = dict(value)
    for key in keys:
        given = found.get(key)
        if isinstance(given, list | tuple) and UNKNOWN not in given:
            found[key] = sorted(set(given))
    return found


def _machine_failures(inputs: Properties) -> Iterator[Failure]:
    machines = inputs["machines"]
    if not isinstance(machines, Mapping):
        return
    for name, machine in machines.items():
        if not _HOST.fullmatch(name):
            yield Failure(
                joined("machines", name),
                "is no host name: lower-case letters, digits and hyphens, at most 63",
            )
        if isinstance(machine, Mapping):
            yield from _spelling(name, machine)
    yield from _twins(machines)


def _spelling(name: str, machine: Mapping[str, Any]) -> Iterator[Failure]:
    for key in ("bmc", "address"):
        if isinstance(machine.get(key), str) and not _is_address(machine[key]):
            yield Failure(joined("machines", name, key), f"is no IPv4 address: `{machine[key]}`")
    if isinstance(machine.get("uuid"), str) and not _UUID.fullmatch(machine["uuid"]):
        yield Failure(joined("machines", name, "uuid"), f"is no UUID: `{machine['uuid']}`")
    if machine.get("serial") == "":
        yield Failure(
            joined("machines", name, "serial"), "is empty: leave it out to have it adopted"
        )
    for at, mac in enumerate(_known(machine.get("macs"))):
        try:
            mac_address(mac)
        except ValueError:
            place = joined("machines", name, "macs", at)
            yield Failure(place, f"is no MAC address of a card: `{mac}`")
    for key, least in (("unit", 1), ("slot", 1), ("attempt", 0)):
        value = machine.get(key)
        if isinstance(value, int) and value < least:
            yield Failure(joined("machines", name, key), f"is {value}; it counts from {least}")


def _twins(machines: Mapping[str, Any]) -> Iterator[Failure]:
    """What two machines both have and only one can."""
    owners: dict[tuple[str, Any], list[tuple[str, str]]] = defaultdict(list)
    for name, machine in sorted(machines.items()):
        if not isinstance(machine, Mapping):
            continue
        for kind, key, value in _marks(machine):
            owners[kind, value].append((name, key))
    for (kind, value), found in owners.items():
        for name, key in found if len(found) > 1 else ():
            others = sorted({other for other, _ in found if other != name}) or [name]
            shown = " unit ".join(map(str, value)) if isinstance(value, tuple) else value
            yield Failure(
                joined("machines", name, key), f"{kind} {shown} is also that of {', '.join(others)}"
            )


def _marks(machine: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for kind, key in (
        ("address", "bmc"),
        ("address", "address"),
        ("serial", "serial"),
        ("UUID", "uuid"),
    ):
        if isinstance(machine.get(key), str) and machine[key]:
            yield kind, key, machine[key]
    for mac in set(_known(machine.get("macs"))):
        yield "MAC address", "macs", mac
    rack, unit = machine.get("rack"), machine.get("unit")
    if isinstance(rack, str) and rack and isinstance(unit, int):
        yield "rack", "unit", (rack, unit)


def _controller_failures(inputs: Properties) -> Iterator[Failure]:
    bmc = inputs.get("bmc")
    if not isinstance(bmc, Mapping):
        return
    yield from secret_failures(bmc.get("credentials"), "bmc.credentials")
    tls = bmc.get("tls")
    if tls == "insecure" and not bmc.get("exception"):
        yield Failure(
            "bmc.tls",
            "verifies nothing, so anybody could answer for a controller and be told its password: "
            "take `site-ca` or `pinned`, or say in `bmc.exception` why not",
        )
    requests = bmc.get("requests")
    if isinstance(requests, int) and not 1 <= requests <= 8:
        yield Failure("bmc.requests", f"is {requests}; controllers bear from 1 to 8 at once")
    machines = inputs["machines"]
    for name, machine in machines.items() if isinstance(machines, Mapping) else ():
        if isinstance(machine, Mapping) and isinstance(tls, str):
            yield from _fingerprint(name, machine.get("fingerprint"), tls)


def _fingerprint(name: str, given: Any, tls: str) -> Iterator[Failure]:
    place = joined("machines", name, "fingerprint")
    if given is None:
        if tls == "pinned":
            yield Failure(place, "is required with `tls: pinned`")
    elif tls != "pinned":
        yield Failure(place, f"means nothing with `tls: {tls}`: take `pinned`")
    elif isinstance(given, str) and not re.fullmatch(r"[0-9a-f]{64}", given):
        yield Failure(place, "is no SHA-256 in hexadecimal, which has 64 digits")


def secret_failures(reference: Any, at: str) -> Iterator[Failure]:
    """A reference that looks like the secret itself; it is never shown."""
    if not isinstance(reference, Mapping):
        return
    store, path = reference.get("store"), reference.get("path")
    if not isinstance(path, str):
        return
    way = "say where the secret is kept, not what it is"
    if store == "env" and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", path):
        yield Failure(f"{at}.path", f"is no name of an environment variable: {way}")
    elif store != "aws-secrets-manager" and re.search(r"\s|[^/\\]:[^/\\]", path):
        yield Failure(f"{at}.path", f"looks like a user and a password: {way}")


def _is_address(text: str) -> bool:
    try:
        found = ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return not (found.is_multicast or found.is_unspecified)


def _known(values: Any) -> Sequence[str]:
    """Those of a list that are known."""
    if not isinstance(values, list | tuple):
        return ()
    return [value for value in values if isinstance(value, str)]

"""Our part of a running Kea configuration: put in, taken out, and looked at.

Ours are the subnets that were declared and the classes named `aifactory-...`; everything else that
the server runs with (sockets, hooks, loggers, lease database, other subnets) stays as it is.
"""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

OURS = "aifactory-"
_NAMES = ("subnet", "hw-address", "pool", "name")
"""What tells the items of Kea's lists apart."""

Tree = Mapping[str, Any]


def merged(running: Tree, ours: Tree, before: Iterable[str] = ()) -> dict[str, Any]:
    """The running `Dhcp4` with our part in it; `before` are subnets that were ours until now."""
    found = without(running, [*before, *(subnet["subnet"] for subnet in ours["subnet4"])])
    found["subnet4"] += copy.deepcopy(ours["subnet4"])
    found["client-classes"] += copy.deepcopy(ours["client-classes"])
    identifiers = found.setdefault("host-reservation-identifiers", [])
    identifiers += [one for one in ours["host-reservation-identifiers"] if one not in identifiers]
    interfaces = ours["interfaces-config"]["interfaces"]
    if interfaces != ["*"]:
        found.setdefault("interfaces-config", {})["interfaces"] = list(interfaces)
    return found


def without(running: Tree, subnets: Iterable[str]) -> dict[str, Any]:
    """The running `Dhcp4` without these subnets and without our classes."""
    gone = {ipaddress.IPv4Network(cidr) for cidr in subnets}
    found = copy.deepcopy(dict(running))
    found["subnet4"] = [
        subnet
        for subnet in found.get("subnet4", [])
        if ipaddress.IPv4Network(subnet["subnet"]) not in gone
    ]
    found["client-classes"] = [
        one for one in found.get("client-classes", []) if not one["name"].startswith(OURS)
    ]
    return found


def in_the_way(running: Tree, ours: Tree, before: Iterable[str] = ()) -> list[str]:
    """Subnets of others that ours overlap, as `10.0.0.0/16 (ours: 10.0.1.0/24)`."""
    own = [ipaddress.IPv4Network(subnet["subnet"]) for subnet in ours["subnet4"]]
    mine = {*own, *(ipaddress.IPv4Network(cidr) for cidr in before)}
    found = []
    for subnet in running.get("subnet4", []):
        other = ipaddress.IPv4Network(subnet["subnet"])
        if other in mine:
            continue
        found += [f"{other} (ours: {one})" for one in own if other.overlaps(one)]
    return sorted(found)


def held(running: Tree, ours: Tree) -> dict[str, Any]:
    """What the server runs with where ours should be, in the shape of ours.

    Equal to ours exactly when nothing of it was changed; what was added is shown whole.
    """
    wanted = {"subnet4": ours["subnet4"], "client-classes": ours["client-classes"]}
    cidrs = {subnet["subnet"] for subnet in ours["subnet4"]}
    there = {
        "subnet4": [one for one in running.get("subnet4", []) if one["subnet"] in cidrs],
        "client-classes": [
            one for one in running.get("client-classes", []) if one["name"].startswith(OURS)
        ],
    }
    shown: dict[str, Any] = _shown(there, wanted)
    return shown


def part(ours: Tree) -> dict[str, Any]:
    """Our part of a rendered `Dhcp4`, as `held` shows it when it is in force."""
    return {"subnet4": ours["subnet4"], "client-classes": ours["client-classes"]}


def _shown(found: Any, wanted: Any) -> Any:
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return {key: _shown(found[key], value) for key, value in wanted.items() if key in found}
    if isinstance(wanted, list) and isinstance(found, list):
        return _listed(found, wanted)
    return found


def _listed(found: list[Any], wanted: list[Any]) -> list[Any]:
    """Items in the order wanted, then those that nobody asked for."""
    left = list(found)
    shown = []
    for item in wanted:
        match = next((one for one in left if _name(one) == _name(item)), None)
        if match is not None:
            left.remove(match)
            shown.append(_shown(match, item))
    return shown + left


def _name(item: Any) -> Any:
    if not isinstance(item, Mapping):
        return item
    return next((item[key] for key in _NAMES if key in item), None)

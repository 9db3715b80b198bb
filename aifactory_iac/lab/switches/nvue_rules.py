"""What NVUE takes: paths it knows, values of its schema, and what it finds wrong when applying.

The paths are those of NVIDIA's "NVUE reference", set and unset commands, as far as fabrics use
them; `*` stands for a name. What is not here the emulator refuses, as NVUE does what its schema
lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

OBJECTS = (
    "acl",
    "bridge",
    "evpn",
    "interface",
    "maintenance",
    "mlag",
    "nve",
    "platform",
    "qos",
    "router",
    "service",
    "system",
    "vrf",
)
"""High-level objects; only those with paths below are looked into."""

PATHS = (
    "interface/*",
    "interface/*/type",
    "interface/*/description",
    "interface/*/link/mtu",
    "interface/*/link/state/up",
    "interface/*/link/state/down",
    "interface/*/link/breakout/*",
    "interface/*/link/speed",
    "interface/*/link/fec",
    "interface/*/link/auto-negotiate",
    "interface/*/ip/address/*",
    "interface/*/ip/gateway/*",
    "interface/*/ip/vrf",
    "interface/*/qos/*/profile",
    "interface/*/bond/member/*",
    "interface/*/router/adaptive-routing/*",
    "qos/roce",
    "qos/roce/enable",
    "qos/roce/state",
    "qos/roce/mode",
    "qos/roce/cable-length",
    "qos/mapping/*/trust",
    "qos/mapping/*/port-default-sp",
    "qos/mapping/*/dscp/*/switch-priority",
    "qos/mapping/*/pcp/*/switch-priority",
    "qos/pfc/*/switch-priority/*",
    "qos/pfc/*/rx",
    "qos/pfc/*/tx",
    "qos/pfc/*/cable-length",
    "qos/pfc/*/port-buffer",
    "qos/pfc/*/xoff-threshold",
    "qos/pfc/*/xon-threshold",
    "qos/congestion-control/*/traffic-class/*/ecn",
    "qos/congestion-control/*/traffic-class/*/red",
    "qos/congestion-control/*/traffic-class/*/min-threshold",
    "qos/congestion-control/*/traffic-class/*/max-threshold",
    # Cumulus Linux 5.3 called them so ("Quality of Service").
    "qos/congestion-control/*/traffic-class/*/min-threshold-bytes",
    "qos/congestion-control/*/traffic-class/*/max-threshold-bytes",
    "qos/congestion-control/*/traffic-class/*/probability",
    "qos/egress-queue-mapping/*/switch-priority/*/traffic-class",
    "qos/egress-scheduler/*/traffic-class/*/mode",
    "qos/egress-scheduler/*/traffic-class/*/bw-percent",
    "qos/traffic-pool/*/memory-percent",
    "qos/traffic-pool/*/switch-priority/*",
    "router/bgp/*",
    "router/adaptive-routing/*",
    "system/hostname",
    "system/timezone",
    "system/message/*",
    "system/aaa/*",
    "system/config/auto-save/*",
    "vrf/*/router/bgp/*",
)
_LOOKED_INTO = {path.split("/", 1)[0] for path in PATHS}
_MTU = range(552, 9217)
_VALUES: Mapping[str, tuple[str, ...]] = {
    "qos/roce/state": ("enabled", "disabled"),
    "qos/roce/mode": ("lossless", "lossy", "lossless-single-ipool"),
    "qos/mapping/*/trust": ("l2", "l3", "port", "both"),
    "qos/egress-scheduler/*/traffic-class/*/mode": ("dwrr", "strict"),
}


def schema_problems(tree: Mapping[str, Any]) -> Iterator[str]:
    """What makes a PATCH a bad request; lists are never right, as collections are mappings."""
    for path, value in _leaves(tree, ""):
        top = path.split("/", 1)[0]
        if top not in OBJECTS:
            yield f"'{top}' does not match any of the regexes or properties - '{path}'"
        elif isinstance(value, list):
            yield f"{value!r} is not of type 'object' - '{path}'"
        elif top in _LOOKED_INTO and value is not None and not _known(path):
            yield f"Additional properties are not allowed ('{path}' was unexpected)"
        elif (wrong := _value_problem(path, value)) is not None:
            yield wrong


def apply_problems(tree: Mapping[str, Any], ports: int) -> Iterator[tuple[str, str]]:
    """Location and reason of what makes a revision invalid."""
    for name in tree.get("interface", {}):
        found = re.match(r"swp(\d+)(s\d+)?\Z", name)
        if found and not 1 <= int(found[1]) <= ports:
            yield (
                f"interface.{name}",
                f"The switch has no port {name}; it has swp1 to swp{ports}.\n",
            )
        if found and not found[2] and tree["interface"][name].get("link", {}).get("breakout"):
            extra = set(tree["interface"][name]["link"]) - {"breakout"}
            if extra:
                yield (
                    f"interface.{name}.link",
                    f"{', '.join(sorted(extra))} cannot be set on a port that is split.\n",
                )
    bgp = tree.get("router", {}).get("bgp", {})
    if bgp.get("enable") == "on" and not bgp.get("router-id"):
        yield (
            "router.bgp.enable",
            "BGP requires router-id to be set globally or in the VRF.\n",
        )


def _known(path: str) -> bool:
    names = path.split("/")
    return any(
        len(names) == len(known := pattern.split("/"))
        and all(fnmatchcase(name, part) for name, part in zip(names, known, strict=True))
        for pattern in PATHS
    ) or any(
        pattern.endswith("/*") and fnmatchcase(path, pattern)
        for pattern in PATHS
        if pattern.startswith(("router/", "vrf/", "system/"))
    )


def _value_problem(path: str, value: Any) -> str | None:
    if path.endswith("/link/mtu") and value is not None:
        if not isinstance(value, int):
            return f"{value!r} is not of type 'integer' - '{path}'"
        if value not in _MTU:
            edge = "maximum" if value > _MTU[-1] else "minimum"
            limit = _MTU[-1] if value > _MTU[-1] else _MTU[0]
            side = "greater" if value > _MTU[-1] else "less"
            return f"{value} is {side} than the {edge} of {limit} - '{path}'"
    for pattern, allowed in _VALUES.items():
        if fnmatchcase(path, pattern) and value is not None and value not in allowed:
            return f"{value!r} is not one of {list(allowed)} - '{path}'"
    return None


def _leaves(tree: Mapping[str, Any], at: str) -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        path = f"{at}/{name}" if at else str(name)
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, path)
        else:
            yield path, value

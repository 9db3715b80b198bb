"""What NVUE takes: paths it knows, values of its schema, and what it finds wrong when applying.

The paths are those of NVIDIA's "NVUE reference", set and unset commands, as far as fabrics use
them; `*` stands for a name. What is not here the emulator refuses, as NVUE does what its schema
lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
_PATTERNS = tuple(tuple(path.split("/")) for path in PATHS)
_OPEN = tuple(
    path for path in _PATTERNS if path[0] in ("router", "system", "vrf") and path[-1] == "*"
)
_LOOKED_INTO = {path[0] for path in _PATTERNS}
_MTU = range(552, 9217)
_VALUES: Mapping[str, tuple[str, ...]] = {
    "qos/roce/state": ("enabled", "disabled"),
    "qos/roce/mode": ("lossless", "lossy", "lossless-single-ipool"),
    "qos/mapping/*/trust": ("l2", "l3", "port", "both"),
    "qos/egress-scheduler/*/traffic-class/*/mode": ("dwrr", "strict"),
}


def schema_problems(tree: Mapping[str, Any]) -> Iterator[str]:
    """What makes a PATCH a bad request; lists are never right, as collections are mappings."""
    for path, value in _leaves(tree, ()):
        shown = "/".join(path)
        if path[0] not in OBJECTS:
            yield f"'{path[0]}' does not match any of the regexes or properties - '{shown}'"
        elif isinstance(value, list):
            yield f"{value!r} is not of type 'object' - '{shown}'"
        elif path[0] in _LOOKED_INTO and value is not None and not _known(path):
            yield f"Additional properties are not allowed ('{shown}' was unexpected)"
        elif (wrong := _value_problem(path, value)) is not None:
            yield f"{wrong} - '{shown}'"


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


def _known(path: Sequence[str]) -> bool:
    """Whether it is one of the paths, or below one that is not looked into any further."""
    return any(
        _fits(path, pattern) or (pattern in _OPEN and _fits(path[: len(pattern)], pattern))
        for pattern in _PATTERNS
    )


def _fits(path: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(path) == len(pattern) and all(
        part in ("*", name) for name, part in zip(path, pattern, strict=True)
    )


def _value_problem(path: Sequence[str], value: Any) -> str | None:
    if value is None:
        return None
    if path[-2:] == ("link", "mtu"):
        if not isinstance(value, int):
            return f"{value!r} is not of type 'integer'"
        if value > _MTU[-1]:
            return f"{value} is greater than the maximum of {_MTU[-1]}"
        if value < _MTU[0]:
            return f"{value} is less than the minimum of {_MTU[0]}"
    for pattern, allowed in _VALUES.items():
        if _fits(path, pattern.split("/")) and value not in allowed:
            return f"{value!r} is not one of {list(allowed)}"
    return None


def _leaves(tree: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*at, str(name)))
        else:
            yield (*at, str(name)), value

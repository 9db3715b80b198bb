"""A declared configuration as NVUE's tree: ranges, lists and split ports written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.switches.errors import RefusedError
from aifactory_iac.providers.switches.names import RangeError, nvue_names

IMPLIED = ("type",)
"""NVUE adds an interface's type by itself ("NVUE API": swp1 becomes type swp)."""

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
"""High-level objects of NVUE ("NVUE API", Supported Objects), and maintenance mode (5.9)."""

_PARTS = {"2x": 2, "4x": 4, "8x": 8}
"""How many ports a split makes; `1x` makes none."""


def normalised(config: Mapping[str, Any]) -> dict[str, Any]:
    """The tree as NVUE keeps it.

    - A range of interfaces is every interface of it: only the command line understands ranges.
    - A list is a collection, which NVUE writes as names with nothing under them.
    - A split port keeps its breakout; everything else is settings of its parts (`swp1s0`, ...).

    Raises:
        RefusedError: A range leads nowhere, or one port is declared twice with different values.
    """
    tree = {name: _collections(value) for name, value in config.items()}
    interfaces = tree.get("interface")
    if isinstance(interfaces, Mapping):
        tree["interface"] = _interfaces(interfaces)
    return tree


def _collections(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _collections(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return {str(item): {} for item in value}
    return value


def _interfaces(declared: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    issues: list[str] = []
    for span, settings in declared.items():
        try:
            names = nvue_names(span)
        except RangeError as error:
            issues.append(str(error))
            continue
        for name in names:
            for part, own in _split(name, settings):
                if found.setdefault(part, own) != own:
                    issues.append(f"{part} is declared twice, with different settings")
    if issues:
        raise RefusedError("its interfaces cannot be written out", issues)
    return found


def _split(name: str, settings: Any) -> list[tuple[str, Any]]:
    """A port as it is configured: itself, or itself with its breakout and every part."""
    link = settings.get("link", {}) if isinstance(settings, Mapping) else {}
    breakout = link.get("breakout", {}) if isinstance(link, Mapping) else {}
    count = next((_PARTS[mode] for mode in breakout if mode in _PARTS), 0)
    if not count:
        return [(name, settings)]
    rest = {key: value for key, value in link.items() if key != "breakout"}
    own = {key: value for key, value in settings.items() if key != "link"}
    part = {**own, "link": rest} if rest else own
    parts = [(f"{name}s{number}", part) for number in range(count)]
    return [(name, {"link": {"breakout": breakout}}), *(parts if part else [])]

"""What `scontrol show node` says, as a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_FREE = re.compile(r"^\s*(Reason|Comment|Extra|OS)=(.*)$", re.MULTILINE)
_STAMP = re.compile(r"\s*\[(\S+)@\S+\]\s*$")

DEAD = frozenset({"DOWN", "FAIL", "ERROR", "UNKNOWN", "FUTURE"})
BUSY = frozenset({"ALLOCATED", "MIXED", "COMPLETING"})


@dataclass(frozen=True, slots=True)
class SlurmNode:
    """One node; `flags` are the parts of its state, such as `IDLE`, `DRAIN`, `NOT_RESPONDING`."""

    name: str
    flags: frozenset[str]
    features: tuple[str, ...]
    reason: str
    comment: str

    @property
    def drained_flag(self) -> bool:
        """Whether new jobs are kept off it."""
        return bool({"DRAIN", "FAIL"} & self.flags)

    @property
    def answers(self) -> bool:
        """Whether its daemon speaks with the controller."""
        return not (self.flags & DEAD) and "NOT_RESPONDING" not in self.flags

    @property
    def busy(self) -> bool:
        """Whether jobs hold any of it, as the controller sees it."""
        return bool(self.flags & BUSY)


def parse(text: str) -> SlurmNode:
    """Reads the answer for one node. Raises `ValueError` when it is none."""
    free = {key: value.strip() for key, value in _FREE.findall(text)}
    rest = dict(re.findall(r"(\w+)=(\S*)", _FREE.sub("", text)))
    if "NodeName" not in rest or "State" not in rest:
        raise ValueError("scontrol did not describe a node")
    return SlurmNode(
        name=rest["NodeName"],
        flags=_flags(rest["State"]),
        features=tuple(each for each in _features(rest) if each),
        reason=_STAMP.sub("", free.get("Reason", "")),
        comment=free.get("Comment", ""),
    )


def _flags(state: str) -> frozenset[str]:
    """`IDLE+DRAIN`; before 22.05 a star stood for a node that does not respond."""
    silent = {"NOT_RESPONDING"} if "*" in state else set()
    return frozenset({*re.findall(r"[A-Z_]+", state), *silent})


def _features(rest: Mapping[str, str]) -> list[str]:
    found = rest.get("AvailableFeatures", "")
    return [] if found == "(null)" else found.split(",")

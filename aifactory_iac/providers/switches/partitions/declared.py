"""Declared partitions as values, and everything that can be wrong with them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.resource import Failure, has_unknown
from aifactory_iac.providers.switches.declared import (
    confirm_failures,
    hostname_failures,
    tls_failures,
)
from aifactory_iac.providers.switches.tree import spelled

MANAGERS = ("ufm", "switch", "opensm")
DEFAULT = "default"
DEFAULT_PKEY = 0x7FFF
"""The partition that every port is in, so that it can reach the subnet manager (IBTA)."""
MOST = 0x7FFE
"""P_Keys have 15 bits beside the membership bit; 0 is invalid and 0x7fff taken."""
ROUTING = (
    "minhop",
    "updn",
    "dnup",
    "file",
    "ftree",
    "lash",
    "dor",
    "torus-2QoS",
    "dfsssp",
    "sssp",
    "nue",
    "ar_updn",
    "ar_ftree",
    "ar_torus",
    "ar_dor",
    "kdor-hc",
    "kdor-ghc",
    "dfp",
    "dfp2",
    "auto",
)
"""Routing engines of opensm (its manual page) and of NVIDIA's subnet manager beside them."""

_PKEY = re.compile(r"0x[0-9a-fA-F]{1,4}\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_GUID = re.compile(r"(0x)?[0-9a-fA-F]{16}\Z|([0-9a-fA-F]{2}:){7}[0-9a-fA-F]{2}\Z")


def guid(text: str) -> str:
    """A port GUID in one spelling: `0x` and 16 small digits."""
    return "0x" + text.lower().removeprefix("0x").replace(":", "")


def pkey_number(text: str) -> int:
    """The 15 bits of a declared P_Key."""
    return int(text, 16) & 0x7FFF


def partitions_failures(inputs: Mapping[str, Any]) -> Iterator[Failure]:
    """Everything that is wrong with the inputs; what is not known yet is let pass."""
    manager = inputs.get("manager")
    if isinstance(manager, str) and manager not in MANAGERS:
        yield Failure("manager", f"`{manager}` is none of {', '.join(MANAGERS)}")
    routing = inputs.get("routing")
    if isinstance(routing, str):
        for engine in routing.split(","):
            if engine not in (*ROUTING, "no_fallback"):
                yield Failure("routing", f"`{engine}` is no routing engine: {', '.join(ROUTING)}")
    yield from hostname_failures("address", inputs.get("address"))
    yield from confirm_failures(inputs.get("confirmSeconds"))
    if inputs.get("tls") is not None:
        yield from tls_failures(inputs["tls"], ssh=manager != "ufm")
    if inputs.get("credentials") is not None and inputs.get("address") is None:
        yield Failure("address", "is needed to know whom `credentials` are for")
    target = inputs.get("target")
    if isinstance(target, str) and not target.startswith("/"):
        yield Failure("target", f"`{target}` is no absolute path of a folder")
    partitions = inputs.get("partitions", {})
    if isinstance(partitions, Mapping) and not has_unknown(partitions):
        yield from _partition_failures(partitions)
    if isinstance(inputs.get("guids"), Mapping) and not has_unknown(inputs["guids"]):
        yield from _guid_failures(inputs["guids"])


def _partition_failures(partitions: Mapping[str, Any]) -> Iterator[Failure]:
    holders: dict[int, list[str]] = defaultdict(list)
    for name, partition in sorted(partitions.items()):
        at = spelled(("partitions", name))
        if not _NAME.match(name):
            yield Failure(at, "is no partition name: letters, digits, `_` and `-`, up to 64")
        pkey = str(partition.get("pkey", ""))
        problem = _pkey_problem(name, pkey)
        if problem:
            yield Failure(f"{at}.pkey", problem)
        else:
            holders[pkey_number(pkey)].append(name)
        for pool, count in sorted((partition.get("nodes") or {}).items()):
            if not isinstance(count, int | float) or count < 0 or count != int(count):
                yield Failure(f"{at}.nodes.{pool}", f"{count} is no number of nodes")
        if name == DEFAULT and partition.get("nodes"):
            yield Failure(f"{at}.nodes", "every port is in the default partition, so none is named")
    for number, names in sorted(holders.items()):
        for name in names[1:]:
            at = spelled(("partitions", name))
            yield Failure(f"{at}.pkey", f"0x{number:04x} is the P_Key of `{names[0]}` too")
    if len(partitions) > MOST:
        yield Failure("partitions", f"are {len(partitions)}, and a subnet has no more than {MOST}")


def _pkey_problem(name: str, pkey: str) -> str | None:
    if not _PKEY.match(pkey):
        return f"`{pkey}` is no P_Key such as `0x1234`"
    number = int(pkey, 16)
    if number > DEFAULT_PKEY:
        return (
            f"`{pkey}` has the membership bit; declare `0x{number & 0x7FFF:04x}` and `membership`"
        )
    if number == 0:
        return "`0x0` is no valid P_Key"
    if (number == DEFAULT_PKEY) != (name == DEFAULT):
        return f"0x7fff is the P_Key of the partition `{DEFAULT}`, and of no other"
    return None


def _guid_failures(pools: Mapping[str, Any]) -> Iterator[Failure]:
    holders: dict[str, list[str]] = defaultdict(list)
    for pool, nodes in sorted(pools.items()):
        for node, guids in sorted(nodes.items()):
            at = spelled(("guids", pool, node))
            for text in guids:
                if not _GUID.match(str(text)):
                    yield Failure(at, f"`{text}` is no port GUID of 16 hexadecimal digits")
                else:
                    holders[guid(str(text))].append(node)
    for text, nodes in sorted(holders.items()):
        if len(nodes) > 1:
            yield Failure("guids", f"port GUID {text} is given to {nodes[0]} and to {nodes[1]}")

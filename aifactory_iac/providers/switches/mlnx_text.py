"""What MLNX-OS prints, read into a tree, and the commands that change it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.switches.errors import RefusedError, SwitchError
from aifactory_iac.providers.switches.names import RangeError, slot_names
from aifactory_iac.providers.switches.tree import Edit, Tree

MTU_NAMES = {256: "256", 512: "512", 1024: "1K", 2048: "2K", 4096: "4K"}
"""InfiniBand has these and no others (IBTA, MTU encodings 1 to 5)."""
KEYS = ("mtu", "ports", "partitions", "routing")
"""What `ib` may declare."""

_INTERFACE = re.compile(r"interface ib (?P<port>[\d/]+) (?P<what>mtu|description) (?P<value>.+)")
_PARTITION = re.compile(r"(?:  )?(?P<name>[A-Za-z0-9_-]+):?\s*\Z")
_FIELD = re.compile(r"\s+(?P<name>PKey|ipoib)\s*[:=]\s*(?P<value>\S+)\s*\Z")
_MEMBER = re.compile(r"\s+GUID='(?P<guid>[^']+)'\s+member='(?P<type>\w+)'")
_ERROR = re.compile(r"^%\s*(?P<text>.+)$", re.MULTILINE)


def normalised(config: Mapping[str, Any]) -> dict[str, Any]:
    """A declared configuration as a tree of `hostname`, `interface`, `partition` and `sm`.

    Raises:
        RefusedError: With everything that cannot be written out.
    """
    ib = config.get("ib", {})
    issues: list[str] = []
    tree: dict[str, Any] = {}
    if hostname := config.get("system", {}).get("hostname"):
        tree["hostname"] = str(hostname)
    if interfaces := dict(_interfaces(ib, issues)):
        tree["interface"] = interfaces
    if partitions := ib.get("partitions"):
        tree["partition"] = {
            partition_name(name): {
                "pkey": pkey_text(each["pkey"]),
                "member": {guid_text(guid): kind for guid, kind in each["members"].items()},
            }
            for name, each in partitions.items()
        }
    if routing := ib.get("routing"):
        tree["sm"] = {"routing-engines": str(routing)}
    if issues:
        raise RefusedError("its ports cannot be written out", issues)
    return tree


def _interfaces(ib: Mapping[str, Any], issues: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    mtu = ib.get("mtu")
    if mtu is not None and mtu not in MTU_NAMES:
        issues.append(f"InfiniBand has no MTU of {mtu}; it has {', '.join(map(str, MTU_NAMES))}")
    seen: dict[str, str] = {}
    for use, span in ib.get("ports", {}).items():
        try:
            ports = slot_names(str(span))
        except RangeError as error:
            issues.append(str(error))
            continue
        for port in ports:
            if port in seen:
                issues.append(f"port {port} is for `{seen[port]}` and for `{use}`")
            seen[port] = use
            shown = {"description": str(use)}
            yield port, {**shown, "mtu": MTU_NAMES[mtu]} if mtu in MTU_NAMES else shown


def partition_name(name: str) -> str:
    """The default partition has a fixed name."""
    return "Default" if name.lower() == "default" else name


def pkey_text(pkey: str) -> str:
    """A P_Key without its membership bit, as four digits."""
    return f"0x{int(pkey, 16) & 0x7FFF:04x}"


def guid_text(guid: str) -> str:
    """`0x0002c90300445566` as the switch writes it, `00:02:c9:03:00:44:55:66`; `ALL` stays."""
    if guid.upper() == "ALL":
        return "ALL"
    digits = guid.lower().removeprefix("0x").replace(":", "").rjust(16, "0")
    return ":".join(digits[at : at + 2] for at in range(0, 16, 2))


def running_tree(running_config: str, partitions: str) -> dict[str, Any]:
    """The tree that `show running-config` and `show ib partition` print."""
    tree: dict[str, Any] = {"interface": {}, "partition": _partitions(partitions)}
    for line in (each.strip() for each in running_config.splitlines()):
        if found := _INTERFACE.match(line):
            port = tree["interface"].setdefault(found["port"], {})
            port[found["what"]] = found["value"].removesuffix(" force").strip('"')
        elif line.startswith("hostname "):
            tree["hostname"] = line.split()[1]
        elif line.startswith("ib sm routing-engines "):
            tree["sm"] = {"routing-engines": line.split()[3]}
    return tree


def _partitions(text: str) -> dict[str, Any]:
    """Both spellings: `PKey = 0x7FFF` until 3.6.8010, `PKey : 0x7FFF` since."""
    found: dict[str, Any] = {}
    current: dict[str, Any] = {}
    for line in text.splitlines():
        if member := _MEMBER.match(line):
            guid = member["guid"]
            current["member"][guid if guid == "ALL" else guid.lower()] = member["type"].lower()
        elif field := _FIELD.match(line):
            if field["name"] == "PKey":
                current["pkey"] = pkey_text(field["value"])
        elif (name := _PARTITION.match(line)) and name["name"].lower() != "members":
            current = found.setdefault(name["name"], {"pkey": "", "member": {}})
    return found


def commands(edit: Edit, found: Tree) -> list[str]:
    """Configuration commands, what goes before what comes; each one sets an absolute value."""
    return [*_removals(edit.remove, found), *_settings(edit.set)]


def _settings(tree: Tree) -> Iterator[str]:
    if "hostname" in tree:
        yield f"hostname {tree['hostname']}"
    for port, settings in sorted(tree.get("interface", {}).items()):
        for what, value in sorted(settings.items()):
            yield f"interface ib {port} {what} {value}"
    for name, partition in sorted(tree.get("partition", {}).items()):
        if "pkey" in partition:
            yield f"ib partition {name} pkey {partition['pkey']} force"
        for guid, kind in sorted(partition.get("member", {}).items()):
            yield f"ib partition {name} member {guid} type {kind} force"
    if engine := tree.get("sm", {}).get("routing-engines"):
        yield f"ib sm routing-engines {engine}"


def _removals(tree: Tree, found: Tree) -> Iterator[str]:
    """Where a whole branch goes, `found` says what is on it."""
    interfaces, partitions = (_branch(tree, found, name) for name in ("interface", "partition"))
    for port, settings in sorted(interfaces.items()):
        there = found["interface"][port]
        for what in sorted(there if settings is None else settings):
            yield f"no interface ib {port} {what}"
    for name, partition in sorted(partitions.items()):
        if partition is None:
            yield f"no ib partition {name}"
            continue
        for guid in sorted(_branch(partition, found["partition"][name], "member")):
            yield f"no ib partition {name} member {guid}"


def _branch(tree: Tree, found: Tree, name: str) -> Tree:
    """What goes of a branch, name by name."""
    if name not in tree:
        return {}
    branch: Tree = dict.fromkeys(found[name]) if tree[name] is None else tree[name]
    return branch


def fields(text: str) -> dict[str, str]:
    """`Name: value` lines, the first of each name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(name.strip(), value.strip())
    return found


def errors(text: str) -> tuple[str, ...]:
    """Lines that begin with `%`, which is how the command line complains."""
    return tuple(found["text"].strip() for found in _ERROR.finditer(text))


def clock(text: str) -> dt.datetime:
    """What `show clock` says, in the zone that jobs are set in. Raises `SwitchError`."""
    shown = fields(text)
    try:
        return dt.datetime.strptime(f"{shown['Date']} {shown['Time']}", "%Y/%m/%d %H:%M:%S")
    except (KeyError, ValueError):
        raise SwitchError("the switch does not say what time it is") from None


def jobs(text: str) -> dict[int, dict[str, str]]:
    """Fields of every job that `show jobs` prints; `command` joins its commands."""
    found: dict[int, dict[str, str]] = {}
    for block in re.split(r"^(?=Job \d+:)", text, flags=re.MULTILINE):
        head = re.match(r"Job (\d+):", block)
        if head:
            lines = re.findall(r"Command \d+:\s*(.+)", block)
            found[int(head[1])] = {**fields(block), "command": "; ".join(lines)}
    return found

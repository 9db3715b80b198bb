"""What a Slurm controller would start with all the same, and then fail at: told beforehand.

Measured with slurmctld 22.05: of these it reports an unknown node in the topology and a node below
two leaves in its log only, says nothing of accelerators without device files until every node is
drained for them, and starts again and again on an empty topology.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.membership import labels
from aifactory_iac.providers.membership.slurm.cluster import version_problem
from aifactory_iac.providers.resource import Failure, Properties, has_unknown

_NODE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_DEVICES = re.compile(r"/dev/[A-Za-z0-9/_-]+(?:\[([0-9,-]+)\])?")

Problems = Iterator[Failure]


def problems(inputs: Properties) -> Problems:
    """Everything; what is not known yet is not judged."""
    version = inputs.get("version")
    if isinstance(version, str) and (reason := version_problem(version)):
        yield Failure("version", reason)
    pools, switches = inputs.get("pools"), inputs.get("switches")
    if has_unknown(pools) or has_unknown(switches):
        return
    if pools is not None and not pools:
        yield Failure(
            "pools", "has no pool in it, and no controller starts without nodes; leave it out"
        )
    owners: dict[str, str] = {}
    for name, pool in sorted((pools or {}).items()):
        yield from _pool(name, pool, owners)
    if switches is not None:
        yield from _switches(switches, owners)
    if not has_unknown(inputs["reservations"]):
        yield from _reservations(inputs["reservations"], pools or {})


def _pool(name: str, pool: Mapping[str, Any], owners: dict[str, str]) -> Problems:
    where = f"pools.{name}"
    if not _WORD.fullmatch(name) or name.upper() == "ALL":
        yield Failure("pools", f"has {name!r}, which is no name of a partition")
    if not pool["nodes"]:
        yield Failure(f"{where}.nodes", "has no node in it")
    for index, node in enumerate(pool["nodes"]):
        if not _NODE.fullmatch(node):
            yield Failure(f"{where}.nodes[{index}]", f"is {node!r}, no short host name")
        elif node in owners:
            yield Failure(f"{where}.nodes[{index}]", f"is {node}, a node of {owners[node]} already")
        owners.setdefault(node, name)
    for field in ("sockets", "cores", "threads", "memory"):
        if pool[field] < 1:
            yield Failure(f"{where}.{field}", f"is {pool[field]}, less than 1")
    yield from _gpus(where, pool)


def _gpus(where: str, pool: Mapping[str, Any]) -> Problems:
    gpus, devices = pool.get("gpus", 0), pool.get("devices", "")
    if gpus < 0:
        yield Failure(f"{where}.gpus", f"is {gpus}, less than 0")
    if gpus > 0 and not devices:
        yield Failure(
            f"{where}.devices",
            "is missing: a count without device files makes every node drain itself "
            f"(`gres/gpu count reported lower than configured (0 < {gpus})`); "
            f"give `/dev/nvidia[0-{gpus - 1}]`",
        )
    if devices and gpus > 0:
        found = _DEVICES.fullmatch(devices)
        if not found:
            yield Failure(f"{where}.devices", f"is {devices!r}, no path such as `/dev/nvidia[0-7]`")
        elif (number := _count(found[1])) != gpus:
            yield Failure(f"{where}.devices", f"is {devices!r}, {number} devices, not {gpus}")
    if devices and not gpus:
        yield Failure(
            f"{where}.gpus", "is missing: there are devices, but no number of accelerators"
        )
    if (model := pool.get("model")) and not _WORD.fullmatch(model):
        yield Failure(f"{where}.model", f"is {model!r}, no word that a job could ask for")


def _count(ranges: str | None) -> int:
    """Devices of `0-3,6`; one without brackets is one."""
    if ranges is None:
        return 1
    spans = (each.partition("-") for each in ranges.split(",") if each)
    return sum(max(0, int(last or first) - int(first) + 1) for first, _, last in spans if first)


def _switches(switches: Mapping[str, Any], owners: Mapping[str, str]) -> Problems:
    if not switches:
        yield Failure("switches", "is empty, which keeps the controller from starting at all")
    parents: dict[str, str] = {}
    for name, switch in sorted(switches.items()):
        if bool(switch.get("nodes")) == bool(switch.get("switches")):
            yield Failure(f"switches.{name}", "has to have either nodes or switches below it")
        yield from _leaf(name, switch.get("nodes", ()), owners, parents)
        yield from _above(name, switch.get("switches", ()), switches, parents)
    for node in sorted(set(owners) - set(parents)) if switches else ():
        yield Failure("switches", f"has no leaf above node {node}: no job with --switches gets it")
    yield from _circles(switches, parents)


def _leaf(
    name: str, nodes: Sequence[str], owners: Mapping[str, str], parents: dict[str, str]
) -> Problems:
    for index, node in enumerate(nodes):
        place = f"switches.{name}.nodes[{index}]"
        if node not in owners:
            yield Failure(place, f"is {node}, a node of no pool")
        if node in parents:
            yield Failure(place, f"is {node}, which is below {parents[node]} already")
        parents.setdefault(node, name)


def _above(
    name: str, below: Sequence[str], switches: Mapping[str, Any], parents: dict[str, str]
) -> Problems:
    for index, child in enumerate(below):
        place, key = f"switches.{name}.switches[{index}]", f"switch {child}"
        if child not in switches:
            yield Failure(place, f"is {child}, and there is no such switch")
        if key in parents:
            yield Failure(place, f"is {child}, which is below {parents[key]} already")
        parents.setdefault(key, name)


def _circles(switches: Mapping[str, Any], parents: Mapping[str, str]) -> Problems:
    for name in sorted(switches):
        above, steps = name, 0
        while f"switch {above}" in parents and steps <= len(switches):
            above, steps = parents[f"switch {above}"], steps + 1
        if steps > len(switches):
            yield Failure(f"switches.{name}", "is below itself")


def _reservations(reservations: Mapping[str, Any], pools: Mapping[str, Any]) -> Problems:
    asked: dict[str, int] = {}
    for tenant, shares in sorted(reservations.items()):
        if reason := labels.value_problem(tenant):
            yield Failure("reservations", reason)
        for index, share in enumerate(shares):
            where, pool = f"reservations.{tenant}[{index}]", share["pool"]
            if pools and pool not in pools:
                yield Failure(f"{where}.pool", f"is {pool}, and there is no such pool")
            asked[pool] = asked.get(pool, 0) + share["nodes"]
            if pool in pools and asked[pool] > len(pools[pool]["nodes"]):
                there = len(pools[pool]["nodes"])
                yield Failure(
                    f"{where}.nodes",
                    f"is too much: {asked[pool]} nodes of {pool} are kept, and it has {there}",
                )

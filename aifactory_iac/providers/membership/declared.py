"""The inputs of a membership: what is wrong with them, and what they declare of each node."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.membership import labels as syntax
from aifactory_iac.providers.membership.scheduler import Declared
from aifactory_iac.providers.membership.slurm.features import alike, feature
from aifactory_iac.providers.resource import UNKNOWN, Failure, Properties

DRAIN_SECONDS = (30, 14 * 86_400)
JOIN_SECONDS = (0, 86_400)
DEFAULTS: Mapping[str, Any] = {"kind": "kubernetes", "joinSeconds": 3600}

Problems = Iterator[Failure]


def declared(inputs: Properties) -> dict[str, Declared]:
    """By node, in the terms of its scheduler: for Slurm a label is a feature."""
    found = {}
    for name, node in sorted((inputs.get("nodes") or {}).items()):
        rack = {inputs["rackLabel"]: node["rack"]} if node.get("rack") else {}
        labels = {**inputs["labels"], **rack, **node.get("labels", {})}
        if inputs["kind"] == "slurm":
            labels = {feature(key, value): "" for key, value in labels.items()}
        taints = {*inputs["taints"], *node.get("taints", ())}
        found[name] = Declared(dict(sorted(labels.items())), tuple(sorted(taints)))
    return found


def problems(inputs: Properties) -> Problems:
    """Everything that is wrong; what is not known yet is not judged."""
    kind = inputs["kind"]
    if kind is UNKNOWN:
        return
    if kind not in ("kubernetes", "slurm"):
        yield Failure("kind", f"is {kind!r}, neither `kubernetes` nor `slurm`")
        return
    yield from _seconds(inputs, "drainSeconds", DRAIN_SECONDS)
    yield from _seconds(inputs, "joinSeconds", JOIN_SECONDS)
    yield from _labels(inputs["labels"], "labels")
    yield from _taints(inputs["taints"], "taints", kind)
    yield from _rack_label(inputs)
    yield from _nodes(inputs)
    yield from _policy(inputs.get("policy") or {}, kind)
    if kind == "slurm":
        yield from _features(inputs)


def keyed(root: str, key: str) -> str:
    """Path of a key that may have dots and slashes in it."""
    return f'{root}["{key}"]'


def _seconds(inputs: Properties, name: str, bounds: tuple[int, int]) -> Problems:
    value, (least, most) = inputs[name], bounds
    if value is not UNKNOWN and not least <= value <= most:
        yield Failure(name, f"is {value} s, not between {least} s and {most} s")


def _labels(labels: Any, where: str) -> Problems:
    if labels is UNKNOWN:
        return
    for key, value in sorted(labels.items()):
        reason = syntax.key_problem(key)
        if not reason and value is not UNKNOWN:
            reason = syntax.value_problem(value)
        if reason:
            yield Failure(keyed(where, key), reason)


def _taints(taints: Any, where: str, kind: str) -> Problems:
    if taints is UNKNOWN or UNKNOWN in taints:
        return
    if taints and kind == "slurm":
        yield Failure(where, "is nothing to Slurm; keep jobs off nodes by partitions instead")
        return
    for index, text in enumerate(taints):
        if reason := syntax.taint_problem(text):
            yield Failure(f"{where}[{index}]", reason)
    for text in syntax.twice(taints):
        yield Failure(where, f"has {text!r} with the key and effect of another one")


def _rack_label(inputs: Properties) -> Problems:
    key, labels = inputs["rackLabel"], inputs["labels"]
    if key is UNKNOWN:
        return
    if reason := syntax.key_problem(key):
        yield Failure("rackLabel", reason)
    if labels is not UNKNOWN and key in labels:
        yield Failure(keyed("labels", key), "is the rack label, which each node's rack gives")


def _nodes(inputs: Properties) -> Problems:
    nodes = inputs.get("nodes")
    if nodes is None or nodes is UNKNOWN:
        return
    if not nodes:
        yield Failure("nodes", "has no node in it; leave it out until there is one")
    for name, node in sorted(nodes.items()):
        where = f"nodes.{name}"
        if reason := syntax.node_problem(name):
            yield Failure(keyed("nodes", name), reason)
        if node is UNKNOWN:
            continue
        rack = node.get("rack", "")
        if rack is not UNKNOWN and (reason := syntax.value_problem(rack)):
            yield Failure(f"{where}.rack", f"{reason}; the rack label needs one")
        yield from _labels(node.get("labels", {}), f"{where}.labels")
        own, all_ = node.get("taints", ()), inputs["taints"]
        yield from _taints(own, f"{where}.taints", inputs["kind"])
        if own is not UNKNOWN and all_ is not UNKNOWN:
            for text in syntax.twice([*dict.fromkeys(all_), *(set(own) - set(all_))]):
                if text not in syntax.twice(all_):
                    yield Failure(
                        f"{where}.taints", f"has {text!r} with the key and effect of another"
                    )


def _policy(policy: Any, kind: str) -> Problems:
    if policy is UNKNOWN:
        return
    late, unavailable = policy.get("late", "leave"), policy.get("unavailable", 1)
    if kind == "kubernetes" and late != "leave":
        yield Failure("policy.late", "is for Slurm: pods are never ended past their budget")
    for field in ("unmanaged", "local"):
        if kind == "slurm" and field in policy:
            yield Failure(f"policy.{field}", "is about pods; a Slurm node has none")
    if unavailable is not UNKNOWN and unavailable < 1:
        yield Failure("policy.unavailable", f"is {unavailable}: no node could ever be updated")


def _features(inputs: Properties) -> Problems:
    labels, rack = inputs["labels"], inputs["rackLabel"]
    if labels is UNKNOWN or rack is UNKNOWN:
        return
    for one, other in alike({**labels, rack: ""}):
        yield Failure(keyed("labels", other), f"is the same Slurm feature as {one!r}")

"""What a membership leaves on a Node object, and how it knows its own marks again.

Labels and cordons go by server-side apply, each membership under field managers of its own. The API
server then keeps count of who set what: a cordon that two have set outlives the release by one. A
node's taints are one atomic list, which apply would take whole, so ours are named in an annotation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.membership.scheduler import Closed

MEMBER = "aifactory/membership"
CLOSED = "aifactory/closed"
TAINTS = "aifactory/taints"

Node = Mapping[str, Any]


def manager(purpose: str, owner: str) -> str:
    """Field manager of an owner, within the API's 128 characters."""
    name = f"aifactory-{purpose}:{owner}"
    if len(name) <= 128:
        return name
    digest = hashlib.sha256(owner.encode()).hexdigest()[:16]
    return f"{name[:111]}:{digest}"


def owner_of(node: Node) -> str:
    """The membership that has the node; empty when none has."""
    return str(node["metadata"].get("annotations", {}).get(MEMBER, ""))


def closed_by(node: Node, owner: str) -> Closed:
    """Who keeps new work off the node; ours alone only when nobody else set it too."""
    if not node.get("spec", {}).get("unschedulable"):
        return "no"
    ours = manager("drain", owner)
    setters = {
        entry.get("manager")
        for entry in node["metadata"].get("managedFields", ())
        if "f:unschedulable" in entry.get("fieldsV1", {}).get("f:spec", {})
    }
    return "by-us" if setters == {ours} else "by-another"


def ours(node: Node, owner: str) -> frozenset[str]:
    """Label keys and taints that a membership has set on the node."""
    mine = manager("member", owner)
    labels = (
        field.removeprefix("f:")
        for entry in node["metadata"].get("managedFields", ())
        if entry.get("manager") == mine and entry.get("operation") == "Apply"
        for field in entry.get("fieldsV1", {}).get("f:metadata", {}).get("f:labels", {})
    )
    return frozenset({*labels, *marked_taints(node)} - {"."})


def taint_text(taint: Mapping[str, Any]) -> str:
    """`key=value:effect`, or `key:effect` where there is no value."""
    value = f"={taint['value']}" if taint.get("value") else ""
    return f"{taint['key']}{value}:{taint['effect']}"


def taint_of(text: str) -> dict[str, str]:
    """The other way round; `check` has seen to the syntax."""
    left, _, effect = text.rpartition(":")
    key, _, value = left.partition("=")
    return {"key": key, "effect": effect, **({"value": value} if value else {})}


def marked_taints(node: Node) -> tuple[str, ...]:
    """The taints that are ours, as texts; none when the mark is not readable."""
    text = node["metadata"].get("annotations", {}).get(TAINTS, "")
    try:
        found = json.loads(text) if text else []
    except ValueError:
        return ()
    return tuple(str(each) for each in found) if isinstance(found, list) else ()


def retainted(
    there: Iterable[Mapping[str, Any]], ours: Sequence[str], wanted: Sequence[str]
) -> list[dict[str, Any]]:
    """The whole list with our former taints gone and the wanted ones in it, others in their order.

    Kubernetes allows one taint a key and effect, so a wanted one takes the place of another's.
    """
    new = [taint_of(each) for each in sorted(wanted)]
    taken = {(each["key"], each["effect"]) for each in new}
    kept = [
        dict(each)
        for each in there
        if taint_text(each) not in ours and (each["key"], each["effect"]) not in taken
    ]
    return kept + new

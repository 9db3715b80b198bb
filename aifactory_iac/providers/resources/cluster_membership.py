"""`ClusterMembership`: the machines of a node group as nodes of a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.membership.connection import (
    access_text,
    connected,
    held_back,
    same_cluster,
)
from aifactory_iac.providers.membership.declared import DEFAULTS, declared, problems
from aifactory_iac.providers.membership.drain import SchedulerError
from aifactory_iac.providers.membership.draining import Draining
from aifactory_iac.providers.membership.joining import Joining, Result, Results
from aifactory_iac.providers.membership.leaving import leave
from aifactory_iac.providers.membership.policy import DrainPolicy
from aifactory_iac.providers.membership.scheduler import Declared
from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Found,
    Made,
    PartialError,
    Properties,
    PropertyChange,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.secrets import SecretError
from aifactory_iac.providers.surroundings import Surroundings

REPLACING = ("cluster", "kind", "nodeGroup")
OUTPUTS = ("joined", "results", "status")
NO_NODES = "`nodes` were not given: it is not known which machines are to join"


@dataclass(frozen=True)
class _Connection:
    """A cluster that was reached, and that is the one it was before."""

    identity: str
    draining: Draining
    joining: Joining


class ClusterMembershipType:
    """Waits for nodes that join by themselves, marks them, and drains them when they leave."""

    token = "aifactory:metal:ClusterMembership"  # noqa: S105 - a type token

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Lists whose order means nothing are sorted, so that a permutation is no change."""
        del old
        inputs = {**DEFAULTS, **new}
        if inputs["taints"] is not UNKNOWN and UNKNOWN not in inputs["taints"]:
            inputs["taints"] = sorted(inputs["taints"])
        return Checked(inputs, tuple(problems(inputs)))

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against the inputs, and against nodes that were last seen not to be as declared."""
        changes: dict[str, PropertyChange] = {}
        known = True
        for key in sorted({*old_inputs, *new}):
            before, after = old_inputs.get(key), new.get(key)
            if has_unknown(after):
                known = False
            elif before != after:
                kind = "add" if before is None else "delete" if after is None else "update"
                changes[key] = PropertyChange(kind, replace=key in REPLACING)  # type: ignore[arg-type]
        for node, result in sorted(state.get("results", {}).items()):
            if not _result(result).done:
                changes[f"results.{node}"] = PropertyChange("update")
        return Difference(changes, known=known)

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """The id is the owner mark on every node, so it names the cluster as well."""
        if preview:
            return Made("", {**inputs, **dict.fromkeys(OUTPUTS, UNKNOWN)})
        id_ = f"{inputs['cluster']}/{name}"
        if not inputs.get("nodes"):
            return Made(id_, _pending(inputs, around))
        async with _reached(id_, inputs, {}, around) as found:
            results = await found.joining.join(declared(inputs), float(inputs["joinSeconds"]))
        return _made(id_, _state(inputs, found.identity, results))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """What cannot be asked is as it was, and stale."""
        if not inputs:
            raise ProviderError(
                f"{id_}: a membership cannot be imported by its id alone; declare it, and it "
                "adopts nodes that are already in the cluster"
            )
        if not inputs.get("nodes"):
            return Found(state, inputs)
        try:
            async with _reached(id_, inputs, state, around) as found:
                results = await found.joining.look(declared(inputs))
        except ProviderError as error:
            around.log("warning", f"{error}; what was last seen of it is kept")
            return Found({**state, "stale": True}, inputs)
        stale = [node for node, result in results.items() if result.outcome == "failed"]
        kept = {node: _result(state.get("results", {}).get(node, {})) for node in stale}
        return Found(_state(inputs, found.identity, {**results, **kept}, stale=bool(stale)), inputs)

    async def update(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> Properties:
        """Nodes that are no longer named leave first, as in a deletion; then the rest is joined."""
        if preview:
            return {**new, **dict.fromkeys(OUTPUTS, UNKNOWN)}
        leaving = {
            node: content
            for node, content in _members(old, state).items()
            if node not in (new.get("nodes") or {})
        }
        if not new.get("nodes") and not leaving:
            return _pending(new, around)
        async with _reached(id_, new, state, around) as found:
            left = await leave(found.draining, id_, leaving, float(new["drainSeconds"]))
            wanted = declared(new)
            joined = await found.joining.join(wanted, float(new["joinSeconds"]))
        remaining = {node: result for node, result in left.items() if result.outcome != "left"}
        return _made(id_, _state(new, found.identity, {**joined, **remaining})).state

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Drains all nodes and takes them out of the cluster; the machines run on."""
        members = _members(inputs, state)
        if not members or not state.get("identity"):
            return
        async with _reached(id_, inputs, state, around) as found:
            results = await leave(found.draining, id_, members, float(inputs["drainSeconds"]))
        stuck = [result.reason for result in results.values() if result.outcome != "left"]
        if stuck:
            raise ProviderError(
                f"{id_}: {len(stuck)} of {len(members)} nodes did not leave: {'; '.join(stuck)}"
            )


TYPE = ClusterMembershipType()


@asynccontextmanager
async def _reached(
    id_: str, inputs: Properties, state: Properties, around: Surroundings
) -> AsyncIterator[_Connection]:
    """Raises `ProviderError` when nothing was done yet, whatever the reason."""
    try:
        text = access_text(around, inputs["cluster"], inputs.get("access"))
        async with connected(inputs["kind"], text, id_, around) as scheduler:
            identity = await same_cluster(scheduler, str(state.get("identity", "")))
            draining = Draining(
                scheduler,
                around.clock,
                DrainPolicy.of(inputs.get("policy") or {}),
                reason="leaves the cluster",
                pace=around.settings.pace,
                held_back=lambda: held_back(around),
            )
            joining = Joining(draining, id_, float(inputs["drainSeconds"]))
            yield _Connection(identity, draining, joining)
    except (SchedulerError, SecretError) as error:
        raise ProviderError(f"{inputs['cluster']}: {error}") from None


def _members(inputs: Properties, state: Properties) -> dict[str, Declared]:
    """Nodes that are, or were to be, in the cluster: those that did not leave yet too."""
    nothing = Declared({}, ())
    return {**dict.fromkeys(state.get("results", {}), nothing), **declared(inputs)}


def _pending(inputs: Properties, around: Surroundings) -> dict[str, Any]:
    around.log("warning", f"{inputs['cluster']}: {NO_NODES}")
    return {**inputs, "joined": 0, "results": {}, "status": "pending", "missing": [NO_NODES]}


def _state(
    inputs: Properties, identity: str, results: Results, *, stale: bool = False
) -> dict[str, Any]:
    joined = sum(result.outcome == "joined" for result in results.values())
    return {
        **inputs,
        "identity": identity,
        "joined": joined,
        "results": {node: _plain(result) for node, result in sorted(results.items())},
        "status": "joined" if joined == len(inputs.get("nodes") or {}) else "partial",
        **({"stale": True} if stale else {}),
    }


def _made(id_: str, state: dict[str, Any]) -> Made:
    """Raises `PartialError` when a node is not as declared; the others are, and are kept."""
    made = Made(id_, state)
    undone = [
        f"node {node}: {each['state']}: {each['reason']}"
        for node, each in state["results"].items()
        if not _result(each).done
    ]
    if undone:
        raise PartialError(made, undone)
    return made


def _plain(result: Result) -> dict[str, str]:
    return {"state": result.outcome, **({"reason": result.reason} if result.reason else {})}


def _result(document: Mapping[str, str]) -> Result:
    return Result(document.get("state", "waiting"), document.get("reason", ""))  # type: ignore[arg-type]

"""The nodes of a Kubernetes cluster, as a membership's scheduler."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from aifactory_iac.providers.membership.drain import (
    NodeTakenError,
    SchedulerError,
    UnreachableError,
)
from aifactory_iac.providers.membership.kubernetes import marks
from aifactory_iac.providers.membership.kubernetes.api import Answer, Json, KubernetesApi
from aifactory_iac.providers.membership.kubernetes.pods import workload
from aifactory_iac.providers.membership.scheduler import Declared, NodeView, Workload

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"

ATTEMPTS = 5
"""Of a change to a Node that another changed in between; its kubelet does so every few seconds."""

PAGE = "500"
"""Pods a page, the size that `kubectl` asks for."""


class KubernetesNodes:
    """One cluster, seen by the membership `owner`."""

    def __init__(self, api: KubernetesApi, owner: str) -> None:
        """Takes a connected API server."""
        self._api = api
        self._owner = owner
        self.by = f"kubernetes {api.server}"

    async def identity(self) -> str:
        """The uid of the namespace that every cluster has and none shares."""
        found = await self._api.get("/api/v1/namespaces/kube-system")
        if found is None:
            raise SchedulerError(f"{self._api.server}: there is no namespace kube-system")
        return str(found["metadata"]["uid"])

    async def observe(self, node: str, *, work: bool = True) -> NodeView:
        """The Node object and the pods that are bound to it."""
        found = await self._node(node)
        if found is None:
            return NodeView(node)
        return self._view(found, await self._pods(node) if work else ())

    async def declare(self, view: NodeView, declared: Declared) -> None:
        """Owner mark and labels by server-side apply; taints under an optimistic lock."""
        if view.owner and view.owner != self._owner:
            raise NodeTakenError(view.name, view.owner)
        if not view.owner:
            await self._claim(view)
        content = {
            "annotations": {marks.MEMBER: self._owner},
            "labels": dict(sorted(declared.labels.items())),
        }
        self._done(await self._apply(view, "member", {"metadata": content}, force=True), view)
        await self._taint(view.name, declared.taints)

    async def close(self, view: NodeView, reason: str) -> None:
        """A cordon under our own field manager."""
        if view.closed != "no":
            return
        content = {
            "metadata": {"annotations": {marks.CLOSED: f"{self._owner}: {reason}"}},
            "spec": {"unschedulable": True},
        }
        self._done(await self._apply(view, "drain", content, force=False), view)

    async def open(self, view: NodeView) -> None:
        """Applies nothing under the cordon's field manager, which takes back only our share."""
        self._done(await self._apply(view, "drain", {}, force=True), view)

    async def send_away(self, work: Sequence[Workload]) -> Mapping[str, str]:
        """Evictions, which the API server weighs against disruption budgets."""
        refused = {}
        for each in work:
            reason = await self._evict(each)
            if reason:
                refused[each.name] = reason
        return refused

    async def end(self, work: Sequence[Workload], *, requeue: bool) -> None:
        """Never: to delete a pod past its disruption budget is a person's decision."""
        word = "requeued" if requeue else "cancelled"
        raise SchedulerError(f"pods are not {word}: {', '.join(each.name for each in work)}")

    async def remove(self, view: NodeView) -> None:
        """Deletes the Node object, if it is still the one that was seen."""
        body = {"preconditions": {"uid": view.key}}
        answer = await self._api.write("DELETE", _path(view.name), body)
        if answer.status not in (200, 202, 404):
            raise SchedulerError(f"node {view.name}: {answer.message}")

    async def _claim(self, view: NodeView) -> None:
        """Puts the owner mark without force: the API server lets only one of two have it."""
        content = {"metadata": {"annotations": {marks.MEMBER: self._owner}}}
        answer = await self._apply(view, "member", content, force=False)
        if answer.status == 409:
            now = await self._node(view.name)
            owner = marks.owner_of(now) if now else ""
            if owner and owner != self._owner:
                raise NodeTakenError(view.name, owner)
        self._done(answer, view)

    async def _apply(self, view: NodeView, purpose: str, content: Json, *, force: bool) -> Answer:
        """Names the uid, so that a node that is gone is not made anew by the apply."""
        meta = {**content.get("metadata", {}), "name": view.name, "uid": view.key}
        return await self._api.write(
            "PATCH",
            _path(view.name),
            {"apiVersion": "v1", "kind": "Node", **content, "metadata": meta},
            kind=APPLY,
            fieldManager=marks.manager(purpose, self._owner),
            force="true" if force else "false",
        )

    async def _taint(self, name: str, wanted: Sequence[str]) -> None:
        for _ in range(ATTEMPTS):
            node = await self._node(name)
            if node is None:
                raise SchedulerError(f"node {name}: is gone")
            there, ours = node["spec"].get("taints", []), marks.marked_taints(node)
            new = marks.retainted(there, ours, wanted)
            if sorted(map(marks.taint_text, new)) == sorted(map(marks.taint_text, there)) and (
                sorted(ours) == sorted(wanted)
            ):
                return
            mark = json.dumps(sorted(wanted)) if wanted else None
            body = {
                "metadata": {
                    "resourceVersion": node["metadata"]["resourceVersion"],
                    "annotations": {marks.TAINTS: mark},
                },
                "spec": {"taints": new},
            }
            answer = await self._api.write(
                "PATCH",
                _path(name),
                body,
                kind=MERGE,
                fieldManager=marks.manager("member", self._owner),
            )
            if answer.status != 409:
                if answer.status >= 300:
                    raise SchedulerError(f"node {name}: {answer.message}")
                return
        raise SchedulerError(f"node {name}: changes faster than its taints can be set")

    async def _evict(self, work: Workload) -> str:
        namespace, _, name = work.name.partition("/")
        body = {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": {"name": name, "namespace": namespace},
            "deleteOptions": {"preconditions": {"uid": work.key}},
        }
        path = f"/api/v1/namespaces/{quote(namespace)}/pods/{quote(name)}/eviction"
        try:
            answer = await self._api.write("POST", path, body)
        except UnreachableError:
            return "the answer to its eviction was lost"
        gone = answer.status in (404, 409)
        return "" if answer.status < 300 or gone else answer.message

    async def _node(self, name: str) -> Json | None:
        return await self._api.get(_path(name))

    async def _pods(self, node: str) -> list[Json]:
        query = {"fieldSelector": f"spec.nodeName={node}", "limit": PAGE}
        found: list[Json] = []
        while True:
            page = await self._api.get("/api/v1/pods", **query)
            if page is None:
                raise SchedulerError(f"{self._api.server}: serves no pods")
            found += page.get("items", ())
            query["continue"] = page.get("metadata", {}).get("continue", "")
            if not query["continue"]:
                return found

    def _view(self, node: Json, pods: Sequence[Json]) -> NodeView:
        meta, conditions = node["metadata"], node.get("status", {}).get("conditions", ())
        annotations: Mapping[str, Any] = meta.get("annotations", {})
        work = (workload(pod) for pod in pods)
        closed = marks.closed_by(node, self._owner)
        return NodeView(
            name=meta["name"],
            exists=True,
            ready=any(each["type"] == "Ready" and each["status"] == "True" for each in conditions),
            closed=closed,
            owner=marks.owner_of(node),
            reason=annotations.get(marks.CLOSED, "") if closed == "by-us" else "",
            key=meta["uid"],
            labels=meta.get("labels", {}),
            taints=tuple(marks.taint_text(each) for each in node["spec"].get("taints", ())),
            ours=marks.ours(node, self._owner),
            workloads=tuple(sorted((each for each in work if each), key=lambda each: each.name)),
        )

    def _done(self, answer: Answer, view: NodeView) -> None:
        if answer.status >= 300:
            raise SchedulerError(f"node {view.name}: {answer.message}")


def _path(node: str) -> str:
    return f"/api/v1/nodes/{quote(node)}"

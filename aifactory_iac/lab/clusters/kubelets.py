"""Nodes without machines: they register, stay ready, run what is bound to them and let it go.

Where kwok is installed it keeps them alive; this does as much as a drain can tell apart.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import Mapping
from typing import Any

import aiohttp

from aifactory_iac.lab.clusters.spec import LabNode

BEAT_SECONDS = 5.0
"""Between two signs of life; the node controller misses a node after 50 s."""

LOOK_SECONDS = 0.2
"""Between two looks at the pods."""

Json = Mapping[str, Any]


class Kubelets:
    """All nodes of one cluster, as their kubelets would be seen by its API server."""

    def __init__(self, url: str, token: str, authority: str) -> None:
        """Takes the server and an administrator's token."""
        self._session = aiohttp.ClientSession(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cadata=authority)),
            timeout=aiohttp.ClientTimeout(total=30),
        )
        self._nodes: Mapping[str, LabNode] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def answers(self) -> bool:
        """Whether the API server is ready, with what it makes for itself at its start."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with self._session.get("/readyz") as found:
                if found.status != 200:
                    return False
            async with self._session.get("/api/v1/namespaces/default") as found:
                return found.status == 200
        return False

    async def join(self, nodes: Mapping[str, LabNode]) -> None:
        """Registers them, and has them ready."""
        self._nodes = {**self._nodes, **nodes}
        for name, node in nodes.items():
            await self._send("POST", "/api/v1/nodes", _node(name, node))
            await self._ready(name)

    def keep_alive(self) -> None:
        """From now on, until `stop`."""
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._run_pods())]

    async def stop(self) -> None:
        """Ends them all at once; the cluster misses them later."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            for name in self._nodes:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    await self._ready(name)

    async def _ready(self, name: str) -> None:
        now = _now()
        condition = {
            "type": "Ready",
            "status": "True",
            "reason": "KubeletReady",
            "lastHeartbeatTime": now,
        }
        await self._send(
            "PATCH", f"/api/v1/nodes/{name}/status", {"status": {"conditions": [condition]}}
        )

    async def _run_pods(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                for pod in await self._pods():
                    await self._take_care(pod)

    async def _take_care(self, pod: Json) -> None:
        meta, phase = pod["metadata"], pod.get("status", {}).get("phase")
        path = f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}"
        if pod.get("spec", {}).get("nodeName") not in self._nodes:
            return
        if "deletionTimestamp" in meta:
            body = {"gracePeriodSeconds": 0, "preconditions": {"uid": meta["uid"]}}
            await self._send("DELETE", path, body)
        elif phase == "Pending":
            ready = {"type": "Ready", "status": "True", "lastTransitionTime": _now()}
            status = {"phase": "Running", "conditions": [ready], "startTime": _now()}
            await self._send("PATCH", f"{path}/status", {"status": status})

    async def _pods(self) -> list[Json]:
        async with self._session.get("/api/v1/pods") as found:
            items: list[Json] = (await found.json()).get("items", [])
            return items

    async def _send(self, method: str, path: str, body: Json) -> None:
        """What fails is tried again with the next beat, as a kubelet does."""
        kind = "application/strategic-merge-patch+json" if method == "PATCH" else "application/json"
        async with self._session.request(
            method, path, json=body, headers={"Content-Type": kind}
        ) as found:
            await found.read()


def _node(name: str, node: LabNode) -> Json:
    offered = {
        "cpu": str(node.cores),
        "memory": f"{node.memory}Mi",
        "pods": "110",
        **({"nvidia.com/gpu": str(node.gpus)} if node.gpus else {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": {"kwok.x-k8s.io/node": "fake"},
            "labels": {"kubernetes.io/hostname": name, **node.labels},
        },
        "status": {"capacity": offered, "allocatable": offered},
    }


def _now() -> str:
    return dt.datetime.now(tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""The NVUE API of one emulated switch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from aifactory_iac.lab.switches.http import problem
from aifactory_iac.lab.switches.nvue_model import EDITABLE, NvueSwitch
from aifactory_iac.lab.switches.nvue_rules import schema_problems

BASE = "/nvue_v1"


class NvueService:
    """Answers requests under `BASE`."""

    def __init__(self, switch: NvueSwitch) -> None:
        self._switch = switch

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request of an account that is let in."""
        path = request.path.removeprefix(BASE).strip("/")
        if not request.path.startswith(BASE):
            return problem(404, "Not Found", "The requested URL was not found on the server.")
        self._switch.settle()
        if path == "revision":
            return self._revisions(request)
        if path.startswith("revision/"):
            return await self._revision(request, path.removeprefix("revision/"))
        if request.method == "GET":
            return self._show(request, path)
        return await self._change(request, path)

    async def lie(self, request: web.Request) -> web.StreamResponse:
        """Says yes to what it does not do."""
        name = request.path.removeprefix(f"{BASE}/revision/")
        if request.method == "PATCH" and name in self._switch.revisions:
            self._switch.lie(name, await _body(request))
            return web.json_response(self._switch.revisions[name].shown)
        return web.json_response({})

    def _revisions(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            name = self._switch.create()
            return web.json_response({name: self._switch.revisions[name].shown})
        shown = {name: revision.shown for name, revision in self._switch.revisions.items()}
        return web.json_response(shown | {"applied": self._applied(), "startup": self._applied()})

    async def _revision(self, request: web.Request, name: str) -> web.Response:
        if name != "applied" and name not in self._switch.revisions:
            return _unknown(name)
        if request.method == "PATCH":
            try:
                self._switch.tell(name, await _body(request))
            except ValueError:
                return problem(400, "Bad Request", "Failed to decode JSON object")
        shown = self._applied() if name == "applied" else self._switch.revisions[name].shown
        return web.json_response(shown)

    def _show(self, request: web.Request, path: str) -> web.Response:
        revision = request.query.get("rev", "operational")
        tree = self._switch.tree(revision)
        if tree is None:
            return _unknown(revision)
        if "diff" in request.query:
            other = self._switch.tree(request.query["diff"])
            if other is None:
                return _unknown(request.query["diff"])
            return web.json_response(difference(tree, other))
        value: Any = tree
        if revision == "operational":
            value = {**tree, **self._operational(tree)}
        for name in filter(None, path.split("/")):
            if not isinstance(value, Mapping) or name not in value:
                return problem(404, "Not Found", "The requested item does not exist.")
            value = value[name]
        return web.json_response(value)

    async def _change(self, request: web.Request, path: str) -> web.Response:
        name = request.query.get("rev", "")
        revision = self._switch.revisions.get(name)
        if revision is None:
            return _unknown(name)
        if revision.state not in EDITABLE:
            return problem(409, "Conflict", f"Revision {name} is not editable.")
        try:
            body = await _body(request)
        except ValueError:
            return problem(400, "Bad Request", "Failed to decode JSON object")
        for step in reversed([each for each in path.split("/") if each]):
            body = {step: body}
        if request.method == "DELETE":
            revision.tree = {}
            return web.Response(status=204)
        problems = list(schema_problems(body))
        if problems:
            return problem(400, "Bad Request", problems[0])
        return web.json_response(self._switch.edit(name, body))

    def _applied(self) -> dict[str, Any]:
        return self._switch.revisions[self._switch.applied].shown

    def _operational(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        spec = self._switch.spec
        return {
            "system": {
                **tree.get("system", {}),
                "build": "Cumulus Linux 5.14.0",
                "product-name": "Cumulus Linux",
                "product-release": "5.14.0",
                "uptime": 763,
            },
            "platform": {
                "manufacturer": "Mellanox",
                "product-name": spec.model or "SN5600",
                "serial-number": self._switch.serial,
            },
        }


def difference(tree: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What the first has otherwise than the second; None where only the second has something."""
    found: dict[str, Any] = {}
    for name in sorted(tree.keys() | other.keys()):
        mine, theirs = tree.get(name), other.get(name)
        if name not in tree:
            found[name] = None
        elif isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            if inside := difference(mine, theirs):
                found[name] = inside
        elif mine != theirs or name not in other:
            found[name] = mine
    return found


async def _body(request: web.Request) -> dict[str, Any]:
    text = await request.text()
    found = json.loads(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _unknown(name: str) -> web.Response:
    return problem(404, "Not Found", f"Revision '{name}' does not exist.")

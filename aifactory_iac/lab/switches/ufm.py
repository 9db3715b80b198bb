"""The P_Key interface of a UFM ("PKey GUIDs Rest API" of NVIDIA's UFM Enterprise REST API guide).

Two habits of a real one (6.19), as NVIDIA's configuration manager found them: adding port GUIDs
ignores a list of memberships, and removing a partition's last GUID removes the partition.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from aifactory_iac.lab.switches.device import Surround
from aifactory_iac.lab.switches.http import problem
from aifactory_iac.lab.switches.spec import UfmSpec

BASE = "/ufmRest/resources/pkeys"
DEFAULT = 0x7FFF


class Ufm:
    """One UFM. Partitions by number; memberships by port GUID."""

    def __init__(self, spec: UfmSpec, around: Surround) -> None:
        self.spec = spec
        self._around = around
        self.pkeys: dict[int, dict[str, Any]] = {
            DEFAULT: {"guids": {}, "ip_over_ib": True, "partition": "management"}
        }
        for pkey, guids in spec.pkeys.items():
            self.pkeys[int(pkey, 16)] = _partition(int(pkey, 16), dict(guids), ip_over_ib=True)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request of an account that is let in."""
        path = request.path.rstrip("/")
        if path == "/ufmRest/app/ufm_version":
            return web.json_response({"ufm_release_version": "6.19.0 build 8"})
        if not path.startswith(BASE):
            return problem(404, "Not Found", path)
        rest = path.removeprefix(BASE).strip("/")
        if request.method == "GET":
            return self._show(rest, with_guids=request.query.get("guids_data") == "true")
        if request.method == "DELETE":
            return self._delete(rest)
        body = json.loads(await request.text() or "{}")
        return self._write(request.method, rest, body)

    def _show(self, rest: str, *, with_guids: bool) -> web.Response:
        if not rest:
            return web.json_response(
                {f"0x{key:x}": _shown(each, with_guids) for key, each in self.pkeys.items()}
            )
        found = self.pkeys.get(_number(rest))
        return web.json_response(_shown(found, with_guids)) if found else _missing(rest)

    def _write(self, method: str, rest: str, body: dict[str, Any]) -> web.Response:
        pkey = _number(str(body.get("pkey", "")))
        if not 0 < pkey < DEFAULT:
            return problem(400, "Bad Request", f"pkey {body.get('pkey')} is out of range")
        if rest == "add":
            if pkey in self.pkeys:
                return problem(409, "Conflict", f"pkey 0x{pkey:x} exists")
            self.pkeys[pkey] = _partition(pkey, {}, ip_over_ib=bool(body.get("ip_over_ib", True)))
            self._note("created", pkey)
            return web.json_response({})
        guids = [str(guid).lower() for guid in body.get("guids", ())]
        wrong = [guid for guid in guids if not re.fullmatch(r"(0x)?[0-9a-f]{16}", guid)]
        if not guids or wrong:
            return problem(400, "Bad Request", f"guids: {wrong or 'is empty'}")
        return self._members(method, pkey, guids, body)

    def _members(
        self, method: str, pkey: int, guids: list[str], body: dict[str, Any]
    ) -> web.Response:
        kinds = body.get("memberships") if method == "PUT" else None
        if kinds is not None and len(kinds) != len(guids):
            return problem(400, "Bad Request", "memberships and guids differ in length")
        chosen = kinds or [body.get("membership", "full")] * len(guids)
        members = {guid.removeprefix("0x"): kind for guid, kind in zip(guids, chosen, strict=True)}
        there = self.pkeys.get(pkey)
        if method == "PUT":
            ip_over_ib = bool(body.get("ip_over_ib", True))
            self.pkeys[pkey] = _partition(pkey, members, ip_over_ib=ip_over_ib)
            self._note("set", pkey)
        elif there is None:
            return _missing(f"0x{pkey:x}")
        else:
            there["guids"].update(members)
            self._note("added", pkey)
        return web.json_response({})

    def _delete(self, rest: str) -> web.Response:
        name, _, guids = rest.partition("/guids/")
        pkey = _number(name)
        there = self.pkeys.get(pkey)
        if there is None or pkey == DEFAULT:
            return _missing(name)
        if guids:
            for guid in guids.split(","):
                there["guids"].pop(guid.lower().removeprefix("0x"), None)
        if not guids or not there["guids"]:
            del self.pkeys[pkey]
        self._note("removed", pkey)
        return web.json_response({})

    def _note(self, what: str, pkey: int) -> None:
        self._around.witness.effect(self.spec.address, what, pkey=f"0x{pkey:x}")


def _partition(pkey: int, guids: dict[str, str], *, ip_over_ib: bool) -> dict[str, Any]:
    bare = {guid.lower().removeprefix("0x"): kind for guid, kind in guids.items()}
    return {"guids": bare, "ip_over_ib": ip_over_ib, "partition": f"api_pkey_0x{pkey:x}"}


def _shown(partition: dict[str, Any], with_guids: bool) -> dict[str, Any]:  # noqa: FBT001
    rest = {key: value for key, value in partition.items() if key != "guids"}
    if not with_guids:
        return rest
    guids = [
        {"guid": guid, "index0": False, "membership": kind}
        for guid, kind in partition["guids"].items()
    ]
    return {**rest, "guids": guids}


def _number(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1


def _missing(name: str) -> web.Response:
    return problem(404, "Not Found", f"pkey {name} does not exist")

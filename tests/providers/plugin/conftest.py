"""Resource types that are made up, to prove the wire."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Failure,
    Found,
    Made,
    PartialError,
    PropertyChange,
    ProviderError,
)


class Notebook:
    """A resource that keeps pages; what it is asked to do is said by its `mood`."""

    token = "aifactory:metal:Notebook"

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.began = threading.Event()

    def check(self, old, new):
        self.seen.append(("check", (old, new)))
        if new.get("title") == "":
            return Checked(new, [Failure("title", "is empty"), Failure("", "has nothing to say")])
        return Checked({"pages": 10, **new})

    def diff(self, old, state, new):
        self.seen.append(("diff", (old, state, new)))
        changes = {}
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                kind = "add" if key not in old else "delete" if key not in new else "update"
                changes[key] = PropertyChange(kind, replace=key == "title")
        if state.get("torn"):
            changes["torn"] = PropertyChange("update")
        return Difference(changes, ["isbn"], known=new.get("title") is not UNKNOWN)

    async def create(self, name, inputs, around, *, preview):
        self.seen.append(("create", (name, inputs, preview)))
        if preview:
            return Made("", {**inputs, "isbn": UNKNOWN})
        await self._act(inputs, around)
        return Made(f"{name}-1", {**inputs, "isbn": "978-3", **self._extra(inputs)})

    async def read(self, id_, inputs, state, around):
        self.seen.append(("read", (id_, inputs, state)))
        if id_ == "gone":
            return None
        if id_ == "half":
            raise PartialError(Made(id_, {**state, "stale": True}), ["half of it is there"])
        found = {"title": "found", **inputs}
        return Found({**state, **found, "isbn": "978-3"}, found)

    async def update(self, id_, old, state, new, around, *, preview):
        self.seen.append(("update", (id_, old, state, new, preview)))
        if not preview:
            await self._act(new, around)
        return {**new, "isbn": state["isbn"], **self._extra(new)}

    async def delete(self, id_, inputs, state, around):
        self.seen.append(("delete", (id_, inputs, state)))
        await self._act(inputs, around)

    def _extra(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        if inputs.get("mood") == "copying":
            return {"copies": [inputs["password"], "plain"], "kubeconfig": "apiVersion: v1"}
        return {"left": UNKNOWN} if inputs.get("mood") == "forgetful" else {}

    async def _act(self, inputs: Mapping[str, Any], around: Any) -> None:
        match inputs.get("mood"):
            case "refusing":
                raise ProviderError(f"no paper for {inputs.get('password', 'it')}")
            case "partial":
                state = {**inputs, "isbn": "half"}
                raise PartialError(Made("r-half", state), ["page 3 tore", "page 4 tore"])
            case "broken":
                raise KeyError(inputs["password"])
            case "talking":
                around.log("info", "one")
                around.log("warning", f"the password is {inputs['password']}")
            case "waiting" | "stubborn":
                self.began.set()
                await around.cancelled.wait()
                self.seen.append(("stopped", inputs["mood"]))
                await asyncio.sleep(0)
                raise PartialError(Made("r-stopped", dict(inputs)), ["stopped when asked to"])


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def client(plugin: Callable[..., Any], notebook: Notebook) -> Any:
    """A plug-in whose only type is the notebook."""
    return plugin(types={notebook.token: notebook}.__getitem__)

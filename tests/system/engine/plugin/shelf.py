"""The plug-in's own process with one made-up type: notebooks, which are files of a folder.

Started by the engine as `pulumi-resource-aifactory`; everything but the type is the real plug-in.
A notebook does what its `mood` says: see `_act`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aifactory_iac.providers.plugin import main, serving
from aifactory_iac.providers.plugin.servicer import Provider
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

SHELF = Path(os.environ["SHELF"])


class Notebook:
    token = "aifactory:metal:Notebook"

    def check(self, old, new):
        torn = [key for key in sorted(new) if "torn" in str(new[key])]
        failures = [Failure(key, "is torn") for key in torn]
        return Checked({"pages": 10, **new}, failures)

    def diff(self, old, state, new):
        changes = {}
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                kind = "add" if key not in old else "delete" if key not in new else "update"
                changes[key] = PropertyChange(kind, replace=key == "title")
        if state.get("ink", "") != new.get("ink", ""):
            changes.setdefault("ink", PropertyChange("update"))
        return Difference(changes, stables=["isbn"])

    async def create(self, name, inputs, around, *, preview):
        if preview:
            return Made("", {**inputs, "isbn": UNKNOWN})
        state = {**inputs, "isbn": f"978-{name}"}
        await self._act(Made(name, state), inputs, around)
        return Made(name, self._put(name, state))

    async def read(self, id_, inputs, state, around):
        file = SHELF / id_
        if not file.exists():
            return None
        found = json.loads(file.read_text())
        return Found(found, {key: value for key, value in found.items() if key != "isbn"})

    async def update(self, id_, old, state, new, around, *, preview):
        changed = {**new, "isbn": state["isbn"]}
        if not preview:
            await self._act(Made(id_, changed), new, around)
            self._put(id_, changed)
        return changed

    async def delete(self, id_, inputs, state, around):
        if inputs.get("mood") == "clinging":
            raise ProviderError("somebody reads in it")
        (SHELF / id_).unlink(missing_ok=True)

    def _put(self, id_: str, state: Mapping[str, Any]) -> Mapping[str, Any]:
        (SHELF / id_).write_text(json.dumps(state))
        return state

    async def _act(self, made: Made, inputs: Mapping[str, Any], around: Any) -> None:
        match inputs.get("mood"):
            case "refusing":
                raise ProviderError(f"no paper that takes {inputs['pin']}")
            case "broken":
                raise KeyError(inputs["pin"])
            case "talking":
                pin = inputs["pin"]
                secret = pin if isinstance(pin, str) else around.credentials(pin).password
                around.log("warning", f"the secret is {secret}")
            case "partial" if not (SHELF / made.id).exists():
                self._put(made.id, made.state)
                raise PartialError(made, ["page 3 tore", "page 4 tore"])
            case "slow":
                self._put(made.id, made.state)
                (SHELF / "began").touch()
                await around.cancelled.wait()
                raise PartialError(made, ["stopped when asked to"])


TYPES = {Notebook.token: Notebook()}

if __name__ == "__main__":
    serving.Provider = lambda: Provider(TYPES.__getitem__)
    main.main()

"""`SwitchConfig`: the declared configuration of one switch, applied as one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Found,
    Made,
    PartialError,
    Properties,
    ProviderError,
)
from aifactory_iac.providers.surroundings import Surroundings
from aifactory_iac.providers.switches.changes import difference
from aifactory_iac.providers.switches.declared import CONFIRM_DEFAULT, switch_failures
from aifactory_iac.providers.switches.drivers import SYSTEMS, opened
from aifactory_iac.providers.switches.errors import SwitchError, UnprovenError
from aifactory_iac.providers.switches.journal import Journal
from aifactory_iac.providers.switches.recognition import recognises
from aifactory_iac.providers.switches.transaction import Declared, Outcome, Transaction
from aifactory_iac.providers.switches.tree import Edit, Goal, after, drift
from aifactory_iac.providers.switches.turns import Place, Turns

OBSERVED = ("revision", "version", "drift")
"""Outputs that only a run can tell."""


@dataclass(frozen=True)
class SwitchConfigType:
    """Switches; `turns` keeps two changes from meeting at one switch, or at one pair."""

    token: str = "aifactory:metal:SwitchConfig"  # noqa: S105 - a type token
    turns: Turns = field(default_factory=Turns)

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Defaults: the time to confirm; and, once it is managed, the address by name."""
        del old
        inputs = {"confirmSeconds": CONFIRM_DEFAULT, **new}
        if new.get("credentials") is not None and new.get("address") is None:
            parts = (new.get("hostname"), new.get("domain"))
            if UNKNOWN not in parts:
                inputs["address"] = ".".join(str(part) for part in parts if part)
        if isinstance(new.get("serial"), str):
            inputs["serial"] = new["serial"].strip().upper()
        return Checked(inputs, tuple(switch_failures(inputs)))

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against what is declared, and against what was last seen on the switch."""
        drifted = state.get("drift") or {}
        return difference(old_inputs, new, ("config", "tls"), drifted, ("serial",))

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """Without credentials it is only kept in mind, and nothing is ever written."""
        del name
        id_ = f"{inputs['site']}/{inputs['network']}/{inputs['hostname']}"
        if not _managed(inputs):
            return Made(id_, _unmanaged(inputs, around, preview=preview))
        if preview:
            return Made(id_, _planned(inputs))
        return Made(id_, await self._brought(id_, inputs, {}, {}, around))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """What differs from the declaration, by property. A switch is never gone."""
        if not inputs:
            raise ProviderError(
                f"{id_}: a switch cannot be imported by its id alone; declare it with `address` "
                "and `credentials`: what already is as declared is adopted without a write"
            )
        if not _managed(inputs):
            return Found({**inputs, **_nothing_seen()}, inputs)
        try:
            seen = await self._looked(inputs, state, around)
        except SwitchError as error:
            around.log("warning", f"{error}; what was last seen of it is kept")
            return Found({**state, "stale": True}, inputs)
        return Found(seen, inputs)

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
        """What was declared before and is no longer goes; what never was, stays."""
        if not _managed(new):
            return _unmanaged(new, around, preview=preview)
        if preview:
            return {**_planned(new), "serial": state.get("serial", UNKNOWN)}
        before = state.get("owned") or (old.get("config", {}) if state.get("managed") else {})
        return await self._brought(
            id_, new, before, {**state, "renamed": old.get("hostname")}, around
        )

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Lets go of the switch: its configuration stays as it is."""
        del inputs
        if state.get("managed"):
            around.log("info", f"{id_} keeps its configuration, and is not managed any more")

    async def _brought(
        self,
        id_: str,
        inputs: Properties,
        before: Mapping[str, Any],
        state: Properties,
        around: Surroundings,
    ) -> dict[str, Any]:
        """Raises `ProviderError`, or `PartialError` when it is not known what is in force."""
        place = Place(
            inputs["site"], inputs["network"], inputs["role"], inputs["hostname"], inputs["address"]
        )
        try:
            async with self.turns.of(place):
                outcome = await _transacted(inputs, before, state, around)
        except UnprovenError as error:
            unsure = {
                **inputs,
                **{key: state[key] for key in ("serial", *OBSERVED) if key in state},
                "managed": True,
                "stale": True,
                "owned": after(before, Edit(set=inputs["config"])),
            }
            raise PartialError(Made(id_, unsure), (str(error),)) from None
        except SwitchError as error:
            raise ProviderError(str(error)) from None
        if outcome.changed:
            around.log("info", f"{inputs['address']}: {outcome.running.revision} is in force")
        return _seen(inputs, outcome)

    async def _looked(
        self, inputs: Properties, state: Properties, around: Surroundings
    ) -> dict[str, Any]:
        driver = opened(
            inputs["os"], inputs["address"], inputs["tls"], inputs["credentials"], around
        )
        try:
            running = await driver.read()
            _recognised(inputs, state)(running.identity)
            goal = Goal(_intent(inputs), driver.wanted(inputs["config"], running))
        finally:
            await driver.close()
        return _seen(inputs, Outcome(running, goal, changed=False))


TYPE = SwitchConfigType()


async def _transacted(
    inputs: Properties, before: Mapping[str, Any], state: Properties, around: Surroundings
) -> Outcome:
    driver = opened(inputs["os"], inputs["address"], inputs["tls"], inputs["credentials"], around)
    transaction = Transaction(
        driver=driver,
        declared=Declared(
            name=inputs["address"],
            intent=_intent(inputs),
            config=inputs["config"],
            before=before,
            confirm_seconds=int(inputs["confirmSeconds"]),
        ),
        recognises=_recognised(inputs, state),
        journal=Journal.of(around.settings.state_dir, inputs["address"]),
        around=around,
        implied=SYSTEMS[inputs["os"]].implied,
    )
    try:
        return await transaction.run()
    finally:
        await driver.close()


def _recognised(inputs: Properties, state: Properties) -> Any:
    names = tuple(
        str(name) for name in (inputs["hostname"], state.get("renamed")) if name is not None
    )
    serial = inputs.get("serial") or state.get("serial")
    return recognises(inputs["address"], inputs["os"], names, serial if serial else None)


def _intent(inputs: Properties) -> str:
    """The same for the same declaration of the same switch, in whatever order it is written."""
    text = json.dumps([inputs["address"], inputs["config"]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _managed(inputs: Properties) -> bool:
    return inputs.get("credentials") is not None


def _seen(inputs: Properties, outcome: Outcome) -> dict[str, Any]:
    running = outcome.running
    return {
        **inputs,
        "managed": True,
        "revision": running.revision,
        "serial": running.identity.serial,
        "version": running.identity.version,
        "drift": drift(outcome.goal, running.tree, ("config",)),
        "stale": False,
    }


def _planned(inputs: Properties) -> dict[str, Any]:
    unknown = dict.fromkeys(OBSERVED, UNKNOWN)
    return {"serial": UNKNOWN, **inputs, **unknown, "managed": True, "stale": False}


def _nothing_seen() -> dict[str, Any]:
    return {"managed": False, "revision": "", "version": "", "drift": {}, "stale": False}


def _unmanaged(inputs: Properties, around: Surroundings, *, preview: bool) -> dict[str, Any]:
    if not preview:
        around.log(
            "warning",
            f"{inputs['hostname']} has no `credentials`, so it is unmanaged: nothing is written to "
            "it, and nothing is read from it",
        )
    return {**inputs, **_nothing_seen()}

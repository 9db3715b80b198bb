"""`FabricPartitions`: partitions and routing of one InfiniBand network, at its subnet manager."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
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
    has_unknown,
)
from aifactory_iac.providers.surroundings import Surroundings
from aifactory_iac.providers.switches.changes import difference
from aifactory_iac.providers.switches.declared import CONFIRM_DEFAULT
from aifactory_iac.providers.switches.drivers import SSH_PORT, opened
from aifactory_iac.providers.switches.errors import HaltedError, SwitchError, UnprovenError
from aifactory_iac.providers.switches.partitions import members as belonging
from aifactory_iac.providers.switches.partitions import ufm
from aifactory_iac.providers.switches.partitions.declared import partitions_failures
from aifactory_iac.providers.switches.partitions.manager import Held, PartitionManager, differences
from aifactory_iac.providers.switches.partitions.on_switch import SwitchManager
from aifactory_iac.providers.switches.partitions.opensm import (
    FOLDER,
    LocalFolder,
    OpensmManager,
    RemoteFolder,
)
from aifactory_iac.providers.switches.recognition import recognises_serial
from aifactory_iac.providers.switches.rest import Rest
from aifactory_iac.providers.switches.shell import Shell
from aifactory_iac.providers.switches.trust import reach
from aifactory_iac.providers.switches.turns import Place, Turns

SITE_CA = {"trust": "site-ca"}


@dataclass(frozen=True)
class FabricPartitionsType:
    """Subnet managers; `turns` keeps two changes from meeting at one."""

    token: str = "aifactory:metal:FabricPartitions"  # noqa: S105 - a type token
    turns: Turns = field(default_factory=Turns)

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Defaults: the time to confirm a change on a switch, and the site's authority."""
        del old
        inputs = {"confirmSeconds": CONFIRM_DEFAULT, "tls": SITE_CA, **new}
        return Checked(inputs, tuple(partitions_failures(inputs)))

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against what is declared, and against what the manager was last seen to have."""
        drifted = state.get("drift") or {}
        return difference(old_inputs, new, ("partitions", "tls"), drifted, ())

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """Without a manager to tell, who belongs where is only kept in mind."""
        del name
        id_ = f"{inputs['site']}/{inputs['network']}"
        return Made(id_, await self._brought(id_, inputs, {}, {}, around, preview=preview))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """What the manager has otherwise than declared, by partition."""
        if not inputs:
            raise ProviderError(
                f"{id_}: partitions cannot be imported by their id alone; declare them: what "
                "already is as declared is adopted without a write"
            )
        if not _managed(inputs):
            return Found(state, inputs)
        members = belonging.read(state.get("members", {}))
        try:
            manager = _manager(inputs, {}, state, members, around)
            try:
                held = await manager.read()
            finally:
                await manager.close()
        except SwitchError as error:
            around.log("warning", f"{error}; what was last seen of it is kept")
            return Found({**state, "stale": True}, inputs)
        return Found(_seen(inputs, members, held), inputs)

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
        """Grows and shrinks without moving anybody who stays."""
        return await self._brought(id_, new, old, state, around, preview=preview)

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Lets go of them: the manager keeps its partitions, and so do the tenants on them."""
        del inputs
        if state.get("managed"):
            around.log("info", f"{id_} keeps its partitions, and they are not managed any more")

    async def _brought(
        self,
        id_: str,
        inputs: Properties,
        old: Properties,
        state: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> dict[str, Any]:
        if has_unknown(inputs.get("guids")) or has_unknown(inputs["partitions"]):
            return {**inputs, "members": UNKNOWN, "missing": UNKNOWN, "managed": _managed(inputs)}
        members = belonging.assigned(
            inputs["partitions"],
            inputs.get("guids") or {},
            belonging.read(state.get("members", {})),
        )
        if preview or not _managed(inputs):
            return _unmanaged(inputs, members, around, preview=preview)
        held = await self._told(id_, inputs, old, state, members, around)
        for remark in held.remarks:
            around.log("warning", f"{id_}: {remark}")
        seen = _seen(inputs, members, held)
        for partition, pools in seen["missing"].items():
            lacking = ", ".join(f"{count} of {pool}" for pool, count in pools.items())
            around.log("warning", f"{id_}: partition {partition} still lacks nodes: {lacking}")
        return seen

    async def _told(
        self,
        id_: str,
        inputs: Properties,
        old: Properties,
        state: Properties,
        members: belonging.Members,
        around: Surroundings,
    ) -> Held:
        """Raises `ProviderError`, or `PartialError` when it is not known what the manager has."""
        address = str(inputs.get("address") or inputs.get("target"))
        place = Place(inputs["site"], inputs["network"], "manager", inputs["network"], address)
        wanted = belonging.wanted(inputs["partitions"], members)
        before = _before(old, state)
        try:
            manager = _manager(inputs, old, state, members, around)
            try:
                async with self.turns.of(place):
                    return await manager.bring(
                        wanted,
                        inputs["routing"],
                        frozenset(each.pkey for each in before),
                        lambda what: _may_write(what, around),
                    )
            finally:
                await manager.close()
        except UnprovenError as error:
            unsure = {**inputs, **_outputs(inputs, members), "managed": True, "stale": True}
            raise PartialError(Made(id_, unsure), (str(error),)) from None
        except SwitchError as error:
            raise ProviderError(str(error)) from None


TYPE = FabricPartitionsType()


def _manager(
    inputs: Properties,
    old: Properties,
    state: Properties,
    members: belonging.Members,
    around: Surroundings,
) -> PartitionManager:
    """The manager that the inputs name; nothing is connected yet. Raises `SwitchError`."""
    if inputs["manager"] == "opensm" and inputs.get("address") is None:
        return OpensmManager(LocalFolder(inputs["target"]))
    address, tls, secret = inputs["address"], inputs["tls"], inputs["credentials"]
    if inputs["manager"] == "ufm":
        where = reach(address, ufm.PORT, tls, secret, around)
        return ufm.UfmManager(Rest(where, ufm.BASE, around.clock, around.settings.pace))
    if inputs["manager"] == "opensm":
        where = reach(address, SSH_PORT, tls, secret, around)
        shell = Shell(where, around.clock, around.settings.pace)
        return OpensmManager(RemoteFolder(shell, inputs.get("target") or FOLDER))
    return SwitchManager(
        driver=opened("mlnx-os", address, tls, secret, around),
        address=address,
        intent=_intent(inputs, members),
        before=_before(old, state),
        recognises=recognises_serial(address, state.get("serial") or None),
        confirm_seconds=int(inputs["confirmSeconds"]),
        around=around,
    )


def _before(old: Properties, state: Properties) -> Sequence[belonging.Partition]:
    """What we had the manager have."""
    if not state.get("managed"):
        return ()
    return belonging.wanted(old.get("partitions", {}), belonging.read(state.get("members", {})))


def _intent(inputs: Properties, members: belonging.Members) -> str:
    text = json.dumps(
        [inputs["address"], inputs["routing"], inputs["partitions"], belonging.plain(members)],
        sort_keys=True,
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _managed(inputs: Properties) -> bool:
    """Whether there is a manager to tell, and leave to tell it."""
    if inputs["manager"] == "opensm" and inputs.get("address") is None:
        return inputs.get("target") is not None
    return inputs.get("address") is not None and inputs.get("credentials") is not None


def _may_write(what: str, around: Surroundings) -> None:
    if around.frozen:
        raise HaltedError(f"writes are frozen by {around.settings.freeze}, before {what}")
    if around.cancelled.is_set():
        raise HaltedError(f"the run was cancelled before {what}")


def _outputs(inputs: Properties, members: belonging.Members) -> dict[str, Any]:
    return {
        "members": belonging.plain(members),
        "missing": belonging.short_of(inputs["partitions"], members),
    }


def _seen(inputs: Properties, members: belonging.Members, held: Held) -> dict[str, Any]:
    wanted = belonging.wanted(inputs["partitions"], members)
    found: Mapping[str, Any] = differences(wanted, frozenset(), held)
    if held.routing is not None and held.routing != inputs["routing"]:
        found = {**found, "routing": {"wanted": inputs["routing"], "found": held.routing}}
    return {
        **inputs,
        **_outputs(inputs, members),
        "managed": True,
        "serial": held.serial,
        "drift": dict(found),
        "stale": False,
    }


def _unmanaged(
    inputs: Properties, members: belonging.Members, around: Surroundings, *, preview: bool
) -> dict[str, Any]:
    managed = _managed(inputs)
    if not managed and not preview:
        needed = "`target`, or `address` and `credentials`"
        if inputs["manager"] != "opensm":
            needed = "`address` and `credentials`"
        around.log(
            "warning",
            f"{inputs['network']} has no {needed} of its {inputs['manager']}, so its partitions "
            "are unmanaged: nobody is told of them",
        )
    return {
        **inputs,
        **_outputs(inputs, members),
        "managed": managed,
        "serial": UNKNOWN if managed else "",
        "drift": {},
        "stale": False,
    }

"""Resources that are about one machine: a group of one, with its wishes spelled for one.

What a group checks, forecasts, proves and keeps holds for a single machine as well; only property
paths and outputs are its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Failure,
    Found,
    Made,
    PartialError,
    Properties,
    PropertyChange,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.resources.group_check import failures_of, normal
from aifactory_iac.providers.resources.group_diff import differing, unsettled
from aifactory_iac.providers.resources.node_group import NodeGroupType
from aifactory_iac.providers.surroundings import Surroundings

Wish = Callable[[Properties], Mapping[str, Any]]
"""What a group would be told beside its machines."""

Show = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Outputs of one's own, from the result that is kept."""

Prepare = Callable[[Properties, Surroundings], Awaitable[Properties]]
"""Inputs with what only a run can tell filled in. Raises `ProviderError`."""

_POOL = "single"


async def _as_given(inputs: Properties, around: Surroundings) -> Properties:  # noqa: ARG001
    return inputs


@dataclass(frozen=True)
class OneMachineType:
    """A resource of one machine.

    `places` says what a property of a group is called here, where it has another name.
    """

    token: str
    wish: Wish
    show: Show = lambda _result: {}
    outputs: tuple[str, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    prepare: Prepare = _as_given
    group: NodeGroupType = field(default_factory=NodeGroupType)

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Everything that is wrong, in the words and places of this type."""
        del old
        group = normal(self._group(new))
        machines = group["machines"]
        inputs = {**new, **({"machine": machines[new["name"]]} if machines else {})}
        for theirs, ours in self._named(group, new):
            inputs[ours] = group[theirs]
        failures = [
            Failure(self._place(each.property, new["name"]), each.reason)
            for each in failures_of(group)
        ]
        return Checked(inputs, tuple(sorted(set(failures), key=lambda f: (f.property, f.reason))))

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against the inputs, and against the machine where it was last seen to be otherwise."""
        changes: dict[str, PropertyChange] = {}
        for key in sorted({*old_inputs, *new}):
            for path, kind in differing(old_inputs.get(key), new.get(key), key):
                changes[path] = PropertyChange(kind, replace=key == "site")
        known = not has_unknown(new)
        if known:
            group = self._group(new)
            for path in unsettled(self._group_state(new, state), group):
                changes[self._place(path, new["name"])] = PropertyChange("update")
        return Difference(changes, known=known)

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """Adopts what is as declared already. The id says site and machine."""
        if preview:
            await self.group.create(name, self._group(inputs), around, preview=True)
            return Made("", self._unknown(inputs))
        ready = await self.prepare(inputs, around)
        return await self._translated(
            f"{inputs['site']}/{inputs['name']}",
            inputs,
            self.group.create(name, self._group(ready), around, preview=False),
        )

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """Looks at the machine; one that is not reached is as it was, and stale."""
        if not inputs:
            raise ProviderError(
                f"{id_}: cannot be imported by its id alone, which says nothing of its controller; "
                "declare it, and what is as declared is adopted untouched"
            )
        try:
            found = await self.group.read(
                id_, self._group(inputs), self._group_state(inputs, state), around
            )
        except PartialError as error:
            raise PartialError(self._made(id_, inputs, error.made.state), error.reasons) from None
        if found is None:
            return None
        return Found(self._made(id_, inputs, found.state).state, inputs)

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
        """Brings the machine; a new name of it is only a new name."""
        group, known = self._group(new), self._group_state(new, state)
        if preview:
            await self.group.update(id_, group, known, group, around, preview=True)
            return self._unknown(new)
        del old
        ready = self._group(await self.prepare(new, around))
        made = await self._translated(id_, new, self._updated(id_, ready, known, around))
        return made.state

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Detaches what we attached; power and disks stay."""
        await self.group.delete(id_, self._group(inputs), self._group_state(inputs, state), around)

    async def _updated(
        self, id_: str, group: Properties, known: Properties, around: Surroundings
    ) -> Made:
        state = await self.group.update(id_, group, known, group, around, preview=False)
        return Made(id_, state)

    async def _translated(self, id_: str, inputs: Properties, doing: Awaitable[Made]) -> Made:
        try:
            made = await doing
        except PartialError as error:
            raise PartialError(self._made(id_, inputs, error.made.state), error.reasons) from None
        return self._made(id_, inputs, made.state)

    def _made(self, id_: str, inputs: Properties, state: Properties) -> Made:
        result = state["results"].get(inputs["name"], {})
        shown = {"status": result.get("state", ""), **self.show(result), "result": result}
        return Made(id_, {**inputs, **shown})

    def _unknown(self, inputs: Properties) -> Properties:
        return {**inputs, **dict.fromkeys(("status", *self.outputs, "result"), UNKNOWN)}

    def _group(self, inputs: Properties) -> dict[str, Any]:
        """The inputs as those of a group of one."""
        shared = {key: inputs[key] for key in _SHARED if key in inputs}
        return {
            "pool": _POOL,
            "scalableUnit": 1,
            "system": "",
            "domain": "",
            "boot": {"method": "media", "secure": False},
            "disks": {"wipe": "never", "encrypt": False},
            "rollout": {"unavailable": 1, "drain": True},
            "image": {"os": "any"},
            "machines": {inputs["name"]: inputs["machine"]},
            **shared,
            **self.wish(inputs),
        }

    def _group_state(self, inputs: Properties, state: Properties) -> dict[str, Any]:
        result = state.get("result")
        return {"results": {inputs["name"]: result} if isinstance(result, Mapping) else {}}

    def _named(self, group: Properties, new: Properties) -> list[tuple[str, str]]:
        """Properties that both have, whose spelling is made uniform."""
        pairs = [(key, self.places.get(key, key)) for key in ("firmware", "approval")]
        return [(theirs, ours) for theirs, ours in pairs if theirs in group and ours in new]

    def _place(self, path: str, name: str) -> str:
        """Where these inputs have what a group has at a path."""
        whole = {f"machines.{name}": "machine", f"results.{name}": "result", **self.places}
        for theirs, ours in whole.items():
            rest = path.removeprefix(theirs)
            if path.startswith(theirs) and rest[:1] in ("", ".", "["):
                return "name" if rest == "" and ours == "machine" else ours + rest
        return path


_SHARED = (
    *("site", "system", "bmc", "owner", "power", "bios", "secureBoot", "bootOrder"),
    *("provisioningServer", "cluster", "approval"),
)
"""Properties that mean the same to one machine and to many."""

"""The machines of a factory as its on-prem units would provision them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.api.factory import Factory
from aifactory_iac.api.run import built, lowered
from aifactory_iac.providers.inventory.values import Intended
from aifactory_iac.providers.machine.identity import Identity

_POOL = "onprem.node_pool:NodePool"


def group_inputs(factory: Factory) -> Iterator[Mapping[str, Any]]:
    """Inputs of every `NodeGroup`, as the provider gets them.

    Raises `InvalidBlueprintError` when the document is invalid, or cannot be built.
    """
    for unit in lowered(factory, built(factory)).units:
        for call in unit.calls:
            if call.component != _POOL:
                continue
            args = {name: value for name, value in call.args.items() if name != "units"}
            for content in call.args["units"].values():
                yield {
                    **{_camel(name): value for name, value in args.items()},
                    "scalableUnit": content["number"],
                    "machines": content["machines"],
                }


def intended_machines(factory: Factory) -> tuple[Intended, ...]:
    """Every machine on-prem with its place and addresses, by name. Raises as `group_inputs`."""
    found = [
        Intended(
            name=name,
            site=str(inputs["site"]),
            pool=str(inputs["pool"]),
            rack=str(machine.get("rack", "")),
            unit=int(machine.get("unit", 0)),
            controller=str(machine.get("bmc", "")),
            address=str(machine.get("address", "")),
            declared=Identity.of(
                str(machine.get("serial", "")),
                str(machine.get("uuid", "")),
                tuple(machine.get("macs", ())),
            ),
        )
        for inputs in group_inputs(factory)
        for name, machine in inputs["machines"].items()
    ]
    return tuple(sorted(found, key=lambda each: each.name))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)

"""The machines of a factory as its on-prem units would provision them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aifactory_iac.api.factory import Factory
from aifactory_iac.api.run import built, lowered
from aifactory_iac.providers.backends.export.subject import Subject
from aifactory_iac.providers.inventory.values import Intended
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.resource import Failure

if TYPE_CHECKING:
    from aifactory_iac.providers.inventory.adopting import Adopted
    from aifactory_iac.providers.machine.intent import Trust

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


def ask_controllers(
    machines: Sequence[Intended], credentials: Mapping[str, str], authority: Path | None
) -> Adopted:
    """Who the machines say they are: their controllers are read, and never written.

    `credentials` refers to user and password; `authority` is the site's, the system's when not
    given. With `AIFACTORY_LAB`, the lab's controllers are asked.
    """
    import asyncio
    import os

    from aifactory_iac.providers.inventory.adopting import asked
    from aifactory_iac.providers.machine.intent import Controller
    from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner
    from aifactory_iac.providers.secrets import SecretReader, standard_stores
    from aifactory_iac.providers.surroundings import (
        Lab,
        Settings,
        Surroundings,
        default_state_dir,
    )

    place = os.environ.get("AIFACTORY_LAB")
    lab = Lab.read(Path(place)) if place else None
    settings = Settings(default_state_dir(), site_ca=authority, lab=lab)
    stores = SecretReader(standard_stores(), lab.credentials if lab else {})
    trust: Trust = "site-ca" if authority or lab else "system-ca"

    async def asking() -> Adopted:
        provisioner = RedfishProvisioner(Surroundings(settings, stores))
        try:
            return await asked(machines, Controller("", credentials, trust), provisioner)
        finally:
            await provisioner.close()

    return asyncio.run(asking())


def subjects(
    factory: Factory, identities: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[Subject, ...], tuple[Failure, ...]]:
    """What an export needs of every machine, and what keeps machines from being exported.

    `identities` are adopted `serial`, `uuid` and `macs` by machine; the first MAC address is that
    of the card that it boots from. Raises `InvalidBlueprintError`.
    """
    from aifactory_iac.providers.resources.group_intents import intents_of

    found: list[Subject] = []
    failures: list[Failure] = []
    for inputs in group_inputs(factory):
        if not inputs.get("bmc"):
            failures.append(
                Failure(
                    f"compute.{inputs['pool']}.bmc",
                    "is required: an export names how the controllers are reached",
                )
            )
            continue
        machines = {
            name: {**machine, **identities.get(name, {})}
            for name, machine in inputs["machines"].items()
        }
        for name, intent in intents_of({**inputs, "machines": machines}, {}).items():
            macs = machines[name].get("macs") or ("",)
            found.append(
                Subject(
                    intent,
                    address=str(machines[name].get("address", "")),
                    boot_mac=str(macs[0]).lower(),
                    pool=str(inputs["pool"]),
                    site=str(inputs["site"]),
                )
            )
    return tuple(found), tuple(failures)


def provisioning_networks(factory: Factory) -> tuple[str, ...]:
    """Subnets of the design's on-prem sites as CIDR. Raises `InvalidBlueprintError`."""
    found = {
        str(subnet["cidr"])
        for unit in lowered(factory, built(factory)).units
        for call in unit.calls
        for subnet in (call.args.get("subnets") or {}).values()
        if isinstance(subnet, Mapping) and "cidr" in subnet
    }
    return tuple(sorted(found))

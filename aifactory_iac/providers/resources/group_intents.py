"""From the inputs of a node group, and what is known of its machines, to what is wanted of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aifactory_iac.providers.fleet.budget import DisruptionBudget
from aifactory_iac.providers.install.document import Read
from aifactory_iac.providers.install.installation import Installation, read_installation
from aifactory_iac.providers.install.together import shared_failures
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import (
    Approval,
    BootOnce,
    Budget,
    Component,
    Controller,
    MachineIntent,
    Owner,
    Place,
)
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.resource import Failure, Properties, ProviderError

_WANTED = (
    *("bootOnce", "bootOrder", "media", "secureBoot"),
    *(
        "approval",
        "backend",
        "bios",
        "bmc",
        "boot",
        "budget",
        "cluster",
        "disks",
        "firmware",
        "image",
    ),
    *("install", "owner", "power", "provisioningServer", "rollout", "system"),
)
_PLACE = ("rack", "unit", "slot", "spare")

MEDIA = {"http": "http", "media": "iso", "pxe": "pxe"}
"""What a boot method is called where an image says how it is booted."""


def intents_of(inputs: Properties, known: Mapping[str, MachineResult]) -> dict[str, MachineIntent]:
    """What is wanted of each machine, by name. Raises `ProviderError` when inputs were not checked.

    Once a machine was adopted, what adoption found is wanted of it from then on; unless another
    serial number or UUID is declared for it, which is another machine in its place.
    """
    shared = _shared(inputs)
    template = _template(inputs)
    found = {}
    for name, machine in sorted(inputs["machines"].items()):
        identity = declared_identity(machine)
        if name in known and not exchanged(machine, known[name]):
            identity = identity.completed(known[name].identity)
        found[name] = MachineIntent(
            name=name,
            controller=_controller(inputs["bmc"], machine),
            identity=identity,
            place=_place(inputs, machine),
            protected=machine.get("protected", False),
            install=_installation(template, name, machine, identity),
            **shared,
        )
    return found


def owner_of(inputs: Properties) -> Owner:
    """Who decides: without an image machines are watched only."""
    owner: Owner = inputs.get("owner", "managed")
    return "observed" if owner == "managed" and not inputs.get("image") else owner


def declared_identity(machine: Mapping[str, Any]) -> Identity:
    """What the inputs say of who a machine is."""
    return Identity.of(machine.get("serial", ""), machine.get("uuid", ""), machine.get("macs", ()))


def exchanged(machine: Mapping[str, Any], known: MachineResult) -> bool:
    """Whether another machine is declared in the place of the one that was adopted."""
    wanted, was = declared_identity(machine), known.identity
    return any(
        new and old and new != old
        for new, old in ((wanted.serial, was.serial), (wanted.uuid, was.uuid))
    )


def wanted_digests(inputs: Properties) -> dict[str, str]:
    """By machine: changes when anything that is wanted of it does, but not with its place.

    A machine in quarantine is tried again when it changes, and that is what `attempt` is for.
    """
    common = hashlib.sha256(_json({key: inputs.get(key) for key in _WANTED})).digest()
    return {
        name: hashlib.sha256(
            common + _json({key: machine[key] for key in machine if key not in _PLACE})
        ).hexdigest()[:12]
        for name, machine in inputs["machines"].items()
    }


def budget_of(inputs: Properties) -> DisruptionBudget:
    """What a rollout of the group may cost at once."""
    given = inputs.get("budget", {})
    return DisruptionBudget(
        unavailable=inputs["rollout"]["unavailable"],
        percent=given.get("percent"),
        rack=given.get("rack"),
        breaker=given.get("breaker"),
        watts_per_minute=given.get("watts"),
        failures=given.get("failures"),
    )


def approval_of(inputs: Properties) -> Approval | None:
    """Who allowed what. Raises `ValueError` when its time is none."""
    given = inputs.get("approval")
    if not given:
        return None
    return Approval(
        by=", ".join(given["by"]),
        until=moment(given["until"]),
        actions=frozenset(given["actions"]),
        serials=frozenset(given.get("serials", ())),
    )


def moment(text: str) -> float:
    """Seconds since the epoch of a time with its zone. Raises `ValueError`."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(text)
    return found.timestamp()


def read_template(inputs: Properties) -> Read[Installation] | None:
    """The installation of every machine of the group, and what is wrong with it, by property path.

    None when none is wanted. Whether a machine may be wiped is asked of its approval.
    """
    install, image = inputs.get("install"), inputs.get("image")
    if not isinstance(install, Mapping) or not isinstance(image, Mapping):
        return None
    value = {
        "machine": {"name": "machine", "disks": install.get("disks")},
        "image": {
            **{key: each for key, each in image.items() if key != "driver"},
            "media": MEDIA.get(inputs["boot"].get("method"), inputs["boot"].get("method")),
        },
        "config": install.get("config"),
        "root": inputs["disks"].get("root", {}),
        "wipe": install.get("wipe", "never"),
        "callback": install.get("callback", {}),
    }
    read = read_installation(value, install.get("networks", ()))
    found = list(read.failures)
    machines = inputs["machines"]
    if read.value is not None and read.complete and not found and isinstance(machines, Mapping):
        found += shared_failures(read.value, len(machines))
    failures = tuple(Failure(_path(each.property), each.reason) for each in found)
    return Read(read.value, failures, read.complete)


def _path(property_: str) -> str:
    """Where the inputs of a group have what an installation calls so."""
    first, dot, rest = property_.partition(".")
    if property_ == "image.media":
        return "boot.method"
    places = {
        "machine": "install",
        "config": "install.config",
        "callback": "install.callback",
        "root": "disks.root",
        "wipe": "install.wipe",
    }
    return f"{places.get(first, first)}{dot}{rest}"


def _template(inputs: Properties) -> Installation | None:
    read = read_template(inputs)
    if read is None or owner_of(inputs) != "managed":
        return None
    if read.value is None or read.failures:
        reasons = "; ".join(f"{each.property} {each.reason}" for each in read.failures)
        raise ProviderError(f"the inputs are not those of a node group: {reasons}")
    return read.value


def _installation(
    template: Installation | None, name: str, machine: Mapping[str, Any], identity: Identity
) -> Installation | None:
    if template is None:
        return None
    # Not validated again: what a controller says of itself may be spelt as nobody would declare it.
    target = template.machine.model_copy(
        update={
            "name": name,
            "serial": identity.serial or None,
            "uuid": identity.uuid or None,
            "macs": identity.macs,
            "address": machine["address"],
        }
    )
    return template.model_copy(update={"machine": target})


def _shared(inputs: Properties) -> dict[str, Any]:
    """What is wanted of every machine of the group alike."""
    budget, cluster = inputs.get("budget", {}), inputs.get("cluster", {})
    return {
        "owner": owner_of(inputs),
        "system": inputs["system"],
        "power": inputs.get("power"),
        "bios": inputs.get("bios", {}),
        "secure_boot": _secure_boot(inputs),
        "boot_order": tuple(inputs.get("bootOrder", ())),
        "boot_once": _boot_once(inputs),
        "media": tuple(inputs.get("media", ())),
        "firmware": tuple(
            Component(
                each["name"],
                each["version"],
                tuple(each.get("allowed", ())),
                each.get("url", ""),
                each.get("digest", ""),
            )
            for each in inputs.get("firmware", ())
        ),
        "drain": inputs["rollout"]["drain"],
        "drain_seconds": cluster.get("seconds", 3600),
        "approval": approval_of(inputs),
        "budget": Budget(budget.get("hourly", 3), budget.get("daily", 8)),
        "wipe": inputs["disks"]["wipe"] != "never",
    }


def _secure_boot(inputs: Properties) -> bool | None:
    """A group only ever asks for it; a single machine may ask for it to be off."""
    if "secureBoot" in inputs:
        return bool(inputs["secureBoot"])
    return True if inputs["boot"]["secure"] and inputs.get("image") else None


def _boot_once(inputs: Properties) -> BootOnce | None:
    given = inputs.get("bootOnce")
    return BootOnce(given["event"], given["source"], given.get("url", "")) if given else None


def _controller(bmc: Mapping[str, Any], machine: Mapping[str, Any]) -> Controller:
    return Controller(
        address=machine["bmc"],
        credentials=bmc["credentials"],
        trust=bmc["tls"],
        fingerprint=machine.get("fingerprint", ""),
        system=bmc.get("system", ""),
        concurrency=bmc.get("requests", 4),
    )


def _place(inputs: Properties, machine: Mapping[str, Any]) -> Place:
    return Place(
        rack=machine["rack"],
        unit=machine["unit"],
        breaker=inputs.get("breakers", {}).get(machine["rack"], ""),
        watts=inputs.get("watts"),
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True).encode()

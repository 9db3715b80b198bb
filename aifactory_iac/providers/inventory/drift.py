"""Where an inventory and the intended machines differ. Pure; nothing is ever put right in either.

A device is the one that has the machine's name; where none has, the one that has its serial number
or its controller's address, which then is a renamed one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aifactory_iac.providers.inventory.values import Device, Intended, Inventory

Kind = Literal[
    "missing", "surplus", "duplicate", "renamed", "moved", "serial", "uuid", "macs", "controller",
    "address", "status",
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "missing", "surplus", "duplicate", "renamed", "moved", "serial", "uuid", "macs", "controller",
    "address", "status",
)  # fmt: skip
"""In the order in which they are reported."""

IN_USE = frozenset({"active", "staged", "planned", "provisioned", "staging"})
"""States in which an inventory expects a device to be in its rack, or to come there."""


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference. `by` says against what: the blueprint, or what the controller said."""

    kind: Kind
    name: str
    intended: str = ""
    recorded: str = ""
    by: Literal["blueprint", "controller", "inventory"] = "blueprint"


@dataclass(frozen=True, slots=True)
class DriftReport:
    """All differences; `compared` machines were found, `aside` devices are nobody's business here.

    A device is aside when it is at another site, or has a role that none of the machines has.
    """

    source: str
    intended: int
    compared: int
    aside: int
    drifts: tuple[Drift, ...] = ()

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many there are of each kind that there is."""
        found = Counter(each.kind for each in self.drifts)
        return {kind: found[kind] for kind in KINDS if found[kind]}


def drift(inventory: Inventory, intended: Sequence[Intended]) -> DriftReport:
    """Compares; the same for every order of either."""
    machines = sorted(intended, key=lambda each: each.name)
    pairs = paired(inventory.devices, machines)
    found: list[Drift] = list(_duplicates(inventory.devices))
    taken: set[str] = set()
    for machine in machines:
        device = pairs.get(machine.name)
        if device is None:
            place = f"{machine.rack} U{machine.unit}" if machine.rack else ""
            found.append(Drift("missing", machine.name, place))
            continue
        taken.add(device.id)
        found += _differences(machine, device)
    sites = {each.site.casefold() for each in machines}
    roles = {device.role for device in pairs.values()}
    left = [each for each in inventory.devices if each.id not in taken]
    surplus = [each for each in left if each.site.casefold() in sites and each.role in roles]
    found += [
        Drift("surplus", each.name or f"device {each.id}", "", f"{each.rack} U{each.unit}".strip())
        for each in surplus
    ]
    ordered = sorted(
        set(found),
        key=lambda each: (KINDS.index(each.kind), each.name, each.by, each.intended, each.recorded),
    )
    return DriftReport(
        inventory.source, len(machines), len(pairs), len(left) - len(surplus), tuple(ordered)
    )


def paired(devices: Sequence[Device], machines: Sequence[Intended]) -> dict[str, Device]:
    """The device of each machine: by name first, then by what only one device can have."""
    ordered = sorted(devices, key=lambda each: (each.name, each.id))
    names = {each.name.casefold(): each for each in reversed(ordered) if each.name}
    pairs = {
        machine.name: names[machine.name.casefold()]
        for machine in machines
        if machine.name.casefold() in names
    }
    taken = {each.id for each in pairs.values()}
    free = [each for each in ordered if each.id not in taken]
    serials = {each.serial: each for each in reversed(free) if each.serial}
    controllers = {each.controller: each for each in reversed(free) if each.controller}
    for machine in machines:
        serial = machine.declared.serial or (machine.seen.serial if machine.seen else "")
        device = serials.get(serial) or controllers.get(machine.controller)
        if machine.name not in pairs and device is not None and device.id not in taken:
            pairs[machine.name] = device
            taken.add(device.id)
    return pairs


def _differences(machine: Intended, device: Device) -> Iterator[Drift]:
    name = machine.name
    if device.name.casefold() != name.casefold():
        yield Drift("renamed", name, name, device.name)
    if machine.rack and (machine.rack.casefold(), machine.unit) != (
        device.rack.casefold(),
        device.unit,
    ):
        recorded = f"{device.rack} U{device.unit}" if device.rack else "in no rack"
        yield Drift("moved", name, f"{machine.rack} U{machine.unit}", recorded)
    for kind, wanted, recorded in (
        ("controller", machine.controller, device.controller),
        ("address", machine.address, device.address),
    ):
        if wanted and wanted != recorded:
            yield Drift("controller" if kind == "controller" else "address", name, wanted, recorded)
    if device.status not in IN_USE:
        yield Drift("status", name, "active", device.status)
    yield from _identity(machine, device)


def _identity(machine: Intended, device: Device) -> Iterator[Drift]:
    recorded = device.identity
    declared = machine.declared
    if declared.serial and declared.serial != recorded.serial:
        yield Drift("serial", machine.name, declared.serial, recorded.serial)
    if declared.macs and set(declared.macs) - set(recorded.macs):
        yield Drift("macs", machine.name, " ".join(declared.macs), " ".join(recorded.macs))
    seen = machine.seen
    if seen is None:
        return
    if recorded.serial and seen.serial and recorded.serial != seen.serial:
        yield Drift("serial", machine.name, seen.serial, recorded.serial, "controller")
    if declared.uuid and seen.uuid and declared.uuid != seen.uuid:
        yield Drift("uuid", machine.name, declared.uuid, seen.uuid, "controller")
    if recorded.macs and seen.macs and not set(recorded.macs) <= set(seen.macs):
        strange = sorted(set(recorded.macs) - set(seen.macs))
        yield Drift("macs", machine.name, " ".join(seen.macs), " ".join(strange), "controller")


def _duplicates(devices: Sequence[Device]) -> Iterator[Drift]:
    """What two devices of an inventory share and cannot: each of them is named."""
    for what, value_of in (
        ("serial", lambda each: each.serial),
        ("controller", lambda each: each.controller),
        ("address", lambda each: each.address),
        (
            "place",
            lambda each: (
                f"{each.site} {each.rack} U{each.unit} {each.face}".strip() if each.unit else ""
            ),
        ),
    ):
        yield from _shared(devices, what, {each.id: value_of(each) for each in devices})
    owners: dict[str, set[str]] = {}
    for each in devices:
        for mac in each.identity.macs:
            owners.setdefault(mac, set()).add(each.name or each.id)
    for mac, names in owners.items():
        if len(names) > 1:
            for name in names:
                yield Drift("duplicate", name, "", f"mac {mac}", "inventory")


def _shared(devices: Sequence[Device], what: str, values: Mapping[str, str]) -> Iterator[Drift]:
    counts = Counter(value for value in values.values() if value)
    for each in devices:
        value = values[each.id]
        if value and counts[value] > 1:
            yield Drift("duplicate", each.name or each.id, "", f"{what} {value}", "inventory")

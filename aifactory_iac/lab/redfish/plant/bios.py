"""BIOS attributes: checked against the registry, pending until the host's next POST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.model import Attribute
from aifactory_iac.lab.redfish.plant.refusal import (
    RefusalError,
    not_in_list,
    out_of_range,
    read_only,
    together,
    unknown_property,
    wrong_type,
)
from aifactory_iac.lab.redfish.plant.state import Machine


def write(machine: Machine, attributes: Any, *, scheduled: bool) -> bool:
    """Takes attributes; whether a reset is needed. Raises `RefusalError` with all reasons.

    A make with `bios-waits-for-a-job` applies nothing at a reset unless an apply time was given.
    """
    if not isinstance(attributes, Mapping):
        raise wrong_type(attributes, "Attributes")
    known = machine.model.bios
    problems = [
        problem
        for name, value in attributes.items()
        if (problem := _problem(known.get(name), value, f"Attributes/{name}")) is not None
    ]
    if problems:
        raise together(problems)
    host = machine.host
    later = {name: value for name, value in attributes.items() if known[name].reset_required}
    host.bios.update({name: value for name, value in attributes.items() if name not in later})
    host.pending_bios.update(later)
    if later and (scheduled or not machine.model.quirk("bios-waits-for-a-job")):
        host.bios_scheduled = True
    machine.effect("bios-set", attributes=dict(attributes))
    return bool(later)


def to_defaults(machine: Machine) -> None:
    """Everything back to the factory's values, at the next reset."""
    machine.host.pending_bios.update(
        {name: item.default for name, item in machine.model.bios.items() if not item.read_only}
    )
    machine.host.bios_scheduled = True
    machine.effect("bios-reset")


def _problem(attribute: Attribute | None, value: Any, path: str) -> RefusalError | None:
    if attribute is None:
        return unknown_property(path)
    if attribute.read_only:
        return read_only(path)
    if type(value) is not type(attribute.default):
        return wrong_type(value, path)
    if attribute.values and value not in attribute.values:
        return not_in_list(value, path)
    beyond = isinstance(value, int) and (
        (attribute.lower is not None and value < attribute.lower)
        or (attribute.upper is not None and value > attribute.upper)
    )
    return out_of_range(value, path) if beyond else None


def registry(machine: Machine) -> dict[str, Any]:
    """The attribute registry of this make, as DMTF's AttributeRegistry."""
    return {
        "@odata.type": "#AttributeRegistry.v1_3_6.AttributeRegistry",
        "Id": registry_name(machine),
        "Name": "BIOS Attribute Registry",
        "Language": "en",
        "OwningEntity": machine.model.vendor,
        "RegistryVersion": "1.0.0",
        "RegistryEntries": {
            "Attributes": [_entry(name, item) for name, item in machine.model.bios.items()]
        },
    }


def registry_name(machine: Machine) -> str:
    """Id of the registry."""
    return f"BiosAttributeRegistry.{machine.model.name}.v1_0_0"


def _entry(name: str, attribute: Attribute) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "AttributeName": name,
        "DisplayName": name,
        "DefaultValue": attribute.default,
        "ReadOnly": attribute.read_only,
        "ResetRequired": attribute.reset_required,
        "Type": _type(attribute),
    }
    if attribute.values:
        entry["Value"] = [
            {"ValueName": value, "ValueDisplayName": value} for value in attribute.values
        ]
    if attribute.lower is not None:
        entry["LowerBound"] = attribute.lower
    if attribute.upper is not None:
        entry["UpperBound"] = attribute.upper
    return entry


def _type(attribute: Attribute) -> str:
    if attribute.values:
        return "Enumeration"
    kinds = {bool: "Boolean", int: "Integer", str: "String"}
    return kinds[type(attribute.default)]

"""Which BIOS attributes a machine has, and which values they take, as its own registry says.

Read once for each registry, and kept in the state folder: a plan can then say that an attribute is
misspelt before any machine is asked (DSP0268, AttributeRegistry).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aifactory_iac.providers.install.near import hint, nearest
from aifactory_iac.providers.machine.intent import Attribute
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import RedfishError

_REGISTRIES = "/redfish/v1/Registries"
_KINDS: Mapping[str, tuple[type, str]] = {
    "Boolean": (bool, "a truth value"),
    "Integer": (int, "a whole number"),
    "String": (str, "a text"),
}

Entries = Mapping[str, Mapping[str, Any]]
"""By attribute: `type`, and where they are given `values`, `lower`, `upper`, `fixed`."""


def entries_of(document: Mapping[str, Any]) -> Entries:
    """What counts of a registry; what it says in a shape of its own is left out."""
    found: dict[str, dict[str, Any]] = {}
    for each in (document.get("RegistryEntries") or {}).get("Attributes") or ():
        name = each.get("AttributeName")
        if not isinstance(name, str):
            continue
        entry = {
            "type": each.get("Type"),
            "values": [value.get("ValueName") for value in each.get("Value") or ()] or None,
            "lower": each.get("LowerBound"),
            "upper": each.get("UpperBound"),
            "fixed": True if each.get("ReadOnly") else None,
        }
        found[name] = {key: value for key, value in entry.items() if value is not None}
    return found


def attribute_failures(
    wanted: Mapping[str, Attribute], entries: Entries
) -> Iterator[tuple[str, str]]:
    """What is wrong with attributes, each with its way out."""
    for name, value in sorted(wanted.items()):
        entry = entries.get(name)
        if entry is None:
            yield name, f"is no BIOS attribute of these machines; {hint(name, entries)}"
        elif entry.get("fixed"):
            yield name, "can be read, and not set"
        else:
            reason = _value(value, entry)
            if reason:
                yield name, reason


def _value(value: Attribute, entry: Mapping[str, Any]) -> str:
    allowed = entry.get("values")
    if entry.get("type") == "Enumeration" and allowed:
        if value in allowed:
            return ""
        near = nearest(str(value), allowed)
        listed = ", ".join(f"`{each}`" for each in allowed)
        return f"is none of {listed}" + (f"; did you mean `{near}`?" if near else "")
    kind, noun = _KINDS.get(str(entry.get("type")), (object, ""))
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        return f"has to be {noun}"
    lower, upper = entry.get("lower"), entry.get("upper")
    if isinstance(value, int) and not isinstance(value, bool):
        if lower is not None and value < lower:
            return f"is {value}; the least is {lower}"
        if upper is not None and value > upper:
            return f"is {value}; the most is {upper}"
    return ""


@dataclass(frozen=True, slots=True)
class AttributeRegistries:
    """A folder of registries that were read, by their id."""

    folder: Path

    def known(self, registry: str) -> Entries | None:
        """The registry of that id; None until it was read."""
        try:
            found: Entries = json.loads(self._place(registry).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found

    async def learn(self, registry: str, client: RedfishClient) -> None:
        """Reads a registry from a controller and keeps it; one that has none teaches nothing."""
        if not registry or self._place(registry).exists():
            return
        try:
            file = await client.get(f"{_REGISTRIES}/{registry}")
            places = [each.get("Uri") for each in file.body.get("Location") or ()]
            document = (await client.get(str(places[0]))).body if places and places[0] else {}
        except RedfishError:
            return
        entries = entries_of(document)
        if entries:
            self._keep(registry, entries)

    def _keep(self, registry: str, entries: Entries) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place = self._place(registry)
        beside = place.with_suffix(".new")
        beside.write_text(json.dumps(entries, sort_keys=True), encoding="utf-8")
        beside.replace(place)

    def _place(self, registry: str) -> Path:
        return self.folder / f"{hashlib.sha256(registry.encode()).hexdigest()[:24]}.json"

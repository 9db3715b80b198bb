"""What is peculiar to a vendor's controllers: data, each peculiarity with its source."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal

Activation = Literal["immediate", "host-reset", "bmc-reset", "chassis-cycle", "ac-cycle"]
"""What makes a package that was pushed the one that runs."""

_ABSENCE: Mapping[str, int] = {"bmc-reset": 300, "chassis-cycle": 120, "ac-cycle": 900}


@dataclass(frozen=True, slots=True)
class AcCycle:
    """An OEM action that takes the power away altogether; `host` is the state that it demands."""

    target: str
    body: Mapping[str, Any]
    host: str = ""


@dataclass(frozen=True, slots=True)
class Quirk:
    """One peculiarity, and its source."""

    what: str
    source: str


@dataclass(frozen=True, slots=True)
class VendorProfile:
    """How to speak to one kind of controller.

    `systems` are the ids of the host's system, the likeliest first; `boot_settings` sends boot
    changes to the settings resource; `absence` says for how many seconds a controller may be gone
    after an activation, which is no fault.
    """

    id: str
    systems: Sequence[str] = ()
    manager: str = ""
    boot_settings: bool = False
    ac_cycle: AcCycle | None = None
    activations: Sequence[tuple[re.Pattern[str], Activation]] = ()
    absence: Mapping[str, int] = field(default_factory=dict)
    factory_accounts: Sequence[str] = ()
    quirks: Sequence[Quirk] = ()
    needs_systems: frozenset[str] = frozenset()
    needs_vendor: re.Pattern[str] | None = None

    def fits(self, vendor: str, systems: Sequence[str]) -> bool:
        """Whether a controller of this vendor with these systems is of this kind."""
        if not self.needs_systems and self.needs_vendor is None:
            return False
        named = self.needs_vendor is None or self.needs_vendor.search(vendor) is not None
        return named and self.needs_systems <= set(systems)

    def activation(self, component: str) -> Activation:
        """What activates a component; a host reset where nothing is known."""
        for pattern, activation in self.activations:
            if pattern.search(component):
                return activation
        return "host-reset"

    def away(self, activation: Activation) -> int:
        """Seconds for which the controller may be gone after an activation."""
        return self.absence.get(activation, _ABSENCE.get(activation, 0))


def profile_of(vendor: str, systems: Sequence[str]) -> VendorProfile:
    """The most particular profile that fits; the generic one where none does."""
    fitting = [profile for profile in profiles().values() if profile.fits(vendor, systems)]
    fitting.sort(key=lambda each: (-len(each.needs_systems), each.needs_vendor is None, each.id))
    return fitting[0] if fitting else profiles()["generic"]


@functools.cache
def profiles() -> Mapping[str, VendorProfile]:
    """All profiles by id, which is their file's name."""
    from ruamel.yaml import YAML

    folder = resources.files(__package__) / "vendors"
    names = sorted(place.name for place in folder.iterdir() if place.name.endswith(".yaml"))
    reader = YAML(typ="safe", pure=False)
    return {
        name.removesuffix(".yaml"): _profile(
            name.removesuffix(".yaml"), reader.load((folder / name).read_text(encoding="utf-8"))
        )
        for name in names
    }


def _profile(name: str, document: Mapping[str, Any]) -> VendorProfile:
    match = document["match"]
    cycle = document.get("ac_cycle")
    return VendorProfile(
        id=name,
        systems=tuple(document["system"]),
        manager=document.get("manager", ""),
        boot_settings=document.get("boot") == "settings",
        ac_cycle=AcCycle(**cycle) if cycle else None,
        activations=tuple(
            (re.compile(each["components"]), each["by"]) for each in document.get("activation", ())
        ),
        absence=document.get("absence", {}),
        factory_accounts=tuple(document.get("factory_accounts", ())),
        quirks=tuple(Quirk(**each) for each in document.get("quirks", ())),
        needs_systems=frozenset(match.get("systems", ())),
        needs_vendor=re.compile(match["vendor"]) if "vendor" in match else None,
    )

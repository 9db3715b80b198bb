"""BIOS attributes and secure boot: staged as absolute values, brought by one reset for all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.machine.intent import Attribute, MachineIntent
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Record
from aifactory_iac.providers.machine.steps import power
from aifactory_iac.providers.machine.steps.step import Blocked, Decision, Step, Wait, World
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer

APPLY_LIMIT = 1800.0
"""Seconds from a reset to the attributes that it brings: self test, and one more reset of its own
that some firmware does."""


def differing(intent: MachineIntent, seen: Observation) -> Mapping[str, Attribute]:
    """Attributes that are declared and are not so."""
    return {
        name: value for name, value in sorted(intent.bios.items()) if seen.bios.get(name) != value
    }


def unknown_attributes(intent: MachineIntent, seen: Observation) -> tuple[str, ...]:
    """Attributes that are declared and that the machine does not have."""
    return tuple(name for name in sorted(intent.bios) if name not in seen.bios)


def decide(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    """Stages what is not so, then resets once, then waits until it is."""
    strange = unknown_attributes(intent, seen)
    if strange:
        return Blocked(f"it has no BIOS attribute {', '.join(strange)}")
    if intent.secure_boot is not None and seen.secure_boot is None:
        return Blocked("its BMC says nothing of secure boot")
    wanted = differing(intent, seen)
    secure = intent.secure_boot if intent.secure_boot not in (None, seen.secure_boot) else None
    if not wanted and secure is None:
        return None
    unstaged = {
        name: value for name, value in wanted.items() if seen.pending_bios.get(name) != value
    }
    if unstaged:
        return _stage_bios(unstaged)
    if secure is not None and seen.secure_boot_next != secure:
        return _stage_secure_boot(enabled=secure)
    return _bring(intent, seen, record, world)


def purpose(intent: MachineIntent) -> str:
    """What a reset for settings is for: the same for the same wishes."""
    text = json.dumps([dict(sorted(intent.bios.items())), intent.secure_boot], sort_keys=True)
    return f"settings:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def _bring(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:
    what = purpose(intent)
    done = record.happened(what, "restart", "power-on")
    if done is not None and seen.power != "Off":
        if not world.over(done.at, APPLY_LIMIT):
            return Wait("its settings are brought by the reset that it is in")
        named = ", ".join(differing(intent, seen)) or "secure boot"
        return Blocked(f"was reset, and does not take {named}")
    return power.restart(seen, record, what)


def _stage_bios(attributes: Mapping[str, Attribute]) -> Step:
    async def send(client: RedfishClient, seen: Observation) -> Answer:
        path = seen.paths["bios-settings"]
        body: dict[str, Any] = {"Attributes": dict(attributes)}
        if "OnReset" in seen.targets.get("bios-apply", ()):
            # Some controllers keep attributes that nobody scheduled for ever (Dell's, #231).
            body["@Redfish.SettingsApplyTime"] = {"ApplyTime": "OnReset"}
        return await client.patch(path, body, seen.etags.get(path, ""))

    named = ", ".join(f"{name}={value}" for name, value in attributes.items())
    return Step("stage-bios", named, f"stage {named}", send, retries=2)


def _stage_secure_boot(*, enabled: bool) -> Step:
    async def send(client: RedfishClient, seen: Observation) -> Answer:
        path = seen.paths["secure-boot"]
        return await client.patch(path, {"SecureBootEnable": enabled}, seen.etags.get(path, ""))

    word = "on" if enabled else "off"
    return Step("stage-secure-boot", word, f"stage secure boot {word}", send, retries=2)

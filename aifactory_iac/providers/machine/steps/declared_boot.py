"""Boot settings that are declared for their own sake: order, one boot, images that stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.observation import Observation
from aifactory_iac.providers.machine.record import Record
from aifactory_iac.providers.machine.steps import boot
from aifactory_iac.providers.machine.steps.step import Blocked, Decision, Note, Step, World
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer

EVENTS = 16
"""Ordered boots that are remembered."""


def decide(intent: MachineIntent, seen: Observation, record: Record, world: World) -> Decision:  # noqa: ARG001
    """Images first, since a boot may be from one; then the order; then the one boot."""
    return _media(intent, seen, record) or _order(intent, seen) or _once(intent, seen, record)


def _media(intent: MachineIntent, seen: Observation, record: Record) -> Decision:
    wanted = tuple(sorted(intent.media))
    if set(wanted) - set(record.kept):
        kept = tuple(sorted({*record.kept, *wanted}))
        return Note(replace(record, kept=kept), "the images that are declared")
    for image in wanted:
        if all(medium.image != image for medium in seen.media):
            return boot.insert(image, seen)
    gone = [image for image in record.kept if image not in wanted]
    ejecting = boot.detach(gone, seen)
    if ejecting is not None:
        return ejecting
    return Note(replace(record, kept=wanted), "no other image is attached") if gone else None


def _order(intent: MachineIntent, seen: Observation) -> Decision:
    wanted = intent.boot_order
    if not wanted or seen.boot_order[: len(wanted)] == wanted:
        return None
    strange = [name for name in wanted if name not in seen.boot_order]
    if strange:
        known = ", ".join(seen.boot_order) or "none"
        return Blocked(f"it has no boot option {', '.join(strange)}; it has {known}")
    order = [*wanted, *(name for name in seen.boot_order if name not in wanted)]

    async def send(client: RedfishClient, now: Observation) -> Answer:
        path = now.paths["boot-order"]
        return await client.patch(path, {"Boot": {"BootOrder": order}}, now.etags.get(path, ""))

    named = ", ".join(wanted)
    return Step("order-boot", named, f"boot from {named} first", send, retries=2)


def _once(intent: MachineIntent, seen: Observation, record: Record) -> Decision:
    wanted = intent.boot_once
    if wanted is None or wanted.event in record.events:
        return None
    if seen.boot.armed and seen.boot.target == wanted.source and wanted.url in ("", seen.boot.url):
        events = (*record.events[1 - EVENTS :], wanted.event)
        return Note(replace(record, events=events), f"its next boot is from {wanted.source}")
    allowed = seen.targets.get("boot", ())
    if allowed and wanted.source not in allowed:
        return Blocked(f"its BMC does not boot from {wanted.source}; it takes {', '.join(allowed)}")

    async def send(client: RedfishClient, now: Observation) -> Answer:
        body: dict[str, Any] = {
            "BootSourceOverrideTarget": wanted.source,
            "BootSourceOverrideEnabled": "Once",
        }
        if wanted.url:
            body["HttpBootUri"] = wanted.url
        return await boot.patch_boot(client, now, body)

    return Step("boot-once", wanted.event, f"boot once from {wanted.source}", send, retries=2)

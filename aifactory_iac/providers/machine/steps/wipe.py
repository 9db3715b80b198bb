"""Drives that erase themselves, once each: the last thing that is done to a machine."""

from __future__ import annotations

from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.observation import Drive, Observation
from aifactory_iac.providers.machine.record import Record
from aifactory_iac.providers.machine.steps.step import Blocked, Decision, Step
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer


def allowed(intent: MachineIntent, now: float) -> bool:
    """Whether policy, approval and serial number all say that its drives may be erased."""
    approval = intent.approval
    return (
        intent.wipe
        and approval is not None
        and approval.allows("wipe", now)
        and bool(intent.identity.serial)
        and intent.identity.serial in approval.serials
    )


def decide(seen: Observation, record: Record) -> Decision:
    """The next drive; None when all are erased. All or none: a drive that cannot is said first."""
    unable = [drive.name for drive in seen.drives if not drive.erase]
    if not seen.drives:
        return Blocked("is to be wiped, and its BMC shows no drive")
    if unable:
        return Blocked(f"is to be wiped, and {', '.join(unable)} cannot erase itself")
    for drive in seen.drives:
        act = record.last("erase", drive.path)
        if act is None or act.standing == "nothing":
            return _erase(drive)
    return None


def _erase(drive: Drive) -> Step:
    async def send(client: RedfishClient, seen: Observation) -> Answer:  # noqa: ARG001
        return await client.post(drive.erase, {})

    return Step(
        "erase",
        drive.path,
        f"erase {drive.name}",
        send,
        once=True,
        disturbs=True,
        destroys=True,
    )

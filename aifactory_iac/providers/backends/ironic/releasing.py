"""Letting a node go: what is ours is detached; power and disks stay, unless all says wipe. Pure."""

from __future__ import annotations

from aifactory_iac.providers.backends.ironic.decide import (
    Blocked,
    Decision,
    Edit,
    Move,
    Seen,
    Wait,
    World,
    not_it,
)
from aifactory_iac.providers.backends.ironic.guards import objections
from aifactory_iac.providers.backends.ironic.node import MARK, Node
from aifactory_iac.providers.backends.ironic.states import provision
from aifactory_iac.providers.machine.intent import MachineIntent

_ERASE = {"clean_steps": [{"interface": "deploy", "step": "erase_devices"}]}
"""Named outright: automated cleaning would do whatever the conductor is set to."""


def releasing(
    intent: MachineIntent, seen: Seen, world: World, *, forget: bool, wipe: bool
) -> Decision:
    """The next thing that a release does. Undeploying is none of them, unless the disks may go.

    With `forget` the node that we enrolled leaves Ironic: first into maintenance, in which Ironic
    lets an active node go without undeploying it, and fights nobody over its power. `wipe` is what
    policy, approval and serial number say together.
    """
    node = seen.node
    if node is None or not node.mark:
        return None
    if provision(node.provision).kind == "moving" or node.turning:
        return Wait(f"Ironic is {node.provision}", provision(node.provision).disturbs)
    if node.reservation:
        return Wait(f"Ironic's {node.reservation} has locked it")
    if node.protected is not None:
        return Blocked(f"it is protected: {node.protected}")
    if wipe and not node.mark.get("wiped"):
        if not world.wiped:
            return _wiping(intent, node, seen, world)
        changes = [{"op": "add", "path": f"/extra/{MARK}", "value": {**node.mark, "wiped": True}}]
        return Edit("note that its disks are erased", "PATCH", f"/nodes/{node.uuid}", changes)
    return _forgetting(node, seen, forget=forget)


def _forgetting(node: Node, seen: Seen, *, forget: bool) -> Decision:
    """Takes away what is ours, and nothing of the machine's own."""
    path = f"/nodes/{node.uuid}"
    if seen.attached and seen.boots == "cdrom":
        # A ramdisk deploy leaves the CD-ROM first for good; a boot from disk once ends that.
        once = {"boot_device": "disk", "persistent": False}
        return Edit("end its boot from the ISO", "PUT", f"{path}/management/boot_device", once)
    if seen.attached:
        return Edit("detach its virtual media", "DELETE", f"{path}/vmedia", None)
    if not (forget and node.mark.get("enrolled")):
        changes = [{"op": "remove", "path": f"/extra/{MARK}"}]
        return Edit("take our mark off its node", "PATCH", path, changes)
    if node.maintenance is None:
        reason = {"reason": "released by aifactory; its power and disks are as they were"}
        return Edit("have Ironic leave it alone", "PUT", f"{path}/maintenance", reason)
    return Edit("remove its node from Ironic", "DELETE", path, None)


def _wiping(intent: MachineIntent, node: Node, seen: Seen, world: World) -> Decision:
    """Out of service, identity read again, then erased by a step that is named."""
    against = (*objections(node, intent, world.owner), *filter(None, [not_it(intent, seen)]))
    if against:
        return Blocked("; ".join(against))
    if node.automated_clean is not False:
        changes = [{"op": "add", "path": "/automated_clean", "value": False}]
        return Edit("set automated_clean of its node", "PATCH", f"/nodes/{node.uuid}", changes)
    match node.provision:
        case "active" | "deploy failed" | "error":
            return Move(
                "take it out of service", "deleted", disturbs=True, interrupts=True, destroys=True,
                action="wipe",
            )  # fmt: skip
        case "available" | "enroll" | "inspect failed":
            return Move("make it manageable, to read its identity again", "manage")
        case "manageable" if not world.inspected:
            return Move("read its identity by an inspection", "inspect")
        case "manageable":
            return Move(
                "erase its disks", "clean", body=_ERASE, disturbs=True, destroys=True,
                action="wipe",
            )  # fmt: skip
        case state:
            return Blocked(f"is to be wiped, and Ironic says `{state}`: {node.last_error}")

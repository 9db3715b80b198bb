"""From what is wanted and what Ironic says to the one thing to do next. Pure: no clock, no wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.backends.ironic.guards import objections
from aifactory_iac.providers.backends.ironic.node import Node
from aifactory_iac.providers.backends.ironic.states import provision
from aifactory_iac.providers.backends.ironic.wishes import (
    Wishes,
    config_drive,
    deployed,
    deployed_image,
    deployment_changes,
    new_node,
    other_bmc,
    record_changes,
    undeployable,
)
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.plan import content_digest
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: the node, None when Ironic knows none; and what its last inspection found."""

    node: Node | None
    identity: Identity | None = None
    attached: tuple[str, ...] = ()
    """Images in its virtual drives, when they were asked for."""
    boots: str = ""
    """Device that every boot is overridden to, when that was asked for and there is one."""
    known_as: str = ""
    """Name of another node that has the BMC's address, when there is none of ours."""


@dataclass(frozen=True, slots=True)
class World:
    """What deciding needs beside.

    `inspected` says that an inspection of this very run has ended: only then is the identity one
    that may be relied on. `resent` says that the password was sent again in this run; `links` are
    of the install that is published; `wiped` says that this very run has erased its disks.
    """

    wishes: Wishes
    owner: str = ""
    inspected: bool = False
    resent: bool = False
    links: Links | None = None
    wiped: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """A write to Ironic's own record, which touches no machine; over when it reads back."""

    says: str
    method: str
    path: str
    body: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Move:
    """An order that Ironic carries out in its own time; over when the node is at rest again.

    `destroys` ends data on a disk, `interrupts` ends what runs; both need a free machine, or an
    approval of `action`; for a wipe they need both. `target` is a provision target, or a power
    target when `power` is set.
    """

    says: str
    target: str
    power: bool = False
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    disturbs: bool = False
    interrupts: bool = False
    destroys: bool = False
    powers_on: bool = False
    action: str = "install"


@dataclass(frozen=True, slots=True)
class Publish:
    """The install document is to be published first."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something is under way."""

    what: str
    disturbs: bool = False


@dataclass(frozen=True, slots=True)
class Blocked:
    """Nothing may be done; the machine is left as it is."""

    reason: str


Decision = Edit | Move | Publish | Wait | Blocked | None


def decide(intent: MachineIntent, seen: Seen, world: World) -> Decision:
    """The next thing to do; None when the machine is as it was wanted."""
    unable = tuple(_beyond(intent))
    if unable:
        return Blocked("; ".join(unable))
    node = seen.node
    if node is None:
        if seen.known_as:
            return Blocked(f"Ironic knows the BMC at {world.wishes.address} as {seen.known_as}")
        body = new_node(intent, world.wishes, world.owner)
        return Edit(f"enrol it in Ironic as {intent.name}", "POST", "/nodes", body)
    against = (
        *objections(node, intent, world.owner),
        *filter(None, [other_bmc(node, world.wishes)]),
    )
    if against:
        return Blocked("; ".join(against))
    here = provision(node.provision)
    if here.kind == "moving" or node.turning:
        return Wait(f"Ironic is {node.provision}", here.disturbs)
    if node.reservation:
        return Wait(f"Ironic's {node.reservation} has locked it")
    password = node.provision == "enroll" and bool(node.last_error) and not world.resent
    changes = record_changes(node, intent, world.wishes, password=password)
    if changes:
        return Edit(_saying(changes), "PATCH", f"/nodes/{node.uuid}", changes)
    return _towards(intent, node, seen, world)


def _towards(intent: MachineIntent, node: Node, seen: Seen, world: World) -> Decision:
    wanted = intent.install
    if wanted is not None and deployed(node) == content_digest(wanted):
        wanted = None
    strange = not_it(intent, seen)
    match node.provision:
        case "enroll":
            return Move("have Ironic verify its BMC", "manage")
        case "inspect failed" | "clean failed" | "adopt failed":
            return Move("make it manageable again", "manage")
        case "manageable" if seen.identity is None or (wanted and not world.inspected):
            return Move("read its identity by an inspection", "inspect")
        case _ if strange:
            return Blocked(strange)
        case "manageable" if wanted is not None:
            return Move("make it available, without cleaning", "provide")
        case "available" if wanted is not None:
            return _deploy(node, wanted, world, secure_boot=intent.secure_boot)
        case "active" | "deploy failed" | "error" if wanted is not None:
            return _undeploy(node, wanted)
        case "deploy failed" | "error":
            return Blocked(f"Ironic says `{node.provision}`: {node.last_error or 'no reason'}")
    return _power(intent, node)


def _deploy(
    node: Node, wanted: Installation, world: World, *, secure_boot: bool | None
) -> Decision:
    """An image on an available node, whose identity was read in this run."""
    if not world.inspected:
        return Move("make it manageable, to read its identity again", "manage")
    if world.links is None:
        return Publish()
    changes = deployment_changes(node, wanted, world.links, secure_boot=secure_boot)
    if changes:
        return Edit("name the image to deploy", "PATCH", f"/nodes/{node.uuid}", changes)
    body = {"configdrive": config_drive(wanted, world.links)}
    return Move(
        f"deploy {wanted.image.os}", "active", body=body, disturbs=True, destroys=True,
        powers_on=True,
    )  # fmt: skip


def _undeploy(node: Node, wanted: Installation) -> Decision:
    """Back to where the identity can be read again: an active node cannot be inspected."""
    del wanted
    image = deployed_image(node) or "an image of somebody's"
    return Move(
        f"take {image[:19]} out of service", "deleted", disturbs=True, interrupts=True,
        destroys=True,
    )  # fmt: skip


def _power(intent: MachineIntent, node: Node) -> Decision:
    if intent.power is None or intent.power == node.power:
        return None
    if intent.power == "On":
        return Move("power it on", "power on", power=True, disturbs=True, powers_on=True)
    return Move(
        "shut it down", "soft power off", power=True, disturbs=True, interrupts=True,
        action="power-off",
    )  # fmt: skip


def _beyond(intent: MachineIntent) -> Sequence[str]:
    """What is declared and cannot be had through Ironic, all at once."""
    found = [
        f"`{name}` is not brought through Ironic: leave it out, or use the back end `redfish`"
        for name, declared in (
            ("bios", intent.bios),
            ("firmware", intent.firmware),
            ("bootOrder", intent.boot_order),
            ("bootOnce", intent.boot_once),
            ("media", intent.media),
        )
        if declared
    ]
    if intent.secure_boot is not None and intent.install is None:
        found.append("secure boot is set by a deploy only: declare an image and an installation")
    if intent.controller.trust == "pinned":
        found.append("Ironic pins no certificate: use `site-ca` or `system-ca`")
    if intent.install is not None:
        found += undeployable(intent.install)
    return found


def not_it(intent: MachineIntent, seen: Seen) -> str:
    """Why the machine behind the node is another one; empty when it is not, or nobody knows."""
    if seen.identity is None:
        return ""
    against = list(intent.identity.contradictions(seen.identity))
    return f"is not the machine that is meant: {'; '.join(against)}" if against else ""


def _saying(changes: Sequence[Mapping[str, Any]]) -> str:
    names = sorted(str(each["path"]).rpartition("/")[2] for each in changes)
    return f"set {', '.join(names)} of its node"

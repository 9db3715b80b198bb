"""Virtual media and boot overrides: attached for one boot, and seen to be gone after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aifactory_iac.providers.install.plan import BootBy
from aifactory_iac.providers.machine.observation import Medium, Observation
from aifactory_iac.providers.machine.steps.step import Blocked, Decision, Step
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import Answer

_TARGETS = {"iso": ("Cd", "UsbCd", "Usb"), "http": ("UefiHttp",), "pxe": ("Pxe",)}
_DISC = ("CD", "DVD", "USBStick")


def attach(boot: BootBy, seen: Observation) -> Decision:
    """Brings every image into a drive of its own, then overrides the next boot."""
    missing = [image for image in boot.media if all(m.image != image for m in seen.media)]
    return insert(missing[0], seen, boot.media) if missing else _override(boot, seen)


def insert(image: str, seen: Observation, ours: Sequence[str] = ()) -> Decision:
    """Brings an image into a free drive; `ours` are images that are no reason for having none."""
    free = _free_drive(seen.media)
    if free is None:
        return Blocked(_no_drive(seen.media, (image, *ours)))
    return _insert(free, image)


def overridden(boot: BootBy, seen: Observation) -> bool:
    """Whether the next boot is the installer's, with everything that belongs to it.

    A BMC that keeps `Continuous` where `Once` was asked for is taken at its word: the override is
    ended as soon as the installer runs.
    """
    attached = all(any(m.image == image for m in seen.media) for image in boot.media)
    if not attached or not seen.boot.armed or seen.boot.target not in _TARGETS[boot.method]:
        return False
    if seen.boot.mode not in ("", "UEFI"):
        return False
    return boot.url is None or seen.boot.url == boot.url


def detach(images: Sequence[str], seen: Observation) -> Decision:
    """Takes out the images that are ours, and nobody else's."""
    for medium in seen.media:
        if medium.image and medium.image in images:
            return _eject(medium)
    return None


def end_override(seen: Observation) -> Decision:
    """Makes the next boot an ordinary one again."""
    if not seen.boot.armed:
        return None

    async def send(client: RedfishClient, now: Observation) -> Answer:
        body: dict[str, Any] = {"BootSourceOverrideEnabled": "Disabled"}
        return await patch_boot(client, now, body)

    return Step("end-override", seen.boot.target, "end the boot override", send, retries=2)


def _override(boot: BootBy, seen: Observation) -> Decision:
    allowed = seen.targets.get("boot", ())
    targets = _TARGETS[boot.method]
    target = next((each for each in targets if each in allowed), None)
    if target is None and allowed:
        return Blocked(f"its BMC boots from none of {', '.join(targets)}: {', '.join(allowed)}")
    target = target or targets[0]

    async def send(client: RedfishClient, now: Observation) -> Answer:
        body = {"BootSourceOverrideTarget": target, "BootSourceOverrideEnabled": "Once"}
        if boot.url is not None:
            body["HttpBootUri"] = boot.url
        return await patch_boot(client, now, body)

    return Step("override-boot", target, f"boot once from {target}", send, retries=2)


async def patch_boot(client: RedfishClient, seen: Observation, boot: dict[str, Any]) -> Answer:
    """To the settings resource where the vendor keeps the future there, else to the system."""
    path = seen.paths["boot"]
    if seen.boot.mode and boot.get("BootSourceOverrideEnabled") == "Once":
        # Some controllers go back to their own mode unless it is sent along (Redfishtool #106).
        boot = {**boot, "BootSourceOverrideMode": "UEFI"}
    return await client.patch(path, {"Boot": boot}, seen.etags.get(path, ""))


def _insert(medium: Medium, image: str) -> Step:
    async def send(client: RedfishClient, seen: Observation) -> Answer:
        body = {"Image": image, "Inserted": True, "WriteProtected": True}
        return await client.post(seen.paths[f"InsertMedia:{medium.path}"], body)

    return Step("insert", image, f"attach {shown(image)}", send, once=True, retries=2)


def _eject(medium: Medium) -> Step:
    async def send(client: RedfishClient, seen: Observation) -> Answer:
        return await client.post(seen.paths[f"EjectMedia:{medium.path}"], {})

    return Step("eject", medium.image, f"detach {shown(medium.image)}", send, once=True, retries=2)


def _free_drive(media: Sequence[Medium]) -> Medium | None:
    """Optical ones first: that is what the installer boots from."""
    empty = [m for m in media if not m.image]
    return next(
        (m for kind in _DISC for m in empty if not m.types or kind in m.types),
        None,
    )


def _no_drive(media: Sequence[Medium], wanted: Sequence[str]) -> str:
    if not media:
        return "its BMC has no virtual drive"
    foreign = [shown(m.image) for m in media if m.image and m.image not in wanted]
    if foreign:
        return f"somebody has attached {', '.join(foreign)}: detach it first"
    return f"its BMC has too few virtual drives for {len(set(wanted))} images"


def shown(image: str) -> str:
    """Last part of an image's URL: what is before it may hold a token."""
    return image.rstrip("/").rpartition("/")[2] or image

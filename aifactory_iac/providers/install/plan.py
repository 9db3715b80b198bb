"""From a wanted installation to what is published, what is waited for, and whether it was met.

The machine engine calls these; they are functions from value to value. In the order of an install:
`content_digest` (is it another one than before?), `Seeds.publish`, whose result says what the BMC
is told (`boot_by`), `Seeds.called_back` until `time_limit` has passed, `unmet` (is it the machine
and the image that were meant?), `Seeds.withdraw`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from aifactory_iac.providers.install.identity import uuid_spellings
from aifactory_iac.providers.install.image import Media
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links


@dataclass(frozen=True, slots=True)
class BootBy:
    """What a controller is told, for one boot only.

    `media` are images to insert, in order: that to boot, then the seed; `url` is what firmware
    boots over HTTP; with `pxe` neither is there, and the machine asks DHCP. Both may hold the token
    and are not shown.
    """

    media: tuple[str, ...] = field(default=(), repr=False)
    url: str | None = field(default=None, repr=False)
    method: Media = "iso"


@dataclass(frozen=True, slots=True)
class CallBack:
    """What a machine said. `at` is in seconds since the epoch; `lines` are the last of its log."""

    stage: str
    at: float
    uuid: str = ""
    serial: str = ""
    macs: tuple[str, ...] = ()
    digest: str = ""
    lines: tuple[str, ...] = ()


def content_digest(wanted: Installation) -> str:
    """Digest of what a machine is installed from: another one is another installation.

    Image, document and root device count. Where the image is fetched from, what is known of the
    machine, what may be erased and how long it may take do not, nor does the version of the
    templates.
    """
    return _digest(wanted, {"machine", "wipe", "callback"}, wanted.machine.name, urls=False)


def order_digest(wanted: Installation) -> str:
    """Digest of everything that is published; another one has to be published anew."""
    return _digest(wanted, set(), wanted.machine.name, urls=True)


def template_digest(wanted: Installation) -> str:
    """Digest of what machines that share an installation have in common."""
    return _digest(wanted, {"machine"}, "", urls=True)


def _digest(wanted: Installation, without: set[str], name: str, *, urls: bool) -> str:
    document = wanted.model_dump(exclude=without, exclude_defaults=True)
    document["name"] = name
    if not urls:
        document["image"] = {
            key: value["digest"] if isinstance(value, dict) else value
            for key, value in document["image"].items()
            if key != "url"
        }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def boot_by(wanted: Installation, links: Links) -> BootBy:
    """What the controller is to be told so that the machine boots its installer once."""
    image = wanted.image
    match image.media:
        case "iso":
            return BootBy((links.image(image), links.file("seed.iso")), method="iso")
        case "http":
            return BootBy(url=links.loader(image), method="http")
        case "pxe":
            return BootBy(method="pxe")


def time_limit(wanted: Installation) -> int:
    """Seconds that an install may take, from the power-on to the call-back."""
    return wanted.callback.minutes * 60


def unmet(wanted: Installation, call: CallBack) -> tuple[str, ...]:
    """Why a call-back does not prove that the install is done; empty when it does.

    A machine says what it was installed from; the digest is that of the image whose bytes the
    service measured before it served them.
    """
    if call.stage == "failed":
        return tuple(call.lines) or ("the installer gave up without a word",)
    if call.stage != "ready":
        return (f"the machine only said `{call.stage}`",)
    reasons = []
    machine = wanted.machine
    if machine.serial is not None and call.serial.strip() != machine.serial:
        reasons.append(f"called back with serial {call.serial!r}, not {machine.serial!r}")
    if machine.uuid is not None and call.uuid.lower() not in uuid_spellings(machine.uuid):
        reasons.append(f"called back with UUID {call.uuid!r}, not {machine.uuid!r}")
    missing = sorted(set(machine.macs) - set(call.macs))
    if missing and len(missing) == len(machine.macs):
        reasons.append(f"called back with none of its MAC addresses ({', '.join(missing)})")
    if call.digest != wanted.image.digest:
        reasons.append(
            f"was installed from {call.digest or 'an unknown image'}, not the one wanted"
        )
    return tuple(reasons)

"""What the machine engine calls: publish an install, hear of it, withdraw it.

    seeds = Seeds.of(service_folder(around.settings.state_dir, server_id), around.clock.now)
    await seeds.provide(installation)               # real programs read it, its images are there
    published = seeds.publish(installation)         # the same again after a kill: same token
    published.boot                                  # what the controller is told
    seeds.called_back(published.token)              # CallBack | None
    seeds.withdraw(published.token)                 # nothing stays bootable
    seeds.live("n1")                                # Published | None, to go on after a kill

All of it is files in the shared folder; the serving process needs not even run. Calls that are not
awaited block for some milliseconds; they are safe in threads, one machine at a time.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.providers.install.image import image_failures
from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import STAGES, Links
from aifactory_iac.providers.install.plan import (
    BootBy,
    CallBack,
    boot_by,
    content_digest,
    order_digest,
    time_limit,
)
from aifactory_iac.providers.install.render import rendered
from aifactory_iac.providers.provisioning.examining import Examiner, RefusedError
from aifactory_iac.providers.provisioning.examining import examiner as standard_examiner
from aifactory_iac.providers.provisioning.folder import (
    Folder,
    mark_of,
    read_json,
    to_json,
    write,
    write_new,
)
from aifactory_iac.providers.provisioning.images import ImageError, Images


class NotServedError(Exception):
    """An install cannot be made bootable; the text is for the user."""


@dataclass(frozen=True, slots=True)
class Published:
    """An install that a machine can boot now; `expires` is in seconds since the epoch.

    `content` and `order` are the digests of `install.plan`.
    """

    machine: str
    token: str = field(repr=False)
    links: Links
    boot: BootBy
    content: str
    order: str
    expires: float


@dataclass(frozen=True, slots=True)
class Seeds:
    """Installs that are published in a folder; `now` gives seconds since the epoch."""

    folder: Folder
    now: Callable[[], float]
    images: Images
    examiner: Examiner

    @classmethod
    def of(
        cls, folder: Folder, now: Callable[[], float], examiner: Examiner | None = None
    ) -> Seeds:
        """Those of a folder, with the real programs that are installed."""
        return cls(folder, now, Images(folder), examiner or standard_examiner())

    def base(self) -> str:
        """URL of the serving process, or the one that the service is to have.

        Raises:
            NotServedError: Neither is known.
        """
        for place in (self.folder.running, self.folder.service):
            found = (read_json(place) or {}).get("url")
            if isinstance(found, str) and found:
                return found.rstrip("/")
        raise NotServedError(
            f"no provisioning service is set up in {self.folder.path}: create the site's "
            "ProvisioningServer first"
        )

    async def provide(self, wanted: Installation) -> dict[str, str]:
        """Has the files read by real programs, fetches and measures what of an image is absent.

        Gives what each program said: `passed`, or `not checked` and why.

        Raises:
            NotServedError: A program refuses a file; nothing was done.
            ImageError: An image cannot be had, is not what its digest names, or would come over
                plain http from outside of the provisioning networks.
        """
        try:
            checked = await self.examiner.examine(wanted)
        except RefusedError as error:
            raise NotServedError(f"real programs refuse its files:\n{error}") from None
        networks = (read_json(self.folder.service) or {}).get("networks", [])
        wrong = list(image_failures(wanted.image, networks, "image"))
        if wrong:
            raise ImageError("; ".join(f"{one.property} {one.reason}" for one in wrong))
        for url, digest in wanted.image.files():
            await self.images.obtain(url, digest)
        return {program: str(verdict) for program, verdict in sorted(checked.items())}

    def publish(self, wanted: Installation, token: str | None = None) -> Published:
        """Makes an install bootable, unless the very same is and its machine has not answered yet.

        What was published for the machine before stops being bootable. `token` is one that was
        read from its reference; without it one is made.

        Raises:
            NotServedError: Nobody knows under which URL.
        """
        name, base = wanted.machine.name, self.base()
        content = content_digest(wanted)
        order_of = order_digest(wanted)
        before = self.live(name)
        if before is not None and token in (None, before.token):
            unused = before.expires > self.now() and self.called_back(before.token) is None
            if unused and (before.order, before.links.base) == (order_of, base):
                return before
        token = token or secrets.token_urlsafe(24)
        links = Links(base, token, wanted.callback.url)
        expires = self.now() + time_limit(wanted)
        boot = boot_by(wanted, links)
        order = {
            "machine": name,
            "macs": sorted(wanted.machine.macs),
            "serial": wanted.machine.serial,
            "uuid": wanted.machine.uuid,
            "digest": wanted.image.digest,
            "loader": wanted.image.loader.model_dump() if wanted.image.loader else None,
            "images": sorted({digest for _url, digest in wanted.image.files()}),
            "content": content,
            "order": order_of,
            "base": links.base,
            "callback": wanted.callback.url,
            "boot": {"media": list(boot.media), "url": boot.url, "method": boot.method},
            "expires": expires,
        }
        self._place(mark_of(token), order, rendered(wanted, links))
        write(self.folder.machine(name), to_json({**order, "token": token}), 0o600)
        if before is not None and before.token != token:
            self._remove(before.token)
        return Published(name, token, links, boot, content, order_of, expires)

    def live(self, machine: str) -> Published | None:
        """What is published for a machine, also when it has expired; None after `withdraw`."""
        found = read_json(self.folder.machine(machine))
        if found is None or not (self.folder.published(mark_of(found["token"]))).is_dir():
            return None
        boot: dict[str, Any] = found["boot"]
        return Published(
            machine=machine,
            token=found["token"],
            links=Links(found["base"], found["token"], found["callback"]),
            boot=BootBy(tuple(boot["media"]), boot["url"], boot["method"]),
            content=found["content"],
            order=found["order"],
            expires=found["expires"],
        )

    def called_back(self, token: str) -> CallBack | None:
        """What the machine said last of `ready` and `failed`; None while it said neither."""
        return self.heard(token, "ready") or self.heard(token, "failed")

    def heard(self, token: str, stage: str) -> CallBack | None:
        """What the machine said at one stage; `written` means that it now boots from its disk."""
        if stage not in STAGES:
            raise ValueError(stage)
        found = read_json(self.folder.call(mark_of(token), stage))
        if found is None:
            return None
        return CallBack(
            stage=stage,
            at=found["at"],
            uuid=found["uuid"],
            serial=found["serial"],
            macs=tuple(found["macs"]),
            digest=found["digest"],
            lines=tuple(found["lines"]),
        )

    def withdraw(self, token: str) -> None:
        """Makes sure that nothing can be booted or reported with a token; what was said is kept."""
        mark = mark_of(token)
        order = read_json(self.folder.published(mark) / "order.json")
        if order is not None:
            place = self.folder.machine(order["machine"])
            if (read_json(place) or {}).get("token") == token:
                place.unlink(missing_ok=True)
        self._remove(token)

    def forget(self, token: str) -> None:
        """Withdraws, and drops what was said as well."""
        self.withdraw(token)
        for stage in STAGES:
            self.folder.call(mark_of(token), stage).unlink(missing_ok=True)

    def _place(self, mark: str, order: dict[str, Any], files: dict[str, bytes]) -> None:
        """Puts the files under their mark at once: the folder is renamed when it is complete."""
        place = self.folder.published(mark)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = place.with_name(f".{mark}.{secrets.token_hex(6)}")
        beside.mkdir(mode=0o700)
        try:
            for name, content in files.items():
                (beside / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_new(beside / name, content, 0o600)
            write_new(beside / "order.json", to_json(order), 0o600)
            if place.exists():
                shutil.rmtree(place)
            beside.rename(place)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _remove(self, token: str) -> None:
        shutil.rmtree(self.folder.published(mark_of(token)), ignore_errors=True)

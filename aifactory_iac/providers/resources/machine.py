"""`Machine`: settings of one machine, and images that stay attached to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.image import url_failures
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.provisioning.folder import service_folder
from aifactory_iac.providers.provisioning.images import ImageError
from aifactory_iac.providers.provisioning.seeds import NotServedError, Seeds
from aifactory_iac.providers.resource import (
    Checked,
    Failure,
    Properties,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.resources.one_machine import OneMachineType
from aifactory_iac.providers.surroundings import Surroundings

_LINK = "link"
"""Where an image is served from, filled in by a run."""


def _wish(inputs: Properties) -> Mapping[str, Any]:
    media = inputs.get("media") or {}
    found: dict[str, Any] = {}
    if isinstance(media, Mapping) and not has_unknown(media):
        found["media"] = sorted(str(image.get(_LINK) or image["url"]) for image in media.values())
    once = inputs.get("bootOnce")
    if isinstance(once, Mapping) and not has_unknown(once):
        image = media.get(once.get("image", ""), {}) if isinstance(media, Mapping) else {}
        url = str(image.get(_LINK) or image.get("url") or "")
        found["bootOnce"] = {"event": once["event"], "source": once["source"], "url": url}
    return found


async def _served(inputs: Properties, around: Surroundings) -> Properties:
    """Fetches and measures every image, and fills in where the boot service has it.

    Raises:
        ProviderError: An image is not to be had, is another one, or nobody serves it.
    """
    media = inputs.get("media") or {}
    if not media:
        return inputs
    folder = service_folder(around.settings.state_dir, inputs["provisioningServer"])
    seeds = Seeds.of(folder, around.clock.now)
    try:
        base = seeds.base()
        for image in media.values():
            await seeds.images.obtain(image["url"], image["digest"])
    except (NotServedError, ImageError) as error:
        raise ProviderError(f"{inputs['name']}: {error}") from None
    links = Links(base, "")
    served = {
        name: {
            **image,
            _LINK: f"{links.base}/images/{image['digest'].removeprefix('sha256:')}/"
            f"{image['url'].rpartition('/')[2] or 'image'}",
        }
        for name, image in media.items()
    }
    return {**inputs, "media": served}


class MachineType(OneMachineType):
    """Machines one by one."""

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """What every machine is checked for, and its images."""
        found = super().check(old, new)
        own = [*_media_failures(new), *_once_failures(new)]
        return replace(found, failures=tuple(sorted([*found.failures, *own], key=_order)))


def _media_failures(inputs: Properties) -> list[Failure]:
    media = inputs.get("media")
    if not isinstance(media, Mapping) or not media:
        return []
    found = []
    if not inputs.get("provisioningServer"):
        found.append(
            Failure(
                "provisioningServer",
                "is required for `media`: controllers get images from where they were measured",
            )
        )
    for name, image in sorted(media.items()):
        if not isinstance(image, Mapping) or has_unknown(image):
            continue
        place = joined("media", name)
        digest = image["digest"]
        if not digest.startswith("sha256:") or len(digest) != 71:
            found.append(Failure(joined(place, "digest"), "is no digest such as `sha256:...`"))
        found += url_failures(image["url"], (), joined(place, "url"))
    return found


def _once_failures(inputs: Properties) -> list[Failure]:
    once = inputs.get("bootOnce")
    if not isinstance(once, Mapping) or has_unknown(once):
        return []
    image, media = once.get("image"), inputs.get("media") or {}
    if once["source"] == "UefiHttp" and image is None:
        return [Failure("bootOnce.image", "is required with `source: UefiHttp`")]
    if image is not None and image not in media:
        return [Failure("bootOnce.image", f"`{image}` is none of `media`")]
    return []


def _order(failure: Failure) -> tuple[str, str]:
    return failure.property, failure.reason


TYPE = MachineType("aifactory:metal:Machine", _wish, prepare=_served)

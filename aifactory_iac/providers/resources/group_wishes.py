"""What is wanted of a group's machines: images, settings, firmware, approvals, and who drains."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from aifactory_iac.providers.backends.choosing import choice_failures
from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.install.image import url_failures
from aifactory_iac.providers.install.near import hint
from aifactory_iac.providers.resource import Failure, Properties, has_unknown
from aifactory_iac.providers.resources.group_intents import moment, read_template

ACTIONS = ("install", "power-off", "reset", "retire", "wipe")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WRITING = ("bios", "firmware", "install", "power")
_SECRET = re.compile(r"(?i)pass(word|wd|phrase)|secret")


def wish_failures(inputs: Properties) -> Iterator[Failure]:
    """What is wrong with everything that is wanted beside the machines themselves."""
    yield from _pointless(inputs)
    yield from _image(inputs)
    yield from _install(inputs)
    yield from _bios(inputs.get("bios"))
    yield from _firmware(inputs)
    yield from _approval(inputs.get("approval"))
    yield from _cluster(inputs.get("cluster"))
    backend = inputs.get("backend")
    if isinstance(backend, Mapping) and not has_unknown(backend):
        yield from choice_failures(backend)


def _pointless(inputs: Properties) -> Iterator[Failure]:
    """Wishes that nobody would fulfil."""
    for key in _WRITING:
        if inputs.get(key) in (None, {}, []):
            continue
        if inputs.get("bmc") is None:
            yield Failure(key, "needs `bmc`: without it nothing is ever written to a machine")
        elif inputs.get("image") is None:
            yield Failure(
                key, "needs `image`: machines without one are only watched; its `os` is enough"
            )
        elif inputs.get("owner") in ("observed", "external"):
            yield Failure(
                key, f"means nothing with `owner: {inputs['owner']}`: those are only read"
            )


def _image(inputs: Properties) -> Iterator[Failure]:
    image = inputs.get("image")
    if not isinstance(image, Mapping):
        return
    digest = image.get("digest")
    if isinstance(digest, str) and not _DIGEST.fullmatch(digest):
        yield Failure("image.digest", "is no digest such as `sha256:` and 64 hexadecimal digits")
    if inputs.get("install") is None:
        return
    if digest is None:
        yield Failure("image.digest", "is required to install: nothing boots unmeasured")
    if image.get("url") is None:
        yield Failure("image.url", "is required to install: where is the image fetched from?")


def _install(inputs: Properties) -> Iterator[Failure]:
    install = inputs.get("install")
    if not isinstance(install, Mapping):
        return
    if inputs.get("provisioningServer") is None:
        yield Failure("provisioningServer", "is required to install: where do machines boot from?")
    if install.get("wipe", "never") in ("metadata", "full"):
        yield from _wipe(inputs, install["wipe"])
    image = inputs.get("image")
    if not isinstance(image, Mapping) or image.get("digest") is None or image.get("url") is None:
        return
    if has_unknown(inputs.get("boot")) or has_unknown(inputs.get("disks")):
        return
    read = read_template(inputs)
    yield from read.failures if read is not None else ()


def _wipe(inputs: Properties, wipe: str) -> Iterator[Failure]:
    approval = inputs.get("approval")
    if has_unknown(approval):
        return
    if approval is None or "wipe" not in approval.get("actions", ()):
        yield Failure(
            "approval",
            f"of `wipe` is required: `install.wipe: {wipe}` erases root devices",
        )


def _bios(bios: Any) -> Iterator[Failure]:
    for name, value in sorted(bios.items()) if isinstance(bios, Mapping) else ():
        place = joined("bios", name)
        if _SECRET.search(name) and value not in ("", None):
            yield Failure(
                place, "would write a secret into the state: set it on the machine itself"
            )
        elif isinstance(value, Mapping | list | tuple):
            yield Failure(place, "has to be a text, a whole number or a truth value")


def _firmware(inputs: Properties) -> Iterator[Failure]:
    firmware, install = inputs.get("firmware"), inputs.get("install")
    if not isinstance(firmware, list | tuple):
        return
    networks = install.get("networks", ()) if isinstance(install, Mapping) else ()
    components = [each for each in firmware if isinstance(each, Mapping)]
    counts = Counter(str(each.get("name")) for each in components)
    for at, component in enumerate(firmware):
        if not isinstance(component, Mapping):
            continue
        name, url, digest = (component.get(key) for key in ("name", "url", "digest"))
        place = joined("firmware", at)
        if isinstance(name, str) and counts[name] > 1:
            yield Failure(f"{place}.name", f"`{name}` is named {counts[name]} times")
        if url is not None and digest is None:
            yield Failure(
                f"{place}.digest", "is required with `url`: nothing is flashed unmeasured"
            )
        if isinstance(digest, str) and not _DIGEST.fullmatch(digest):
            yield Failure(
                f"{place}.digest", "is no digest such as `sha256:` and 64 hexadecimal digits"
            )
        if isinstance(url, str) and not has_unknown(networks):
            yield from url_failures(url, networks, f"{place}.url")


def _approval(approval: Any) -> Iterator[Failure]:
    if not isinstance(approval, Mapping):
        return
    by, actions = approval.get("by"), approval.get("actions")
    for at, action in enumerate(actions if isinstance(actions, list | tuple) else ()):
        if isinstance(action, str) and action not in ACTIONS:
            yield Failure(
                joined("approval.actions", at), f"`{action}` is none; {hint(action, ACTIONS)}"
            )
    if isinstance(by, list | tuple) and not has_unknown(by):
        names = {name.strip() for name in by if name.strip()}
        wiping = isinstance(actions, list | tuple) and "wipe" in actions
        if not names:
            yield Failure("approval.by", "names nobody")
        elif wiping and len(names) < 2:
            yield Failure("approval.by", "names one person, and a wipe takes two")
    if isinstance(approval.get("until"), str):
        try:
            moment(approval["until"])
        except ValueError:
            yield Failure(
                "approval.until", "is no time with its zone, such as 2026-12-01T18:00:00Z"
            )


def _cluster(cluster: Any) -> Iterator[Failure]:
    if not isinstance(cluster, Mapping):
        return
    seconds = cluster.get("seconds")
    if isinstance(seconds, int) and not 1 <= seconds <= 7 * 86_400:
        yield Failure("cluster.seconds", f"is {seconds}; a drain takes from 1 s to a week")

"""An installer: it looks for its seed, erases the disk, writes it, and says so.

Where the image is served from this machine, the emulated installer reads it and the seed beside it
as a real one would, and calls the URLs that it finds there: `written` before it restarts, `ready`
from the installed system. A seed that is not to be had leaves it waiting, and nothing is erased.
Anywhere else the image is only remembered, and the specification's `callback` is called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aifactory_iac.lab.redfish.plant.state import Machine, Seed

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def begin(
    machine: Machine, image: str, restart: Callable[[], None], next_source: Callable[[], None]
) -> None:
    """Boots the installer; `restart` follows its end, `next_source` an image that is not there."""
    host = machine.host
    urls = [image, *(s.image for s in machine.slots.values() if s.image not in (None, image))]
    near = [url for url in urls if url is not None and urlsplit(url).hostname in _LOOPBACK]
    if machine.spec.callback is not None or not near:
        _install(machine, image, Seed(), restart)
        return
    host.stage = "loading"
    this_boot = host.boots

    def go_on(seed: Seed) -> None:
        if host.boots != this_boot or host.stage != "loading":
            return
        if seed.missing is None:
            _install(machine, image, seed, restart)
        elif seed.of_image:
            machine.effect("image-missing", reason=seed.missing)
            next_source()
        else:
            host.stage = "installer-waits"
            machine.effect("installer-waits", reason=seed.missing)

    machine.read_seed(near, go_on)


def interrupt(machine: Machine) -> None:
    """Whatever was being installed is not any more."""
    machine.host.boots += 1
    if machine.host.stage == "installer":
        machine.effect("install-interrupted")


def _install(machine: Machine, image: str, seed: Seed, restart: Callable[[], None]) -> None:
    host = machine.host
    host.stage = "installer"
    machine.effect("disk-erased", held=host.disk, image=image)
    host.disk, host.seed = None, None

    def done() -> None:
        digest = machine.images.get(image) or seed.digest
        host.disk, host.seed = digest or image, seed
        machine.effect("installed", image=image, digest=digest)
        if machine.spec.callback is not None:
            machine.call_back(fill(machine, machine.spec.callback), report(machine, image))
        say(machine, "written")
        restart()

    host.coming.append(machine.after(machine.model.times.install, done))


def say(machine: Machine, stage: str) -> None:
    """Calls what the seed names for a stage; each is called once."""
    seed = machine.host.seed
    url = seed.calls.get(stage) if seed is not None else None
    if seed is None or url is None:
        return
    rest = {name: each for name, each in seed.calls.items() if name != stage}
    machine.host.seed = Seed(rest, seed.digest)
    machine.call_back(url, {**_identity(machine), "digest": seed.digest or "", "lines": []})


def network_image(machine: Machine) -> str | None:
    """What the network offers to this machine."""
    offered = machine.spec.network_image
    return fill(machine, offered) if offered is not None else None


def fill(machine: Machine, template: str) -> str:
    """A URL with this machine's `{name}`, `{serial}`, `{uuid}` and first `{mac}` in it."""
    spec = machine.spec
    mac = spec.macs[0] if spec.macs else ""
    return template.format(name=spec.name, serial=spec.serial, uuid=spec.uuid, mac=mac)


def _identity(machine: Machine) -> dict[str, Any]:
    spec = machine.spec
    return {"serial": spec.serial, "uuid": spec.uuid, "macs": list(spec.macs)}


def report(machine: Machine, image: str) -> Mapping[str, Any]:
    """What is posted to the `callback` of the specification."""
    return {
        "name": machine.spec.name,
        **_identity(machine),
        "image": image,
        "digest": machine.images.get(image),
        "status": "installed",
    }

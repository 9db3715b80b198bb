"""A group that is installed: images served and measured, machines that call back, nothing left."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import web

from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.provisioning.boot_server import boot_app
from aifactory_iac.providers.provisioning.folder import service_folder

GROUP = "aifactory:metal:NodeGroup"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1u7rSkRf0EPx4Ml0bWVcbwKmkdCkkzwJ4V4G5ZWdzY ops"


@dataclass(frozen=True)
class Service:
    """A provisioning service that runs, and the image that it has."""

    base: str
    image: dict[str, str]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """The site's provisioning service, in a thread of its own."""
    folder = service_folder(tmp_path / "state", "fra1")
    place = tmp_path / "ubuntu.iso"
    place.write_bytes(b"an installer")
    digest = f"sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}"
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> tuple[web.AppRunner, str]:
        runner = web.AppRunner(boot_app(folder, time.time))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"

    runner, base = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    folder.service.parent.mkdir(parents=True)
    folder.service.write_text(json.dumps({"url": base, "networks": ["127.0.0.0/8"]}))
    yield Service(base, {"os": "ubuntu-24.04", "url": f"file://{place}", "digest": digest})
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def wanted(place, group_of, service, **more):
    return group_of(
        place,
        image=service.image,
        disks={"wipe": "never", "encrypt": False, "root": {"model": "KCM6*"}},
        install={"config": {"autoinstall": {"users": {"ops": {"keys": [KEY]}}}}},
        provisioningServer="fra1",
        **more,
    )


@pytest.fixture
def installing(plant, group_of, plugin, service):
    """A plant, a plug-in for it, and inputs that install it."""

    def start(count=6, **like):
        place = plant(count, **like)
        ours = plugin(lab=place.lab, pace=0.02, parallel=8)
        inputs, failures = ours.check(GROUP, wanted(place, group_of, service))
        assert failures == []
        return place, ours, inputs

    return start


def witness(place):
    return Witness.of(place.fleet.journal.records)


def erased(place):
    return sorted(each["machine"] for each in witness(place).erasures())


@pytest.mark.slow  # installers read their images and seeds, and machines are waited for
def test_every_machine_is_installed_once_and_nothing_stays_attached(installing):
    place, ours, inputs = installing()
    id_, state = ours.create(GROUP, inputs)
    assert state["ready"] == 6
    assert {each["state"] for each in state["results"].values()} == {"installed"}
    assert {each["installed"] for each in state["results"].values()} == {inputs["image"]["digest"]}
    assert erased(place) == sorted(inputs["machines"])
    assert witness(place).complaints() == []
    # Once more: it is only looked at. Lost state as well: the record on disk knows.
    place.forget()
    assert ours.update(GROUP, id_, inputs, state, inputs) == state
    assert ours.create(GROUP, inputs)[1]["ready"] == 6
    assert place.writes() == []


def test_machines_that_run_something_are_not_erased(installing):
    place, ours, inputs = installing(3, power="On", installed="sha256:" + "cd" * 32)
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    assert erased(place) == []
    assert place.resets() == []
    assert witness(place).complaints() == []
    assert len(partly.value.reasons) == 3
    assert "nothing proves that nobody uses it" in partly.value.reasons[0]


@pytest.mark.slow  # installed twice
def test_another_image_is_said_in_the_plan_and_takes_an_approval(installing):
    place, ours, inputs = installing(2)
    id_, state = ours.create(GROUP, inputs)
    config = {"autoinstall": {"users": {"ops": {"keys": [KEY]}}, "timezone": "Europe/Berlin"}}
    other = {**inputs["image"], "digest": "sha256:" + "00" * 32}
    new, failures = ours.check(
        GROUP, {**inputs, "image": other, "install": {"config": config}}, inputs
    )
    assert failures == []
    ours.lines.clear()
    ours.update(GROUP, id_, inputs, state, new, preview=True)
    assert ("info", "r", "DATA IS DESTROYED on 2 machines: n0001, n0002") in ours.lines
    with pytest.raises(ours.partly_done) as partly:
        ours.update(GROUP, id_, inputs, state, new)
    assert len(erased(place)) == 2
    assert "that takes an approval of `install`" in partly.value.reasons[0]


def test_an_exchanged_machine_is_installed_only_when_somebody_allows_it(installing):
    place, ours, inputs = installing(2)
    id_, state = ours.create(GROUP, inputs)

    def exchange(machine):
        machine.spec = replace(
            machine.spec, serial="NEW-BOX", uuid="00000000-0000-4000-8000-0000000000ff"
        )
        machine.host.disk, machine.host.power = "sha256:" + "dd" * 32, "Off"

    place.call("n0002", exchange)
    machines = {name: dict(each) for name, each in inputs["machines"].items()}
    machines["n0002"]["serial"] = "NEW-BOX"
    new = {**inputs, "machines": machines}
    before = len(erased(place))
    ours.lines.clear()
    ours.update(GROUP, id_, inputs, state, new, preview=True)
    assert ("info", "r", "DATA IS DESTROYED on 1 machine: n0002") in ours.lines
    why = "is another machine than before (serial NEW-BOX, was SN0002): to install it takes"
    old = inputs
    for _ in range(2):  # trying again allows nothing
        with pytest.raises(ours.partly_done) as partly:
            ours.update(GROUP, id_, old, state, new)
        assert partly.value.reasons == [f"n0002: {why} an approval of `install`"]
        assert len(erased(place)) == before
        old, state = new, partly.value.state
    approval = {"by": ["anna"], "until": "2199-01-01T00:00:00Z", "actions": ["install"]}
    state = ours.update(GROUP, id_, new, partly.value.state, {**new, "approval": approval})
    assert state["ready"] == 2
    assert erased(place)[before:] == ["n0002"]


@pytest.mark.slow  # a machine is waited for that never calls back
def test_one_that_never_calls_back_is_left_with_nothing_attached_and_the_others_go_on(
    plant, group_of, plugin, service
):
    place = plant(4, differ={"n0003": {"callback": "http://127.0.0.1:9/nobody"}})
    ours = plugin(lab=place.lab, pace=0.02, parallel=8)
    base = wanted(place, group_of, service)
    base["install"]["callback"] = {"minutes": 5}
    inputs, failures = ours.check(GROUP, base)
    assert failures == []
    with pytest.raises(ours.partly_done) as partly:
        ours.create(GROUP, inputs)
    assert partly.value.state["ready"] == 3
    assert partly.value.reasons[0].startswith(
        "n0003: did not call back in 5 minutes (in quarantine"
    )
    assert witness(place).complaints() == []

"""An installer whose image is served nearby does what its seed says, as a real one would."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web

from aifactory_iac.lab.redfish.front.seeds import read, told
from aifactory_iac.lab.redfish.numbered import fleet_of
from aifactory_iac.providers.install.installation import read_installation
from aifactory_iac.providers.provisioning.boot_server import boot_app
from aifactory_iac.providers.provisioning.folder import Folder
from aifactory_iac.providers.provisioning.seeds import Seeds

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
MEDIA = "/redfish/v1/Managers/Manager.1/VirtualMedia"
DIGEST = "sha256:" + "ab" * 32
SCRIPT = """call() {{
  body=$(printf '{{"digest":"%s"}}' {digest})
  case "$stage" in
    failed) url={base}/m/t/failed ;;
    written) url={base}/m/t/written ;;
    ready) url='{base}/m/t/ready' ;;
  esac
}}
"""


def _script(shelf: Any) -> bytes:
    return SCRIPT.format(base=shelf.base, digest=DIGEST).encode()


def _insert(client: Any, slot: str, url: str) -> None:
    path = f"{MEDIA}/{slot}/Actions/VirtualMedia.InsertMedia"
    assert client("POST", path, {"Image": url}).status == 204


def _boot(lab: Any, target: str, uri: str | None = None) -> None:
    boot = {
        "BootSourceOverrideEnabled": "Once",
        "BootSourceOverrideTarget": target,
        "HttpBootUri": uri,
    }
    assert lab.client()("PATCH", SYSTEM, {"Boot": boot}).status == 204
    assert lab.client()("POST", RESET, {"ResetType": "On"}).status == 204
    lab.fleet.advance(4 + 180)


def _stages(shelf: Any) -> list[str]:
    return [path.rpartition("/")[2] for path, _body in shelf.calls]


def test_an_image_and_a_seed_volume(plant: Any, shelf: Any) -> None:
    shelf.files |= {"/os.iso": b"an installer", "/seed.iso": b"\x00CD001\x00" + _script(shelf)}
    lab = plant()
    _insert(lab.client(), "CD1", f"{shelf.base}/os.iso")
    _insert(lab.client(), "USB1", f"{shelf.base}/seed.iso")
    _boot(lab, "Cd")
    assert _stages(shelf) == []

    lab.fleet.advance(600)
    assert _stages(shelf) == ["written"]
    lab.fleet.advance(180 + 60)
    assert _stages(shelf) == ["written", "ready"]
    assert shelf.calls[1][1] == {
        "serial": "SN0001",
        "uuid": lab.fleet.machines["n0001"].spec.uuid,
        "macs": ["02:00:00:00:00:01", "02:00:00:01:00:01"],
        "digest": DIGEST,
        "lines": [],
    }
    assert lab.fleet.machines["n0001"].host.disk == DIGEST


def test_each_stage_is_said_once(plant: Any, shelf: Any) -> None:
    shelf.files |= {"/os.iso": b"x", "/seed.iso": _script(shelf)}
    lab = plant()
    _insert(lab.client(), "CD1", f"{shelf.base}/os.iso")
    _insert(lab.client(), "USB1", f"{shelf.base}/seed.iso")
    _boot(lab, "Cd")
    lab.fleet.advance(300)
    for slot in ("CD1", "USB1"):
        lab.client()("POST", f"{MEDIA}/{slot}/Actions/VirtualMedia.EjectMedia", {})
    lab.fleet.advance(1000)
    lab.client()("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(1000)
    assert _stages(shelf) == ["written", "ready"]
    assert lab.effects()[-1] == "os-up"


def test_a_seed_that_is_gone_leaves_the_installer_waiting_and_the_disk_alone(
    plant: Any, shelf: Any
) -> None:
    shelf.files["/os.iso"] = b"x"
    lab = plant(installed="sha256:old")
    _insert(lab.client(), "CD1", f"{shelf.base}/os.iso")
    _insert(lab.client(), "USB1", f"{shelf.base}/seed.iso")
    _boot(lab, "Cd")
    lab.fleet.advance(5000)

    assert lab.fleet.machines["n0001"].host.disk == "sha256:old"
    waits = next(r for r in lab.fleet.records if r.get("effect") == "installer-waits")
    assert waits["reason"] == "seed.iso: 404"
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "OSBootStarted"


@pytest.mark.parametrize(
    ("installed", "last"), [("sha256:old", "SetupEntered"), (None, "SetupEntered")]
)
def test_an_image_that_is_gone_is_no_boot_source(
    plant: Any, shelf: Any, installed: str | None, last: str
) -> None:
    lab = plant(installed=installed)
    _insert(lab.client(), "CD1", f"{shelf.base}/os.iso")
    _boot(lab, "Cd")
    lab.fleet.advance(1000)

    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == last
    assert "image-missing" in lab.effects()
    assert lab.fleet.machines["n0001"].host.disk == installed


def test_media_that_is_left_and_gone_lets_the_disk_boot(plant: Any, shelf: Any) -> None:
    lab = plant(installed="sha256:old")
    _insert(lab.client(), "CD1", f"{shelf.base}/os.iso")
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(1000)
    assert lab.client().get(SYSTEM)["BootProgress"]["LastState"] == "OSRunning"


def test_nobody_answering_is_a_reason_too(plant: Any) -> None:
    lab = plant()
    _boot(lab, "UefiHttp", "http://127.0.0.1:9/os.iso")
    missing = next(r for r in lab.fleet.records if r.get("effect") == "image-missing")
    assert missing["reason"] == "os.iso: no answer"


def test_a_reset_while_it_loads_is_the_end_of_that_boot(plant: Any, shelf: Any) -> None:
    """What was fetched for a boot that is over is not installed by the next."""
    lab = plant()
    machine = lab.fleet.machines["n0001"]
    waiting: list[Any] = []
    machine.read_seed = lambda _urls, then: waiting.append(then)
    _insert(lab.client(), "CD1", f"{shelf.base}/os.iso")
    _boot(lab, "Cd")
    lab.client()("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(1)
    from aifactory_iac.lab.redfish.plant.state import Seed

    lab.fleet.call(lambda: waiting[0](Seed()))
    assert "disk-erased" not in lab.effects()


def _seed(files: dict[str, bytes | int], *urls: str) -> Any:
    async def fetch(url: str) -> tuple[int, bytes]:
        content = files.get(url, 404)
        return (content, b"") if isinstance(content, int) else (200, content)

    return asyncio.run(read(urls, fetch))


CALLS = {"written": "http://a/m/t/written", "ready": "http://a/m/t/ready"}
PLAIN = f"written) url={CALLS['written']} ;;\nready) url='{CALLS['ready']}' ;;\n{DIGEST}".encode()


@pytest.mark.parametrize(
    "files",
    [
        {
            "http://a/m/t/grubx64.efi": b"MZ",
            "http://a/m/t/grub.cfg": b"linux /k 'ip=dhcp' 'ds=nocloud-net;s=http://a/m/t/'\n",
            "http://a/m/t/user-data": b"#cloud-config\n" + PLAIN,
        },
        {
            "http://a/m/t/grubx64.efi": b"MZ",
            "http://a/m/t/grub.cfg": b"linux /k 'inst.ks=http://a/m/t/ks.cfg'\n",
            "http://a/m/t/ks.cfg": b"%post\n" + PLAIN,
        },
        {
            "http://a/m/t/grubx64.efi": b"#!ipxe\nkernel x ignition.config.url=http://a/m/t/config.ign\n",
            "http://a/m/t/config.ign": json.dumps(
                {"contents": {"source": "data:;base64," + base64.b64encode(PLAIN).decode()}}
            ).encode(),
        },
        {
            "http://a/m/t/grubx64.efi": b"ignition.config.url=http://a/m/t/config.ign\n",
            "http://a/m/t/config.ign": json.dumps(
                {"contents": {"source": "data:," + quote(PLAIN.decode())}}
            ).encode(),
        },
    ],
)
def test_what_a_loader_leads_to(files: dict[str, bytes | int]) -> None:
    seed = _seed(files, "http://a/m/t/grubx64.efi")
    assert (seed.missing, dict(seed.calls), seed.digest) == (None, CALLS, DIGEST)
    assert told(seed) == {"stages": ["ready", "written"], "digest": DIGEST}


@pytest.mark.parametrize(
    "text",
    [
        b"phone_home:\n  url: http://a/m/t/ready\n  post: all\n",
        b"phone_home:\n  post: [a]\n  tries: 3\n  url: 'http://a/m/t/ready'\n",
        b"phone_home: {url: http://a/m/t/ready}\n",
    ],
)
def test_cloud_inits_own_way_to_call_home_is_known(text: bytes) -> None:
    assert dict(_seed({"u": b"#cloud-config\n" + text}, "u").calls) == {"ready": CALLS["ready"]}


def test_a_document_that_a_menu_names_and_nobody_has_is_missing() -> None:
    files: dict[str, bytes | int] = {
        "http://a/x": b"inst.ks=http://a/ks.cfg",
        "http://a/ks.cfg": 410,
    }
    seed = _seed(files, "http://a/x")
    assert (seed.missing, seed.of_image) == ("ks.cfg: 410", False)


def test_an_image_without_any_seed_is_only_an_image() -> None:
    seed = _seed({"http://a/x.iso": b"A" * 81}, "http://a/x.iso")
    assert (seed.missing, dict(seed.calls)) == (None, {})


@dataclass(frozen=True)
class Service:
    """The provider's own provisioning service, running."""

    folder: Folder
    image: Path
    digest: str


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """On loopback, in a thread of its own."""
    folder = Folder(tmp_path / "provisioning")
    image = tmp_path / "os.iso"
    image.write_bytes(b"an installer")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> tuple[web.AppRunner, int]:
        runner = web.AppRunner(boot_app(folder, lambda: 1_800_000_000.0))
        await runner.setup()
        place = web.TCPSite(runner, "127.0.0.1", 0)
        await place.start()
        return runner, runner.addresses[0][1]

    runner, port = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    folder.service.parent.mkdir(parents=True)
    where = {"url": f"http://127.0.0.1:{port}", "networks": ["127.0.0.0/8"]}
    folder.service.write_text(json.dumps(where))
    yield Service(folder, image, f"sha256:{hashlib.sha256(image.read_bytes()).hexdigest()}")
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDsXVCvTtHSbTQZhBQXtHhZ4CzfE7oWTpuBZW4ihZCgP ops"
CONFIGS = {
    "ubuntu-24.04": {"autoinstall": {"users": {"ops": {"keys": [KEY]}}}},
    "rhel-9.4": {"kickstart": {"users": {"ops": {"keys": [KEY]}}}},
}


@pytest.mark.parametrize("medium", ["iso", "http"])
@pytest.mark.parametrize("os", sorted(CONFIGS))
def test_it_does_what_the_providers_own_seeds_say(
    plant: Any, service: Service, os: str, medium: str
) -> None:
    lab = plant(fleet_of(1, pace=1.0))
    spec = lab.fleet.machines["n0001"].spec
    image: dict[str, Any] = {
        "os": os,
        "url": f"file://{service.image}",
        "digest": service.digest,
        "media": medium,
    }
    if medium == "http":
        for role in ("kernel", "initrd", "loader"):
            place = service.image.with_name(f"{role}.efi")
            place.write_bytes(service.image.read_bytes())
            image[role] = {"url": f"file://{place}", "digest": service.digest}
    machine = {"name": "n0001", "serial": spec.serial, "uuid": spec.uuid, "disks": 1}
    found = read_installation(
        {"machine": machine, "image": image, "config": CONFIGS[os]}, ["127.0.0.0/8"]
    )
    assert found.value is not None, found.failures
    seeds = Seeds.of(service.folder, lambda: 1_800_000_000.0)
    asyncio.run(seeds.provide(found.value))
    published = seeds.publish(found.value)

    for slot, url in zip(("CD1", "USB1"), published.boot.media, strict=False):
        _insert(lab.client(), slot, url)
    _boot(lab, "Cd" if medium == "iso" else "UefiHttp", published.boot.url)
    lab.fleet.advance(600 + 180 + 60)

    call = seeds.called_back(published.token)
    assert call is not None
    assert (call.stage, call.serial, call.digest) == ("ready", spec.serial, service.digest)
    assert seeds.heard(published.token, "written") is not None

"""What machines get from the boot server, and what it hears of them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aifactory_iac.providers.install.render.scripts import call_script
from aifactory_iac.providers.provisioning import generation
from aifactory_iac.providers.provisioning.folder import mark_of, to_json, write
from aifactory_iac.providers.provisioning.orders import Orders
from aifactory_iac.providers.provisioning.serving import AlreadyServedError, Listen, serving

HEX = hashlib.sha256(b"an installer, in its entirety\n" * 5000).hexdigest()
LOADER = b"an EFI program"


@dataclass(frozen=True)
class Client:
    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        async with self.session.get(self.base + path, headers=headers) as answer:
            return answer.status, await answer.read()

    async def post(self, path: str, body: Any) -> int:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.session.post(self.base + path, data=data) as answer:
            return answer.status


@pytest.fixture
def with_server(folder, now) -> Callable[[Callable[[Client], Awaitable[Any]]], Any]:
    """Runs something with a client of a server that serves the folder."""

    def run(use: Callable[[Client], Awaitable[Any]]) -> Any:
        async def served() -> Any:
            async with serving(folder.path, now=now) as url, aiohttp.ClientSession() as session:
                return await use(Client(session, url))

        return asyncio.run(served())

    return run


SAID = {"uuid": "u", "serial": "S2", "macs": ["aa:bb:cc:00:11:23"], "digest": "d"}


def test_a_measured_image_whole_and_in_parts(with_server, image):
    async def use(client: Client) -> None:
        path = f"/images/{HEX}/installer.iso"
        assert await client.get(path) == (200, image)
        assert await client.get(path, Range="bytes=5-9") == (206, image[5:10])
        assert await client.get(path, Range="bytes=-7") == (206, image[-7:])
        end = len(image) - 3
        assert await client.get(path, Range=f"bytes={end}-") == (206, image[-3:])
        assert await client.get(path, Range=f"bytes=0-{len(image) * 2}") == (200, image)
        assert await client.get(path, Range="lines=1-2") == (200, image)
        status, _body = await client.get(path, Range=f"bytes={len(image)}-")
        assert status == 416
        async with client.session.head(client.base + path) as answer:
            assert answer.headers["Content-Length"] == str(len(image))
            assert answer.headers["ETag"] == f'"{HEX}"'
            assert await answer.read() == b""

    with_server(use)


def test_an_image_that_is_not_what_it_is_called_is_never_served(with_server, folder):
    folder.image(HEX).write_bytes(b"tampered with")

    async def use(client: Client) -> None:
        status, body = await client.get(f"/images/{HEX}/installer.iso")
        assert (status, body) == (409, b"the image does not have its digest\n")
        assert (await client.get(f"/images/{'0' * 64}/x"))[0] == 404
        assert (await client.get("/images/short/x"))[0] == 404

    with_server(use)


def test_an_image_that_changes_while_it_is_served_does_not_look_whole(with_server, folder, image):
    big = image * 200
    name = hashlib.sha256(big).hexdigest()
    folder.image(name).write_bytes(big)

    async def use(client: Client) -> None:
        async with client.session.get(f"{client.base}/images/{name}/x") as answer:
            await answer.content.readexactly(10)
            with folder.image(name).open("r+b") as file:
                file.write(b"changed")
            with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
                await answer.read()

    with_server(use)


def test_the_files_of_an_install(with_server, seeds, wanted):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        assert published.links.base == client.base
        for name in ("user-data", "meta-data", "vendor-data", "network-config", "seed.iso"):
            status, body = await client.get(f"/m/{published.token}/{name}")
            assert status == 200
            assert body
        for name in ("order.json", "../n2.json", "no-such-file", "%2e%2e/order.json"):
            assert (await client.get(f"/m/{published.token}/{name}"))[0] == 404
        assert (await client.get("/m/another/user-data"))[0] == 404

    with_server(use)


def test_a_machine_is_known_by_what_it_says_or_by_its_reserved_address(with_server, seeds, wanted):
    async def use(client: Client) -> None:
        uuid = "4c4c4544-0043-4a10-8035-b7c04f4e3434"
        published = seeds.publish(wanted("n2", "pxe", uuid=uuid))
        script = (await client.get(f"/m/{published.token}/boot.ipxe"))[1]
        assert script.startswith(b"#!ipxe\n")
        for query in (
            "",
            "?mac=AA-BB-CC-00-11-23",
            "?serial=S2",
            f"?uuid={uuid.upper()}",
            "?mac=&serial=S2",
        ):
            assert await client.get(f"/boot/boot.ipxe{query}") == (200, script)
        for query in ("?mac=aa:bb:cc:99:99:99", "?mac=x", "?serial=S9", "?mac="):
            assert (await client.get(f"/boot/boot.ipxe{query}"))[0] == 404
        assert (await client.get("/boot/grub/grub.cfg"))[1].startswith(b"set timeout=0\n")

    with_server(use)


def test_a_card_with_a_reservation_is_believed_only_from_its_address(with_server, seeds, wanted):
    async def use(client: Client) -> None:
        seeds.publish(wanted("n1", "pxe", serial="S1", macs=["aa:bb:cc:00:11:22"]))
        assert (await client.get("/boot/boot.ipxe?mac=aa:bb:cc:00:11:22"))[0] == 404
        assert (await client.get("/boot/boot.ipxe?serial=S1"))[0] == 200

    with_server(use)


def test_unknown_machines_have_nothing_to_boot(with_server):
    async def use(client: Client) -> None:
        found = await client.get("/boot/boot.ipxe")
        assert found == (404, b"nothing to boot for this machine\n")

    with_server(use)


def test_firmware_over_http_gets_the_measured_loader(with_server, seeds, wanted, folder):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted("n2", "http"))
        assert published.boot.url == f"{client.base}/m/{published.token}/grubx64.efi"
        assert await client.get(f"/m/{published.token}/grubx64.efi") == (200, LOADER)
        assert await client.get("/boot/loader") == (200, LOADER)
        folder.image(hashlib.sha256(LOADER).hexdigest()).write_bytes(b"another")
        assert (await client.get("/boot/loader"))[0] == 409

    with_server(use)


def test_each_stage_is_heard_once(with_server, seeds, wanted, now):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        path = f"/m/{published.token}"
        nothing = {"written": None, "ready": None, "failed": None}
        assert json.loads((await client.get(f"{path}/called"))[1]) == nothing
        assert await client.post(f"{path}/written", SAID) == 204
        now.time += 60
        assert await client.post(f"{path}/ready", SAID) == 204
        assert await client.post(f"{path}/ready", SAID) == 409
        assert await client.post(f"{path}/gone", SAID) == 404
        assert await client.post("/m/another/ready", SAID) == 404
        found = json.loads((await client.get(f"{path}/called"))[1])
        assert found["ready"] == {
            **SAID,
            "stage": "ready",
            "at": now.time,
            "machine": "n2",
            "lines": [],
        }
        heard = seeds.called_back(published.token)
        assert (heard.stage, heard.at, heard.serial) == ("ready", now.time, "S2")

    with_server(use)


def test_of_two_that_call_back_at_once_one_is_heard(with_server, seeds, wanted):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        path = f"/m/{published.token}/ready"
        answers = await asyncio.gather(*(client.post(path, SAID) for _ in range(10)))
        assert sorted(answers) == [204] + [409] * 9

    with_server(use)


@pytest.mark.parametrize(
    "body",
    [b"", b"no JSON", b"[]", b'{"uuid": 1}', b'{"macs": "a"}', b'{"macs": [1]}', b'{"lines": {}}'],
)
def test_what_is_no_call_back_is_refused_and_uses_nothing_up(body, with_server, seeds, wanted):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        assert await client.post(f"/m/{published.token}/ready", body) == 400
        assert await client.post(f"/m/{published.token}/ready", {}) == 204

    with_server(use)


def test_a_call_back_has_a_length(with_server, seeds, wanted):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        assert await client.post(f"/m/{published.token}/ready", {"lines": ["x" * 70_000]}) == 413

    with_server(use)


@pytest.mark.parametrize("stage", ["written", "ready", "failed"])
def test_once_a_machine_has_answered_it_has_nothing_to_boot(stage, with_server, seeds, wanted):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted("n2", "pxe"))
        assert await client.post(f"/m/{published.token}/{stage}", SAID) == 204
        status, body = await client.get(f"/m/{published.token}/boot.ipxe")
        said = f"nothing to boot: this machine has said `{stage}`\n"
        assert (status, body.decode()) == (410, said)
        assert (await client.get("/boot/boot.ipxe"))[0] == 410

    with_server(use)


def test_after_its_time_an_install_is_neither_booted_nor_heard(with_server, seeds, wanted, now):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted("n2", "pxe"))
        now.time = published.expires
        assert (await client.get(f"/m/{published.token}/user-data"))[0] == 410
        assert await client.post(f"/m/{published.token}/ready", SAID) == 410

    with_server(use)


def test_a_withdrawn_install_is_gone_and_so_is_one_that_another_replaced(
    with_server, seeds, wanted, folder
):
    async def use(client: Client) -> None:
        first = seeds.publish(wanted("n2", "pxe"))
        kept = folder.published(mark_of(first.token))
        second = seeds.publish(wanted("n2", "pxe", serial="S3"))
        # As if the provider had been killed before it removed the files of the first.
        order = json.loads((folder.published(mark_of(second.token)) / "order.json").read_text())
        write(kept / "order.json", to_json(order))
        assert (await client.get(f"/m/{first.token}/boot.ipxe"))[0] == 404
        assert (await client.get(f"/m/{second.token}/boot.ipxe"))[0] == 200
        seeds.withdraw(second.token)
        assert (await client.get(f"/m/{second.token}/boot.ipxe"))[0] == 404
        assert (await client.get("/boot/boot.ipxe"))[0] == 404

    with_server(use)


def test_nothing_is_served_while_no_service_is_in_force(with_server, folder, seeds, wanted):
    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        generation.retire(folder)
        for path in (f"/images/{HEX}/x", f"/m/{published.token}/user-data", "/boot/boot.ipxe"):
            assert (await client.get(path))[0] == 503
        assert folder.image(HEX).exists()

    with_server(use)


def test_a_peer_from_elsewhere_is_refused(with_server, monkeypatch):
    monkeypatch.setattr(Orders, "admits", lambda *_arguments: False)

    async def use(client: Client) -> None:
        assert await client.get("/boot/boot.ipxe") == (403, b"not a provisioning network\n")

    with_server(use)


def test_no_token_stands_in_the_log(with_server, seeds, wanted, caplog):
    caplog.set_level(logging.DEBUG)

    async def use(client: Client) -> None:
        published = seeds.publish(wanted())
        await client.get(f"/m/{published.token}/user-data")
        await client.post(f"/m/{published.token}/ready", SAID)
        assert "n2 said ready" in caplog.text
        assert published.token not in caplog.text

    with_server(use)


def tools(folder: Path, client: str) -> Path:
    """What an installer's shell has: one of the programs that speak HTTP, and a few others."""
    folder.mkdir()
    program = shutil.which("busybox" if client.startswith("busybox") else client)
    if program is None:
        pytest.skip(f"NOT CHECKED: {client} is not installed")
    (folder / client.split()[-1]).symlink_to(program)
    for name in ("cat", "cut", "sleep", "timeout", "tr"):
        (folder / name).symlink_to(shutil.which(name))
    return folder


@pytest.mark.parametrize("program", ["curl", "wget", "busybox wget"])
def test_the_script_of_a_machine_calls_back_for_real(program, with_server, seeds, wanted, tmp_path):
    """The script that runs on a machine, run here, against this server."""
    path = tools(tmp_path / "bin", program)
    for name, text in (("product_uuid", "4C4C-1\n"), ("product_serial", 'S"2\n')):
        (tmp_path / "dmi").mkdir(exist_ok=True)
        (tmp_path / "dmi" / name).write_text(text)
    for card, mac in (("eth0", "aa:bb:cc:00:11:23"), ("eth1", "aa:bb:cc:00:11:99")):
        (tmp_path / "net" / card / "device").mkdir(parents=True)
        (tmp_path / "net" / card / "address").write_text(f"{mac}\n")
    (tmp_path / "net" / "eth1" / "bonding_slave").mkdir()
    (tmp_path / "net" / "eth1" / "bonding_slave" / "perm_hwaddr").write_text("aa:bb:cc:00:11:24\n")
    (tmp_path / "net" / "lo").mkdir()

    async def use(client: Client) -> None:
        order = wanted()
        published = seeds.publish(order)
        script = call_script(order, published.links, ("ready", "failed"), tries=1, pause=0)

        def run(call: str) -> int:
            return subprocess.run(
                ["/bin/sh", "-c", f"{script}\n{call}\n"],
                env={
                    "PATH": str(path),
                    "AIFACTORY_DMI": str(tmp_path / "dmi"),
                    "AIFACTORY_NET": str(tmp_path / "net"),
                },
                timeout=30,
                check=False,
            ).returncode

        assert await asyncio.to_thread(run, "call failed 'a \"reason\"'") == 0
        assert await asyncio.to_thread(run, "call ready") == 0
        # It asks again when its first answer was lost: that it was heard already is success.
        assert await asyncio.to_thread(run, "call ready") == 0
        heard = seeds.called_back(published.token)
        assert (heard.uuid, heard.serial) == ("4C4C-1", "S2")
        assert heard.macs == ("aa:bb:cc:00:11:23", "aa:bb:cc:00:11:24")
        assert heard.digest == f"sha256:{HEX}"
        assert seeds.heard(published.token, "failed").lines == ("a reason",)
        seeds.withdraw(published.token)
        assert await asyncio.to_thread(run, "call ready") == 1

    with_server(use)


def test_one_process_serves_a_folder(folder):
    async def use() -> None:
        async with serving(folder.path) as url:
            assert json.loads(folder.running.read_text())["url"] == url
            with pytest.raises(AlreadyServedError, match="is served by another process already"):
                async with serving(folder.path):
                    raise AssertionError
            assert folder.running.exists()
        assert not folder.running.exists()
        async with serving(folder.path, Listen(advertised="https://boot.internal")) as other:
            assert other == "https://boot.internal"

    asyncio.run(use())

"""Kea's control agent: a real one on loopback, and one that misbehaves as no real one does."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from aifactory_iac.providers.provisioning.control_agent import (
    ControlAgent,
    KeaError,
    KeaUnreachableError,
)
from aifactory_iac.providers.provisioning.kea import kea_config
from aifactory_iac.providers.provisioning.kea_merge import held, part
from aifactory_iac.providers.secrets import Credentials


@pytest.fixture
def ours(service):
    return kea_config(service())["Dhcp4"]


def test_our_part_is_in_force_and_on_disk_and_nothing_else_moved(kea, ours):
    agent = ControlAgent(kea.url)
    asyncio.run(agent.hold(ours))
    for found in (asyncio.run(agent.running()), kea.on_disk):
        assert held(found, ours) == part(ours)
        assert found["subnet4"][0]["subnet"] == "192.0.2.0/24"
        assert found["client-classes"][0]["name"] == "voip"
    asyncio.run(agent.hold(ours))
    asyncio.run(agent.release(tuple(one["subnet"] for one in ours["subnet4"])))
    for found in (asyncio.run(agent.running()), kea.on_disk):
        assert [one["subnet"] for one in found["subnet4"]] == ["192.0.2.0/24"]
        assert [one["name"] for one in found["client-classes"]] == ["voip"]


def test_what_kea_itself_refuses_changes_nothing(kea, ours):
    before, on_disk = asyncio.run(ControlAgent(kea.url).running()), kea.on_disk
    ours["subnet4"][0]["id"] = 1
    with pytest.raises(KeaError, match=r"config-test: .*1.*already in use"):
        asyncio.run(ControlAgent(kea.url).hold(ours))
    assert asyncio.run(ControlAgent(kea.url).running()) == before
    assert kea.on_disk == on_disk


def test_a_file_that_cannot_be_written_sets_it_back(kea, ours):
    agent = ControlAgent(kea.url)
    before = asyncio.run(agent.running())
    # Kea writes its file in place; a folder of that name is what even root cannot write to.
    kea.config.unlink()
    kea.config.mkdir()
    with pytest.raises(KeaError, match=r"config-write: .*; it runs as before again"):
        asyncio.run(agent.hold(ours))
    assert asyncio.run(agent.running()) == before


def test_subnets_of_others_are_not_overlapped(kea, service):
    mine = kea_config(
        service(subnets={"wide": {"cidr": "192.0.0.0/16"}}, reservations={}, endpoint=None)
    )["Dhcp4"]
    with pytest.raises(KeaError, match=r"192\.0\.2\.0/24 \(ours: 192\.0\.0\.0/16\)"):
        asyncio.run(ControlAgent(kea.url).hold(mine))


class Fake:
    """Answers as a control agent; `answers` maps a command to what it says, or to a status."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []
        self.authorization: str | None = None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.authorization = request.headers.get("Authorization")
        self.asked.append((body["command"], body.get("arguments")))
        answer = self.answers.get(body["command"], [{"result": 0}])
        if isinstance(answer, int):
            return web.Response(status=answer)
        if isinstance(answer, str):
            return web.Response(text=answer)
        return web.json_response(answer)

    def run(self, use) -> Any:
        async def served() -> Any:
            app = web.Application()
            app.router.add_post("/", self.serve)
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            try:
                url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
                return await use(ControlAgent(url, Credentials("me", "hunter2")))
            finally:
                await runner.cleanup()

        return asyncio.run(served())


RUNNING = [{"result": 0, "arguments": {"Dhcp4": {"subnet4": []}, "hash": "1"}}]


def test_a_server_that_only_says_that_it_took_it_is_set_back(ours):
    fake = Fake({"config-get": RUNNING})
    with pytest.raises(KeaError, match="what it reads back is not what was set") as refused:
        fake.run(lambda agent: agent.hold(ours))
    assert "hunter2" not in str(refused.value)
    assert [command for command, _arguments in fake.asked] == [
        "config-get",
        "config-test",
        "config-set",
        "config-write",
        "config-get",
        "config-set",
        "config-write",
    ]
    assert fake.asked[5][1] == {"Dhcp4": {"subnet4": []}}
    assert fake.authorization == "Basic bWU6aHVudGVyMg=="


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (401, "it does not accept our credentials"),
        (500, "it answers 500"),
        ("no JSON", "it answers no JSON"),
        ([], "this is no answer of a control agent"),
        ({"result": 0}, "this is no answer of a control agent"),
        ([{"result": 1, "text": "no such server"}], "config-get: no such server"),
        ([{"result": 1}], "config-get: refused"),
        ([{"result": 0}], "config-get gives no Dhcp4"),
        ([{"result": 0, "arguments": {"Dhcp6": {}}}], "config-get gives no Dhcp4"),
    ],
)
def test_what_an_agent_may_answer(answer, said):
    with pytest.raises(KeaError) as refused:
        Fake({"config-get": answer}).run(lambda agent: agent.running())
    assert not isinstance(refused.value, KeaUnreachableError)
    assert str(refused.value).endswith(said)


def test_nobody_there_is_no_refusal():
    with pytest.raises(KeaUnreachableError, match=r"^http://127\.0\.0\.1:1: ClientConnectorError$"):
        asyncio.run(ControlAgent("http://127.0.0.1:1").running())


def test_an_agent_that_does_not_answer_is_unreachable():
    async def use() -> None:
        server = await asyncio.start_server(lambda *_streams: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            with pytest.raises(KeaUnreachableError, match="TimeoutError"):
                await ControlAgent(f"http://127.0.0.1:{port}", limit=0.2).running()

    asyncio.run(use())

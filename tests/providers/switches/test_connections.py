"""What a server may do to a connection, and which of our errors each thing is."""

from __future__ import annotations

import asyncio
import socket

import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.secrets import Credentials
from aifactory_iac.providers.switches.errors import (
    BusyError,
    LostAnswerError,
    SwitchError,
    UnreachableError,
    UntrustedError,
)
from aifactory_iac.providers.switches.rest import Answer, Rest
from aifactory_iac.providers.switches.shell import Done, Shell
from aifactory_iac.providers.switches.trust import Reach, reach

NAME = "leaf"
NVUE = SwitchSpec(NAME, "nvue")
SONIC = SwitchSpec(NAME, "sonic", ports=1)
REFERENCE = {"store": "env", "path": "SWITCHES"}
SITE = {"trust": "site-ca"}


def closed_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def rest(site, **more):
    where = reach(NAME, 8765, SITE, REFERENCE, site.around)
    return Rest(where, "/nvue_v1", site.clock, 1.0, **more)


def shell(site, **more):
    return Shell(reach(NAME, 22, SITE, REFERENCE, site.around), site.clock, 1.0, **more)


def test_nobody_there(plant):
    async def story():
        async with plant() as site:
            where = Reach(
                NAME, "127.0.0.1", closed_port(), Credentials("a", "b"), trust="system-ca"
            )
            with pytest.raises(UnreachableError) as caught:
                await Rest(where, "", site.clock, 1.0).send("POST", "/revision")
            assert str(caught.value).startswith("leaf cannot be reached (")
            assert len(site.clock.slept) == 3
            with pytest.raises(UnreachableError, match=r"leaf cannot be reached \("):
                await Shell(where, site.clock, 1.0).look("true")

    asyncio.run(story())


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_no_write_is_ever_repeated_by_itself(plant, method):
    async def story():
        async with plant(NVUE) as site:
            site.fail(Fault("drop-answer", method=method, times=None))
            client = rest(site)
            with pytest.raises(LostAnswerError):
                await client.send(method, "/revision", body={})
            await client.close()
            assert len(site.witness.requests(method=method)) == 1

    asyncio.run(story())


def test_slow_is_not_refused_and_not_done_twice(plant):
    async def story():
        async with plant(NVUE) as site:
            site.fail(Fault("delay", seconds=0.4, times=None))
            client = rest(site, timeout=0.1)
            with pytest.raises(LostAnswerError) as caught:
                await client.send("POST", "/revision")
            assert str(caught.value) == "leaf did not answer POST in time"
            with pytest.raises(UnreachableError, match="leaf did not answer GET in time"):
                await client.get("/revision")
            await client.close()

    asyncio.run(story())


@pytest.mark.parametrize("status", [502, 504])
def test_a_proxy_that_lost_sight_of_it_is_a_lost_answer(plant, status):
    async def story():
        async with plant(NVUE) as site:
            site.fail(Fault("status", status=status, times=None))
            client = rest(site)
            with pytest.raises(LostAnswerError, match=f"leaf: POST was lost \\({status}\\)"):
                await client.send("POST", "/revision")
            await client.close()

    asyncio.run(story())


@pytest.mark.parametrize("asked", [None, "soon"])
def test_busy_without_a_time_is_waited_for_a_while(plant, asked):
    async def story():
        async with plant(NVUE) as site:
            site.fail(Fault("status", status=503, retry_after=asked, times=None))
            client = rest(site)
            with pytest.raises(BusyError) as caught:
                await client.send("POST", "/revision")
            await client.close()
            assert str(caught.value) == "leaf is busy: POST was turned away 4 times"
            assert len(site.clock.slept) == 3

    asyncio.run(story())


def test_answers_are_put_into_words():
    assert Answer(400, {"detail": "a\n b"}).detail == "a b"
    assert Answer(400, {"title": "Bad"}).detail == "Bad"
    assert Answer(500, None).detail == "status 500"
    assert Answer(500, "<html>").detail == "<html>"
    assert Done("", "", 3).complaint == "exit status 3"


def test_a_command_that_does_not_end_is_a_lost_answer(plant):
    async def story():
        async with plant(SONIC) as site:
            site.fail(Fault("delay", method="RUN", seconds=0.5))
            client = shell(site, timeout=0.2)
            with pytest.raises(LostAnswerError) as caught:
                await client.do("sudo -n config save -y")
            await client.close()
            assert str(caught.value) == "leaf: a command did not end in time"

    asyncio.run(story())


def test_a_look_is_repeated_over_a_new_connection(plant):
    async def story():
        async with plant(SONIC) as site:
            client = shell(site)
            await client.look("sudo -n config list-checkpoints")
            site.fail(Fault("drop", method="RUN"), Fault("drop", method="LOGIN"))
            done = await client.look("sudo -n config list-checkpoints")
            await client.close()
            assert (done.output, done.status) == ("[]\n", 0)

    asyncio.run(story())


def test_nothing_known_of_a_host_is_no_trust(plant):
    async def story():
        async with plant(SONIC) as site:
            where = reach(NAME, 22, SITE, REFERENCE, site.around)
            nobody = Reach(NAME, where.host, where.port, where.credentials)
            with pytest.raises(UntrustedError):
                await Shell(nobody, site.clock, 1.0).do("true")
            wrong = Reach(NAME, where.host, where.port, where.credentials, hostkey="ssh-rsa x")
            with pytest.raises(SwitchError, match="is no public key"):
                await Shell(wrong, site.clock, 1.0).do("true")
            blind = Reach(NAME, where.host, where.port, where.credentials, trust="insecure")
            client = Shell(blind, site.clock, 1.0)
            assert (await client.do("sudo -n config list-checkpoints")).status == 0
            await client.close()

    asyncio.run(story())


def test_a_refused_account_is_not_asked_for_again(plant, monkeypatch):
    async def story():
        async with plant(SONIC) as site:
            monkeypatch.setenv("SWITCHES", "admin:wrong")
            client = shell(site)
            for _ in range(2):
                with pytest.raises(SwitchError, match="refused user and password"):
                    await client.look("true")
            assert len(site.witness.requests(method="LOGIN")) == 1

    asyncio.run(story())

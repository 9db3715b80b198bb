"""Operations are asked to end, and are never torn off."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from pulumi.runtime.proto import plugin_pb2, provider_pb2

from aifactory_iac.providers.plugin.operations import Operations
from aifactory_iac.providers.resource import ProviderError

NOTEBOOK = "aifactory:metal:Notebook"


def test_a_cancelled_operation_reads_back_and_its_state_is_kept(client, notebook):
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(client.create, NOTEBOOK, {"mood": "waiting"})
        assert notebook.began.wait(5)
        client.cancel()
        with pytest.raises(client.partly_done) as partly:
            answer.result(5)
    assert partly.value.id == "r-stopped"
    assert partly.value.reasons == ["stopped when asked to"]


def test_after_that_nothing_new_begins(client, notebook):
    client.cancel()
    with pytest.raises(client.refused) as refused:
        client.create(NOTEBOOK, {"title": "a"})
    assert refused.value.code == "FAILED_PRECONDITION"
    assert refused.value.text == "cancelled before anything of it was done"
    assert notebook.seen == []


@pytest.mark.parametrize("coming", ["Handshake", "Attach"])
def test_another_engine_may_begin_anew(client, coming):
    """Every engine cancels as it ends; a plug-in that runs for a debugger serves many."""
    client.cancel()
    messages = {
        "Handshake": provider_pb2.ProviderHandshakeRequest(),
        "Attach": plugin_pb2.PluginAttach(),
    }
    client.ask(coming, messages[coming])
    assert client.create(NOTEBOOK, {"title": "a"})[0] == "r-1"


def test_a_time_limit_ends_one_operation_and_says_so(client):
    with pytest.raises(client.partly_done) as partly:
        client.create(NOTEBOOK, {"mood": "waiting"}, timeout=0.05)
    assert partly.value.reasons == [
        "stopped when asked to",
        "its time limit of 0.05 s (customTimeouts) was over",
    ]
    assert client.create(NOTEBOOK, {"title": "a"})[0] == "r-1"


def test_an_engine_that_no_longer_waits_does_not_tear_the_operation(client, notebook):
    """A call that is given up would otherwise be cancelled in the middle of a write."""
    request = provider_pb2.CreateRequest(urn=f"urn:pulumi:s::p::{NOTEBOOK}::r")
    request.properties.update({"mood": "waiting"})
    call = client.stub.Create.future(request)
    assert notebook.began.wait(5)
    call.cancel()
    with pytest.raises(grpc.FutureCancelledError):
        call.result()
    for _ in range(100):
        if ("stopped", "waiting") in notebook.seen:
            break
        threading.Event().wait(0.02)
    assert notebook.seen[-1] == ("stopped", "waiting")


def test_ending_waits_for_what_runs():
    async def main():
        operations = Operations()
        order = []

        async def work(stop):
            await stop.wait()
            order.append("read back")
            return "answer"

        running = asyncio.ensure_future(operations.run(work))
        await asyncio.sleep(0)
        operations.cancel()
        await operations.finished()
        order.append("finished")
        assert await running == "answer"
        assert order == ["read back", "finished"]
        await operations.finished()

    asyncio.run(main())


def test_a_refusal_after_the_time_limit_says_so():
    async def main():
        async def work(stop):
            await stop.wait()
            raise ProviderError("nothing was written")

        with pytest.raises(ProviderError) as refused:
            await Operations().run(work, 0.01)
        return str(refused.value)

    assert asyncio.run(main()) == (
        "nothing was written; its time limit of 0.01 s (customTimeouts) was over"
    )

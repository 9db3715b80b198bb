"""Lines for the user: in order, without secrets, and never in the way."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.plugin import diagnostics
from aifactory_iac.providers.plugin.diagnostics import EngineLog, NotedSecrets, Scrubber
from aifactory_iac.providers.secrets import SecretError


def test_every_secret_is_taken_out_the_longest_first():
    scrub = Scrubber()
    for text in ("hunter2", "hunter2-and-more", "abc", " spaced \n"):
        scrub.learn(text)
    assert scrub("hunter2-and-more, hunter2, abc, spaced.") == "[secret], [secret], abc, [secret]."


def test_secrets_that_were_read_are_learned():
    scrub = Scrubber()
    reader = NotedSecrets({"env": lambda path: f"root:{path}-word"}, {}, scrub.learn)
    assert reader.credentials({"store": "env", "path": "calvin"}).password == "calvin-word"
    assert (
        scrub("as root with calvin-word (root:calvin-word)") == "as root with [secret] ([secret])"
    )


def test_a_store_that_there_is_not_is_said():
    reader = NotedSecrets({}, {})
    with pytest.raises(SecretError, match="there is no store of that kind"):
        reader.text({"store": "paper", "path": "x"})


def test_without_an_engine_lines_go_to_stderr(capsys):
    scrub = Scrubber()
    scrub.learn("hunter2")
    EngineLog(scrub).say("urn", "warning", "the word is hunter2")
    assert capsys.readouterr() == ("", "warning: the word is [secret]\n")


def test_an_engine_that_is_gone_holds_nobody_up(capsys):
    async def main():
        log = EngineLog(Scrubber())
        log.connect("127.0.0.1:1")
        log.say("urn", "info", "one")
        log.say("urn", "info", "two")
        await log.said()
        log.say("urn", "info", "three")
        await log.said()
        await log.close()

    asyncio.run(asyncio.wait_for(main(), 10))
    assert capsys.readouterr().err == "info: three\n"


def test_an_engine_that_does_not_answer_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(diagnostics, "_LONGEST_WAIT", 0.05)

    class Deaf:
        async def Log(self, request, timeout):  # noqa: N802
            await asyncio.Event().wait()

    async def main():
        log = EngineLog(Scrubber())
        log.connect("127.0.0.1:1")
        log._engine = Deaf()
        for text in ("one", "two", "three"):
            log.say("urn", "info", text)
        await log.said()
        assert log._waiting.empty()
        await log.close()

    asyncio.run(asyncio.wait_for(main(), 10))


def test_lines_of_other_threads_come_in_order_too(client, notebook):
    async def create(name, inputs, around, *, preview):
        def work():
            for at in range(20):
                around.log("debug", f"line {at}")

        await asyncio.to_thread(work)
        from aifactory_iac.providers.resource import Made

        return Made("x", {})

    notebook.create = create
    client.create(notebook.token, {})
    assert [text for _, _, text in client.lines] == [f"line {at}" for at in range(20)]

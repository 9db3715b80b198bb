"""Real programs read an install before it is published, once for all the machines that share it."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.install.outside import Failed, NotChecked, Passed, install_checkers
from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.provisioning.examining import Examiner, RefusedError, examiner
from aifactory_iac.providers.provisioning.seeds import NotServedError, Seeds


class Checker:
    program = "a-program"

    def __init__(self, verdict) -> None:
        self.verdict, self.files = verdict, []

    async def check(self, files):
        await asyncio.sleep(0.01)
        self.files.append(files)
        return self.verdict


def test_of_many_machines_one_is_looked_at(wanted):
    checker = Checker(Passed())
    asking = Examiner([checker])

    async def many() -> None:
        machines = [wanted(f"n{i}", serial=f"S{i}") for i in range(5)]
        found = await asyncio.gather(*(asking.examine(machine) for machine in machines))
        assert found == [{"a-program": Passed()}] * 5
        await asking.examine(wanted("n1", "pxe"))

    asyncio.run(many())
    assert len(checker.files) == 2
    asyncio.run(asking.examine(wanted("n9")))
    assert len(checker.files) == 2


def test_what_a_program_refuses_is_not_published_and_its_images_are_not_fetched(
    folder, now, wanted
):
    seeds = Seeds.of(folder, now, Examiner([Checker(Failed(("line 3: no", "line 4: no")))]))
    for _ in range(2):
        with pytest.raises(NotServedError) as refused:
            asyncio.run(seeds.provide(wanted()))
        assert str(refused.value) == (
            "real programs refuse its files:\na-program: line 3: no\na-program: line 4: no"
        )


def test_what_was_not_checked_is_said(folder, now, wanted):
    seeds = Seeds.of(folder, now, Examiner([Checker(NotChecked("it is not installed"))]))
    assert asyncio.run(seeds.provide(wanted())) == {"a-program": "not checked: it is not installed"}


def test_every_real_program_is_asked(folder, now, wanted):
    assert [one.program for one in examiner().checkers] == [
        one.program for one in install_checkers()
    ]
    found = asyncio.run(Seeds.of(folder, now).provide(wanted()))
    assert found == {
        program: "passed" if installed(program) else f"not checked: {program} is not installed"
        for program in ("cloud-init", "netplan")
    }


def test_the_files_that_are_read_open_nothing(wanted):
    checker = Checker(Passed())
    asyncio.run(Examiner([checker]).examine(wanted()))
    assert b"/m/not-a-token/ready" in checker.files[0]["user-data"]


def test_a_refusal_is_an_error_of_its_own(wanted):
    with pytest.raises(RefusedError, match=r"^a-program: no$"):
        asyncio.run(Examiner([Checker(Failed(("no",)))]).examine(wanted()))

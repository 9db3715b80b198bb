"""A run that dies between any two requests: the next one goes on, and nothing is applied twice."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.providers.resources.switch_config import SwitchConfigType

NAME = "storage-leaf-001"
CASES = {
    "nvue": (
        SwitchSpec(NAME, "nvue", ports=4),
        {
            "interface": {"swp1-2": {"description": "hosts", "link": {"mtu": 9216}}},
            "system": {"hostname": NAME},
        },
    ),
    "sonic": (
        SwitchSpec(NAME, "sonic", ports=2),
        {"PORT": {"*": {"admin_status": "up", "mtu": "9100"}}, "system": {"hostname": NAME}},
    ),
    "mlnx-os": (
        SwitchSpec(NAME, "mlnx-os", ports=4),
        {"ib": {"mtu": 4096, "ports": {"hosts": "1/1-2"}}, "system": {"hostname": NAME}},
    ),
}
IN_FORCE = {"nvue": "applied", "sonic": "applied", "mlnx-os": "configured"}
"""What the witness calls a configuration that comes into force."""


def kill_at(site, number, effect, task):
    """The request of that number kills its client, before or after it is done."""
    seen = 0

    def hit(switch, method, path):
        nonlocal seen
        seen += 1
        if seen == number:
            task().cancel()
            return Fault(effect)
        return None

    site.fleet.faults.hit = hit
    return lambda: seen


async def killed(site, inputs, number, effect):
    """How many requests a run makes when the one of that number kills it."""
    running: list[asyncio.Task] = []
    count = kill_at(site, number, effect, lambda: running[0])
    running.append(asyncio.create_task(site.create(inputs)))
    try:
        await running[0]
    except asyncio.CancelledError:
        return count(), True
    return count(), False


# Over SSH every run takes a handshake or two, and there is a run or two for every request.
@pytest.mark.parametrize("effect", ["drop", "drop-answer"])
@pytest.mark.parametrize(
    "system",
    [
        "nvue",
        pytest.param("sonic", marks=pytest.mark.slow),
        pytest.param("mlnx-os", marks=pytest.mark.slow),
    ],
)
def test_killed_at_any_request_the_next_run_goes_on(plant, tmp_path, system, effect):
    spec, config = CASES[system]

    async def story(number):
        async with plant(spec) as site:
            site.around.settings.state_dir.mkdir(exist_ok=True)
            for left in site.around.settings.state_dir.rglob("*.json"):
                left.unlink()
            inputs = site.inputs(NAME, config=config)
            requests, died = await killed(site, inputs, number, effect)
            site.fleet.faults.hit = lambda *_: None
            site.kind = SwitchConfigType()
            state = await site.create(inputs)
            assert (state["drift"], state["stale"]) == ({}, False), number
            entries = site.witness.effects(NAME)
            applied = [each for each in entries if each["what"] == IN_FORCE[system]]
            commands = [each.get("command") for each in applied]
            assert len(commands) == len(set(commands)), (number, entries)
            assert not [each for each in entries if each["what"] == "rolled-back"], number
            assert entries[-1]["what"] == "saved", (number, entries)
            assert list(site.around.settings.state_dir.rglob("*.json")) == []
            return requests if not died else None

    def every():
        number = 1
        while asyncio.run(story(number)) is None:
            number += 1
        return number

    assert every() > 12

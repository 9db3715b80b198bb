"""What today's clients do with a lost answer, measured: the reason why ours has its own rules.

One intent, one reset: a client that hears nothing has to read back. These two ask again instead,
and each time the machine is reset once more. `tests/providers` holds our own client to one.
"""

from __future__ import annotations

from typing import Any

import pytest
import redfish
import sushy
from sushy import auth

from aifactory_iac.lab.redfish.faults.reading import named
from aifactory_iac.lab.redfish.numbered import LOGIN
from aifactory_iac.lab.redfish.witness import Witness

SYSTEM = "/redfish/v1/Systems/System.1"


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Both wait between attempts; the waits are written down instead."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


def test_one_reset_through_sushy_becomes_three(plant: Any, no_waiting: list[float]) -> None:
    lab = plant(power="On", installed="sha256:aa")
    root = sushy.Sushy(
        lab.fleet.endpoints["10.0.0.1"],
        auth=auth.BasicAuth(LOGIN.username, LOGIN.password),
        server_side_retries=0,
    )
    system = root.get_system(SYSTEM)
    lab.fleet.use(named("lost-answer-to-reset", times=2))

    system.reset_system(sushy.ResetType.FORCE_RESTART)

    log = Witness.of(lab.fleet.records)
    assert log.reset_requests("n0001") == 3
    assert log.resets("n0001") == 3
    assert [r["delivered"] for r in log.writes()] == [False, False, True]
    assert log.complaints() == ["n0001 was reset 3 times; 1 allowed"]
    assert len(no_waiting) == 2


def test_one_reset_through_the_client_of_dmtf_becomes_four(
    plant: Any, no_waiting: list[float]
) -> None:
    """Its documentation says so: it retries, `including non-idempotent methods`, ten times."""
    lab = plant(power="On", installed="sha256:aa")
    client = redfish.redfish_client(
        base_url=lab.fleet.endpoints["10.0.0.1"],
        username=LOGIN.username,
        password=LOGIN.password,
    )
    client.login(auth="basic")
    lab.fleet.use(named("lost-answer-to-reset", times=3))

    reset = f"{SYSTEM}/Actions/ComputerSystem.Reset"
    assert client.post(reset, body={"ResetType": "ForceRestart"}).status == 204
    assert Witness.of(lab.fleet.records).resets("n0001") == 4
    assert len(no_waiting) == 3

"""A run that is killed between any two requests: the next one goes on and does nothing twice.

A kill is a run that never gets to send its next request, nor to clean up: everything that it held
in memory is gone, and what was on its way is done.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.machine.intent import Component
from aifactory_iac.providers.redfish.connections import HttpConnections, Outgoing
from aifactory_iac.providers.redfish.outcome import Answer
from aifactory_iac.providers.redfish.trust import TrustPolicy


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Mortal:
    """Connections of a process that dies before or after its n-th request."""

    left: int
    after: bool
    inner: HttpConnections | None = None
    dead: bool = False

    async def send(self, outgoing: Outgoing, trust: TrustPolicy) -> Answer:
        if self.dead:
            raise Killed
        self.inner = self.inner or HttpConnections()
        self.left -= 1
        if self.left > 0:
            return await self.inner.send(outgoing, trust)
        self.dead = True
        if self.after:
            await self.inner.send(outgoing, trust)
        raise Killed

    async def leave(self, base: str) -> None:
        if self.inner is not None:
            await self.inner.leave(base)

    async def close(self) -> None:
        if self.inner is not None:
            await self.inner.close()


def settings(lab: Any, **_: Any) -> Any:
    return lab.intent(bios={"SriovSupport": "Disabled"}, secure_boot=True, power="On")


def flash(lab: Any, tmp_path: Any, **_: Any) -> Any:
    place = tmp_path / "package.json"
    place.write_text(json.dumps({"HostBMC_0": "9.9.1", "HostBIOS_0": "9.9.2"}))
    digest = f"sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}"
    where = {"url": f"file://{place}", "digest": digest}
    return lab.intent(
        power="On",
        firmware=(
            Component("HostBMC_0", "9.9.1", **where),
            Component("HostBIOS_0", "9.9.2", **where),
        ),
    )


def installation(lab: Any, site: Any, **_: Any) -> Any:
    return lab.intent(install=site.installation())


def places(total: int, key: str) -> list[int]:
    """Where to be killed: three places that differ from case to case, or all of them when asked."""
    if os.environ.get("AIFACTORY_EVERY_KILL"):
        return list(range(1, total))
    # Looks that only wait are all alike; what is decided is decided among the first requests.
    chance = random.Random(key)
    return sorted({*chance.sample(range(1, min(total, 70)), 2), *chance.sample(range(1, total), 1)})


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("wish", [settings, flash, installation])
def test_killed_at_any_request_it_is_done_once(
    ready_to_install: Callable[..., Any], site: Any, tmp_path: Any, wish: Any, after: bool
) -> None:
    """Every place is a whole life; `AIFACTORY_EVERY_KILL=1` takes every request in turn."""
    whole = ready_to_install()
    whole.state = tmp_path / "whole"
    assert whole.converge(wish(whole, tmp_path=tmp_path, site=site)).error == ""
    for place in places(len(whole.requests()), f"{wish.__name__} {after}"):
        lab = ready_to_install()
        lab.state = tmp_path / f"{wish.__name__}-{after}-{place}"
        (tmp_path / "provisioning" / "machines" / "n0001.json").unlink(missing_ok=True)
        intent = wish(lab, tmp_path=tmp_path, site=site)
        options = dict(lab.options)
        lab.options["connections"] = Mortal(place, after)
        with contextlib.suppress(Killed):
            lab.converge(intent)
        lab.options = options
        found = lab.converge(intent)
        assert found.error == "", (place, found)
        log = Witness.of(lab.fleet.journal.records)
        # A session whose id got lost with its process ends by itself.
        complaints = [each for each in log.complaints() if "session" not in each]
        assert complaints == [], (place, complaints)
        assert log.resets("n0001") == 1, place
        again = len(lab.writes())
        assert lab.converge(intent, before=found).did == ()
        assert len(lab.writes()) == again
        lab.fleet.stop()

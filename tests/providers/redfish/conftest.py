"""A client of one emulated controller, with time that passes only when somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from aifactory_iac.lab.redfish.agenda import HandClock
from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.providers.redfish.client import Reach, ReadRetries, RedfishClient
from aifactory_iac.providers.redfish.connections import HttpConnections, Timeouts
from aifactory_iac.providers.redfish.credential_marks import CredentialMarks
from aifactory_iac.providers.redfish.session_ledger import SessionLedger
from aifactory_iac.providers.redfish.trust import TrustPolicy
from aifactory_iac.providers.secrets import Credentials

T = TypeVar("T")

OURS = Credentials(LOGIN.username, LOGIN.password)
ANYBODY = TrustPolicy("insecure")


@dataclass
class Hands:
    """A clock that notes how long it was made to wait."""

    clock: HandClock
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.clock()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.move(seconds)


@dataclass
class Line:
    """A fleet of one, and runs of a client against it."""

    fleet: Fleet
    folder: Path
    hands: Hands
    credentials: Credentials = OURS
    trust: TrustPolicy = ANYBODY
    base: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def run(self, action: Callable[[RedfishClient], Awaitable[T]], *, close: bool = True) -> T:
        """What comes of an action with a client of its own, as of a process of its own."""

        async def running() -> T:
            connections = HttpConnections()
            reach = Reach(
                connections=connections,
                clock=self.hands,
                refused=CredentialMarks(self.folder / "refused"),
                ledger=SessionLedger(self.folder / "sessions"),
                jitter=lambda: 0.5,
                **{
                    "retries": ReadRetries(),
                    "timeouts": Timeouts(connect=2, answer=2, whole=4),
                    **self.options,
                },
            )
            client = RedfishClient(
                address="10.0.0.1",
                base=self.base or next(iter(self.fleet.endpoints.values())),
                trust=self.trust,
                credentials=self.credentials,
                reach=reach,
            )
            try:
                return await action(client)
            finally:
                if close:
                    await client.close()
                await connections.close()

        return asyncio.run(running())

    def requests(self, method: str = "") -> list[str]:
        return [
            f"{each['method']} {each['path']}"
            for each in self.fleet.journal.records
            if each["kind"] == "request" and method in ("", each["method"])
        ]

    def effects(self, kind: str) -> list[Any]:
        return [
            each
            for each in self.fleet.journal.records
            if each["kind"] == "effect" and each["effect"] == kind
        ]


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    """Starts fleets of one generic machine; with `tls=True` over TLS."""
    started: list[Fleet] = []

    def start(
        faults: str = "", *, tls: bool = False, timed: bool = False, **differences: Any
    ) -> Line:
        folder = tmp_path / "tls" if tls else None
        if folder is not None:
            folder.mkdir()
        spec = fleet_of(1, folder, pace=1.0, **differences)
        if faults:
            place = tmp_path / "faults.yaml"
            place.write_text(faults, encoding="utf-8")
            spec = replace(spec, faults=str(place))
        clock = HandClock(1_800_000_000.0)
        # Answers that are late in earnest need a fleet that lives in earnest.
        fleet = Fleet(spec) if timed else Fleet(spec, clock)
        started.append(fleet)
        fleet.start()
        trust = TrustPolicy("site-ca", str(folder / "lab-ca.pem")) if folder else None
        made = Line(fleet, tmp_path / "state", Hands(clock))
        return replace(made, trust=trust) if trust else made

    yield start
    for fleet in started:
        fleet.stop()

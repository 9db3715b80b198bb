"""A plant of emulated switches whose time takes no time, and the provider pointed at it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.certificates import Authority
from aifactory_iac.lab.switches.faults import Fault
from aifactory_iac.lab.switches.fleet import Fleet
from aifactory_iac.lab.switches.spec import FleetSpec, Login, SwitchSpec, Tls, UfmSpec
from aifactory_iac.providers.resources.switch_config import SwitchConfigType
from aifactory_iac.providers.secrets import SecretReader, standard_stores
from aifactory_iac.providers.surroundings import Lab, Settings, Surroundings

SECRET = "correct horse battery staple"
REFERENCE = {"store": "env", "path": "SWITCHES"}


class QuickClock:
    """Sleeping moves it and takes no time."""

    def __init__(self) -> None:
        self.time = 1_000.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@dataclass
class Plant:
    """The emulated switches, and what the provider sees of them."""

    fleet: Fleet
    around: Surroundings
    clock: QuickClock
    logged: list[tuple[str, str]]
    kind: SwitchConfigType = field(default_factory=SwitchConfigType)

    @property
    def witness(self) -> Any:
        return self.fleet.witness

    def fail(self, *faults: Fault) -> None:
        self.fleet.faults.faults = faults
        self.fleet.faults._seen = {}

    def inputs(self, hostname: str, /, **given: Any) -> dict[str, Any]:
        spec = next(each for each in self.fleet.spec.switches if each.hostname == hostname)
        document = {
            "site": "fra1",
            "network": "storage",
            "hostname": hostname,
            "role": "leaf",
            "model": "SN5600",
            "os": spec.os,
            "config": {"system": {"hostname": hostname}},
            "tls": {"trust": "site-ca"},
            "address": spec.key,
            "credentials": REFERENCE,
            **given,
        }
        checked = self.kind.check(None, {k: v for k, v in document.items() if v is not None})
        assert checked.failures == ()
        return dict(checked.inputs)

    async def create(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        made = await self.kind.create("name", inputs, self.around, preview=False)
        return dict(made.state)

    async def update(
        self, old: Mapping[str, Any], state: Mapping[str, Any], new: Mapping[str, Any]
    ) -> dict[str, Any]:
        return dict(await self.kind.update("id", old, state, new, self.around, preview=False))

    async def read(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        found = await self.kind.read("id", inputs, state, self.around)
        assert found is not None
        return dict(found.state)

    def applied(self, hostname: str) -> int:
        return len(self.witness.effects(hostname, "applied"))


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority("switches", dt.datetime.now(dt.UTC))
    issued = authority.issue("switches")
    files = {name: folder / f"{name}.pem" for name in ("ca", "cert", "key", "other")}
    files["ca"].write_text(authority.certificate)
    files["cert"].write_text(issued.certificate)
    files["key"].write_text(issued.key)
    files["other"].write_text(Authority("other", dt.datetime.now(dt.UTC)).certificate)
    return files


@pytest.fixture
def plant(
    authority: Mapping[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """`async with plant(SwitchSpec(...), ...) as site`."""
    monkeypatch.setenv("SWITCHES", f"admin:{SECRET}")

    @asynccontextmanager
    async def started(
        *switches: SwitchSpec,
        ufms: tuple[UfmSpec, ...] = (),
        known_hosts: bool = True,
        ca: str = "ca",
        freeze: Path | None = None,
    ) -> AsyncIterator[Plant]:
        clock = QuickClock()
        spec = FleetSpec(
            credentials=Login("admin", SECRET),
            switches=switches,
            ufms=ufms,
            tls=Tls(str(authority["cert"]), str(authority["key"])),
            known_hosts=str(tmp_path / "known_hosts"),
        )
        logged: list[tuple[str, str]] = []
        async with Fleet(spec, clock.now) as fleet:
            lab = Lab(
                endpoints=fleet.endpoints,
                ca=str(authority[ca]),
                known_hosts=str(tmp_path / "known_hosts") if known_hosts else "",
            )
            around = Surroundings(
                settings=Settings(state_dir=tmp_path / "state", freeze=freeze, lab=lab),
                secrets=SecretReader(standard_stores()),
                clock=clock,
                log=lambda severity, text: logged.append((severity, text)),
            )
            yield Plant(fleet, around, clock, logged)

    return started

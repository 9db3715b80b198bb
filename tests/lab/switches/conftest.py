"""A lab of switches whose time is moved by hand, and the files that it needs."""

from __future__ import annotations

import base64
import datetime as dt
import json
import ssl
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from aifactory_iac.lab.certificates import Authority
from aifactory_iac.lab.switches.fleet import Fleet
from aifactory_iac.lab.switches.spec import FleetSpec, Login, Tls

LOGIN = Login("admin", "staple")


class HandClock:
    """Stands still until it is moved."""

    def __init__(self):
        self.time = 0.0

    def __call__(self):
        return self.time


class Client:
    """An independent client: nothing of the provider."""

    def __init__(self, session, base):
        self._session = session
        self._base = base

    async def __call__(self, method, path, body=None, **headers):
        async with self._session.request(
            method, self._base + path, json=body, headers=headers
        ) as answer:
            text = await answer.text()
            return answer.status, json.loads(text) if text else None


class Site:
    """A lab, its time, and clients of its addresses."""

    def __init__(self, fleet, clock, session):
        self.fleet = fleet
        self.clock = clock
        self._session = session

    def ask(self, address):
        return Client(self._session, self.fleet.endpoints[address])


@pytest.fixture(scope="session")
def tls_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab-tls")
    authority = Authority("switches", dt.datetime.now(dt.UTC))
    issued = authority.issue("switches")
    for name, text in {
        "ca": authority.certificate,
        "cert": issued.certificate,
        "key": issued.key,
    }.items():
        (folder / f"{name}.pem").write_text(text)
    return folder


@pytest.fixture
def lab(tls_files, tmp_path):
    """`async with lab(SwitchSpec(...)) as site`."""

    @asynccontextmanager
    async def started(*switches, ufms=(), **more):
        clock = HandClock()
        spec = FleetSpec(
            credentials=LOGIN,
            switches=switches,
            ufms=ufms,
            tls=Tls(str(tls_files / "cert.pem"), str(tls_files / "key.pem")),
            known_hosts=str(tmp_path / "known_hosts"),
            **more,
        )
        context = ssl.create_default_context(cafile=str(tls_files / "ca.pem"))
        token = base64.b64encode(b"admin:staple").decode()
        async with (
            Fleet(spec, clock) as fleet,
            aiohttp.ClientSession(
                headers={"Authorization": f"Basic {token}"},
                connector=aiohttp.TCPConnector(ssl=context),
            ) as session,
        ):
            yield Site(fleet, clock, session)

    return started


@pytest.fixture
def spec_document(tls_files: Path, tmp_path: Path):
    return {
        "credentials": {"username": "admin", "password": "staple"},
        "switches": [
            {"hostname": "leaf-1", "os": "nvue", "address": "10.0.0.1"},
            {"hostname": "leaf-2", "os": "sonic"},
        ],
        "ufms": [{"address": "ufm.fra1"}],
        "tls": {"cert": str(tls_files / "cert.pem"), "key": str(tls_files / "key.pem")},
        "known_hosts": str(tmp_path / "known_hosts"),
        "log": str(tmp_path / "witness.jsonl"),
        "pace": 0.01,
    }

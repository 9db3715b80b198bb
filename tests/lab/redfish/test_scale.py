"""A thousand controllers in one process, and what they cost."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from aifactory_iac.lab.redfish.fleet import trusting
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.lab.redfish.process import FleetProcess
from aifactory_iac.lab.redfish.witness import Witness

MACHINES = 1000
PATHS = (
    "/redfish/v1",
    "/redfish/v1/Systems/DGX",
    "/redfish/v1/Systems/DGX/Bios",
    "/redfish/v1/UpdateService/FirmwareInventory",
)
SLOW = "faults: [{name: slow, do: {kind: delay, seconds: 0.1}}]"


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


async def _ask_all(endpoints: list[str], ca: Path) -> None:
    connector = aiohttp.TCPConnector(ssl=trusting(str(ca)), limit=0, limit_per_host=1)
    login = aiohttp.encode_basic_auth(LOGIN.username, LOGIN.password)
    async with aiohttp.ClientSession(
        connector=connector, headers={"Authorization": login}
    ) as session:

        async def ask(base: str) -> None:
            for path in PATHS:
                async with session.get(base + path) as answer:
                    assert answer.status == 200
                    await answer.read()

        await asyncio.gather(*(ask(base) for base in endpoints))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc for the figures")
def test_a_thousand_controllers_that_answer_in_100_ms(tmp_path: Path) -> None:
    """Slow because 1,000 TLS handshakes and 4,000 requests take their time on two cores."""
    (tmp_path / "faults.yaml").write_text(SLOW)
    spec = replace(
        fleet_of(MACHINES, tmp_path, model="dgx-h100"),
        faults=str(tmp_path / "faults.yaml"),
        log=str(tmp_path / "log.jsonl"),
    )
    before = time.monotonic()
    with FleetProcess.of(spec, tmp_path) as process:
        ready = time.monotonic() - before
        assert _cpu(process.pid) < 4.0, "processor time until it is ready"
        assert ready < 8.0 * max(1.0, os.getloadavg()[0] / 2)
        assert _megabytes(process.pid) < 120

        start = _cpu(process.pid)
        asyncio.run(_ask_all(list(process.endpoints.values()), tmp_path / "lab-ca.pem"))
        spent = 1000 * (_cpu(process.pid) - start) / (MACHINES * len(PATHS))
        assert spent < 2.0, "milliseconds of processor time a request, handshakes included"
        assert _megabytes(process.pid) < 250
    log = Witness.read(tmp_path / "log.jsonl")
    assert len(log.requests()) == MACHINES * len(PATHS)
    assert log.complaints(at_once=1) == []

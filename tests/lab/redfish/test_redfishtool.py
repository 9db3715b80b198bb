"""Debian's redfishtool, where it is installed: a third client, older than the others."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.redfish.numbered import LOGIN

PROGRAM = shutil.which("redfishtool")
LOGGED_IN = ("-u", LOGIN.username, "-p", LOGIN.password)
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="redfishtool is not installed (Debian: apt-get install redfishtool)"
)


def _tool(lab: Any, *words: str) -> Any:
    host = lab.fleet.endpoints["10.0.0.1"].removeprefix("https://")
    done = subprocess.run(
        [*f"{PROGRAM} -r {host} -A Basic -S Always".split(), *LOGGED_IN, *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout) if done.stdout.strip() else None


def test_it_reads_resets_and_sets_a_boot(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)

    assert _tool(lab, "Systems", "get", "-P", "SerialNumber") == {"SerialNumber": "SN0001"}
    assert _tool(lab, "Systems", "-1", "reset", "On") is None
    told = _tool(lab, "Systems", "-1", "setBootOverride", "Once", "Pxe")
    assert told["Boot"]["BootSourceOverrideTarget"] == "Pxe"
    assert _tool(lab, "AccountService", "Accounts")["Members@odata.count"] == 1
    assert "reset" in lab.effects()

"""Every fault that real controllers have shown: the wish comes true, or the machine is left alone
with a reason; in neither case happens what must never happen."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from aifactory_iac.lab.redfish.faults.reading import catalogue
from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.machine.intent import Component
from aifactory_iac.providers.machine.result import MachineResult

FAULTS = sorted(catalogue())
NEEDS_TLS = {
    "certificate-expired",
    "certificate-of-another-host",
    "certificate-of-unknown-authority",
}
LOCKS = {"openbmc-3650-lockout"}
"""Faults that lock the account by themselves."""

RESETS = 2
"""A reset that was seen to do nothing is asked for once more."""


def settings(lab: Any, **_: Any) -> Any:
    return lab.intent(bios={"SriovSupport": "Disabled"}, secure_boot=True, power="On")


def flash(lab: Any, tmp_path: Any, **_: Any) -> Any:
    place = tmp_path / "package.json"
    place.write_text(json.dumps({"HostBMC_0": "9.9.1", "HostBIOS_0": "9.9.2"}))
    digest = f"sha256:{hashlib.sha256(place.read_bytes()).hexdigest()}"
    where = {"url": f"file://{place}", "digest": digest}
    parts = (Component("HostBMC_0", "9.9.1", **where), Component("HostBIOS_0", "9.9.2", **where))
    return lab.intent(power="On", firmware=parts)


def installation(lab: Any, site: Any, **_: Any) -> Any:
    return lab.intent(install=site.installation())


def fine(found: MachineResult) -> bool:
    return found.error == "" and found.settled


def fitting(name: str) -> list[Any]:
    """The wishes that meet a fault: all three when `AIFACTORY_EVERY_FAULT` is set."""
    if os.environ.get("AIFACTORY_EVERY_FAULT"):
        return [settings, flash, installation]
    about = catalogue()[name].model_dump_json()
    if any(word in about for word in ("update", "Update", "task", "Manager", "flash")):
        return [flash]
    if any(word in about for word in ("Boot", "Media", "/Systems/*")):
        return [installation]
    return [settings]


CASES = [
    pytest.param(name, wish, id=f"{name}-{wish.__name__}")
    for name in FAULTS
    if name not in NEEDS_TLS
    for wish in fitting(name)
]


@pytest.mark.parametrize(("fault", "wish"), CASES)
def test_a_fault_is_got_over_or_the_machine_is_left_alone(
    ready_to_install: Callable[..., Any], site: Any, tmp_path: Any, fault: str, wish: Any
) -> None:
    lab = ready_to_install(faults=f"faults: [{{use: {fault}}}]")
    intent = wish(lab, tmp_path=tmp_path, site=site)
    found = lab.converge(intent)
    assert fine(found) or found.error, found
    log = Witness.of(lab.fleet.journal.records)
    ignored = ["locked out"] if fault in LOCKS else []
    if not fine(found):
        # What a controller does not let go of is on record, for the next run.
        ignored += ["session", "media", "override"]
    complaints = [
        each for each in log.complaints(resets=RESETS) if not any(word in each for word in ignored)
    ]
    assert complaints == []
    assert len(log.effects("login-failed")) <= 1
    if fine(found):
        before = len(lab.writes())
        lab.converge(intent, before=found)
        assert len(lab.writes()) == before

"""Checkpoints by hand as the engine writes them, and units whose program is a plain function."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aifactory_iac.deploy import Deployment, read_state
from aifactory_iac.deploy.model import Plan
from aifactory_iac.deploy.planner import plan_units
from aifactory_iac.deploy.secrets import derive
from aifactory_iac.deploy.wire import SECRET, SIGNATURE
from aifactory_iac.program.unit import Give, Ref, Unit

PASSPHRASE = "correct horse"
SALT = base64.b64encode(b"8 bytes!").decode()
PLACE = Deployment(project="factory", stack="dev")
UNIT = Unit(site="fra1", layer="compute", providers=(), calls=(), gives=())


class Sealer:
    """Encrypts as the engine's passphrase provider does."""

    def __init__(self, passphrase: str = PASSPHRASE) -> None:
        key = derive(passphrase, SALT)
        assert key is not None
        self._gcm = AESGCM(key)

    def ciphertext(self, text: str) -> str:
        nonce = os.urandom(12)
        data = self._gcm.encrypt(nonce, text.encode(), None)
        return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(data).decode()}"

    def secret(self, value: Any) -> dict[str, str]:
        return {SIGNATURE: SECRET, "ciphertext": self.ciphertext(json.dumps(value))}

    @property
    def provider(self) -> dict[str, Any]:
        salt = f"v1:{SALT}:{self.ciphertext('pulumi')}"
        return {"type": "passphrase", "state": {"salt": salt}}


@pytest.fixture(scope="session")
def sealer() -> Sealer:
    return Sealer()


class Checkpoints:
    """Writes checkpoints of the stack `dev.fra1.compute` of the project `factory`."""

    prefix = "urn:pulumi:dev.fra1.compute::factory::"

    def row(self, type_: str, name: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        custom = more.pop("custom", True)
        row = {
            "urn": f"{self.prefix}{type_}::{name}",
            "type": type_.rsplit("$", 1)[-1],
            "custom": custom,
            "inputs": dict(inputs),
            "outputs": {**inputs, "arn": f"arn:{name}"},
            **more,
        }
        if custom:
            row.setdefault("id", f"id-{name}")
        return row

    def checkpoint(self, *rows: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        stack = {
            "urn": f"{self.prefix}pulumi:pulumi:Stack::factory-dev.fra1.compute",
            "type": "pulumi:pulumi:Stack",
            "custom": False,
            "outputs": more.pop("outputs", {}),
        }
        latest = {
            "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "m", "version": "v3.260.0"},
            "resources": [stack, *rows],
            **more,
        }
        return {"version": 3, "checkpoint": {"latest": latest}}

    def state(self, *rows: Mapping[str, Any], passphrase: str | None = None, **more: Any):
        data = json.dumps(self.checkpoint(*rows, **more)).encode()
        return read_state(data, "dev.fra1.compute.json", passphrase)


@pytest.fixture(scope="session")
def checkpoints() -> Checkpoints:
    return Checkpoints()


@pytest.fixture
def plan_of(checkpoints: Checkpoints) -> Callable[..., Plan]:
    """Plans one unit whose program is a plain function, against rows of a last state."""

    def make(program: Callable[[], Any], *rows: Mapping[str, Any], **more: Any) -> Plan:
        state = more.pop("state", None) or checkpoints.state(*rows, **more)
        units = plan_units((UNIT,), PLACE, {UNIT.name: state}, lambda _unit, _ports: program())
        findings = tuple(finding for unit in units for finding in unit.findings)
        return Plan("factory", "dev", {"name": "factory", "version": "1.0.0"}, units, findings)

    return make


def unit(layer: str, *gives: str, takes: Mapping[str, Any] | None = None) -> Unit:
    """A unit of the site fra1 that gives text outputs by name."""
    from aifactory_iac.program.unit import Call

    calls = (Call("x.y:Z", layer, dict(takes or {})),)
    return Unit(
        "fra1", layer, (), calls, tuple(Give(name, "Text", Ref(layer, name)) for name in gives)
    )

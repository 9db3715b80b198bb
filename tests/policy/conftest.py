"""Shared by the tests of the gate: a small blueprint, rule folders on disk, a context."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aifactory_iac.blueprint.model.document import Blueprint
from aifactory_iac.policy import Context

AT = dt.date(2026, 11, 20)

TINY: Mapping[str, Any] = {
    "apiVersion": "aifactory/v1",
    "kind": "Blueprint",
    "metadata": {"name": "tiny", "version": "1.0.0"},
    "sites": [
        {
            "name": "hall",
            "kind": "on-prem",
            "location": {"country": "DE"},
            "facility": {"envelope": "1 MW"},
        }
    ],
    "compute": [
        {"name": "a", "site": "hall", "system": "dgx-h100", "count": 4},
        {"name": "b", "site": "hall", "system": "dgx-h100", "count": 4},
    ],
}

RULE = '''
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="{id}",
    title="Pools start with Secure Boot",
    severity=Severity.{severity},
    controls=(),
    needs=("blueprint",),
    parameters={{"least": {{"type": "integer", "minimum": 0, "default": 0}}}},
)
def secure_boot(factory: Context, *, least: int) -> Checks:
    """Every pool."""
    for pool in factory.pools.values():
        path = ("compute", pool.name, "secure_boot")
        if pool.secure_boot and pool.count >= least:
            yield passed(path)
        else:
            yield failed(path, "off", f"pool {{pool.name}} of {{pool.count}}")
'''

PROFILE = """
name: {name}
title: A profile
packs: [core]
levels: {levels}
unknown_blocks_from: high
waivers: {{longest_days: {{critical: 30, high: 90, medium: 180}}, warn_days: 14}}
rules: {rules}
"""


class RuleFolder:
    """A rule folder on disk, written piece by piece."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> RuleFolder:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        return self

    def rule(self, name: str = "XAM-CMP-001", severity: str = "HIGH") -> RuleFolder:
        return self.write(f"compute/{name.lower()}.py", RULE.format(id=name, severity=severity))

    def pack(self, *rules: str) -> RuleFolder:
        return self.write("packs/core.yaml", f"name: core\ntitle: Core\nrules: {list(rules)}\n")

    def profile(
        self,
        name: str = "standard",
        levels: str = "{high: soft, medium: advisory}",
        rules: str = "{}",
    ) -> RuleFolder:
        text = PROFILE.format(name=name, levels=levels, rules=rules)
        return self.write(f"profiles/{name}.yaml", text)


@pytest.fixture
def folder(tmp_path: Path) -> RuleFolder:
    return RuleFolder(tmp_path / "rules")


@pytest.fixture
def gate(folder: RuleFolder) -> RuleFolder:
    """One rule of severity high, held softly."""
    return folder.rule().pack("XAM-CMP-001").profile()


@pytest.fixture
def tiny() -> Callable[..., Context]:
    """A context over `TINY`; `insecure` names pools without Secure Boot."""

    def build(*insecure: str, at: dt.date = AT, **governance: Any) -> Context:
        document = dict(TINY)
        document["compute"] = [
            {**pool, "secure_boot": pool["name"] not in insecure} for pool in TINY["compute"]
        ]
        document["governance"] = governance
        catalog: Any = SimpleNamespace(aws_regions={})
        blueprint = Blueprint.model_validate(document)
        return Context(blueprint=blueprint, design=None, planned=None, catalog=catalog, at=at)

    return build

"""Every blueprint of the library lowers, is wired, and exports as a clean project."""

from __future__ import annotations

import subprocess
import sys

import pytest

from aifactory_iac.blueprint import Request, load
from aifactory_iac.design import design
from aifactory_iac.program import lower
from aifactory_iac.program.export import export_project, write_project
from aifactory_iac.shipped import folder

NAMES = sorted(path.parent.name for path in folder("blueprints").glob("*/blueprint.yaml"))


@pytest.fixture(scope="module")
def factory(catalog):
    loaded = {}

    def lowered(name):
        if name not in loaded:
            blueprint = load(Request(name), catalog).blueprint
            loaded[name] = (blueprint, lower(blueprint, design(blueprint, catalog), catalog))
        return loaded[name]

    return lowered


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_is_wired(factory, name):
    _, lowered = factory(name)
    assert lowered.units
    assert [finding for finding in lowered.findings if finding.severity.rank >= 3] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_call_points_into_the_blueprint(factory, name):
    blueprint, lowered = factory(name)
    tree = blueprint.model_dump(by_alias=True)
    for unit in lowered.units:
        for call in unit.calls:
            assert call.origin
            assert call.origin[0] in tree


def test_exports_are_clean_and_formatted(factory, tmp_path):
    for name in NAMES:
        blueprint, lowered = factory(name)
        assert write_project(export_project(lowered, blueprint), tmp_path / name) == ()
    for check in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *check, "--no-cache", str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

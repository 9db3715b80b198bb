"""The wheel and the sdist carry blueprints, policies, stacks and catalog, and plan by themselves.

Slow because a whole environment is installed from the lock file: half a minute, mostly unpacking.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    source = tmp_path_factory.mktemp("source") / "aifactory"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    for name in listed:
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source],
        check=True, capture_output=True,
    )  # fmt: skip
    return target


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory) -> Path:
    """The `aifactory` of an empty environment that has the locked packages and the wheel."""
    environment = tmp_path_factory.mktemp("environment") / "venv"
    (wheel,) = built.glob("*.whl")
    interpreter = environment / "bin" / "python"
    for arguments in (
        ["venv", "--quiet", "--python", sys.executable, environment],
        ["pip", "install", "--quiet", "--python", interpreter, "--require-hashes",
         "-r", ROOT / "requirements.lock"],
        ["pip", "install", "--quiet", "--python", interpreter, "--no-deps", wheel],
    ):  # fmt: skip
        subprocess.run([UV, *map(str, arguments)], check=True, capture_output=True)
    return environment / "bin" / "aifactory"


def run(command: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [command, *arguments], cwd=folder, env=clean, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "name",
    ["blueprints/superpod-h100/blueprint.yaml", "policies/fabric/efa_group.yaml",
     "policies/profiles/regulated.yaml", "stacks/factory/Pulumi.yaml"],
)  # fmt: skip
def test_the_wheel_carries_what_users_see_at_the_top_level(built, name):
    (wheel,) = built.glob("*.whl")
    assert f"aifactory_iac/_shipped/{name}" in zipfile.ZipFile(wheel).namelist()


@pytest.mark.parametrize(
    "name", ["aifactory_iac/catalog/data/systems.yaml", "aifactory_iac/py.typed",
             "aifactory_iac/blueprint/schema/blueprint.schema.json"]
)  # fmt: skip
def test_the_wheel_carries_catalog_types_and_schemas(built, name):
    (wheel,) = built.glob("*.whl")
    assert name in zipfile.ZipFile(wheel).namelist()


def test_the_sdist_carries_all_that_the_tests_need(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {
        "Makefile", "LICENSE", "requirements.lock", "requirements-dev.lock", "README.md",
        "blueprints/superpod-h100/facts.yaml", "tests/system/test_wheel.py",
    }  # fmt: skip


def test_the_installed_command_plans_from_anywhere(installed, tmp_path):
    planned = run(installed, "plan", "superpod-h100", "--format", "json", folder=tmp_path)
    assert planned.returncode == 0, planned.stderr
    document = json.loads(planned.stdout)
    assert document["verdict"]["outcome"] == "pass"
    assert document["counts"]["create"] == len(document["changes"]) > 100
    assert list(tmp_path.iterdir()) == []


def test_the_installed_command_finds_library_rules_and_parts(installed, tmp_path):
    listed = run(installed, "blueprint", "list", "--format", "json", folder=tmp_path)
    assert {each["name"] for each in json.loads(listed.stdout)["blueprints"]} >= {
        "superpod-h100", "startup-cloud", "regulated-hybrid", "edge-inference", "colossus-100k",
    }  # fmt: skip
    rules = json.loads(run(installed, "policy", "list", "--format", "json", folder=tmp_path).stdout)
    assert len(rules["rules"]) >= 20
    assert run(installed, "doctor", folder=tmp_path).returncode == 0
    exported = run(installed, "export", "startup-cloud", "--out", "project", folder=tmp_path)
    assert exported.returncode == 0, exported.stderr
    assert (tmp_path / "project" / "Pulumi.yaml").is_file()


def test_the_stacks_that_are_shipped_start_the_plug_in_that_is_installed(installed):
    (script,) = installed.parent.parent.rglob("_shipped/stacks/factory/plugin/pulumi-resource-*")
    environment = {"PATH": f"{installed.parent}:/usr/bin:/bin"}
    with subprocess.Popen([script], env=environment, stdout=subprocess.PIPE, text=True) as plugin:
        assert int(plugin.stdout.readline()) > 0
        plugin.terminate()
    assert plugin.returncode == 0

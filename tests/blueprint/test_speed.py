"""Loading stays light: what a `validate` may import, and how much processor time it takes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
_PROGRAM = """
import sys
from aifactory_iac.blueprint import Request, load
from aifactory_iac.catalog import Catalog
loaded = load(Request(sys.argv[1]), Catalog.shipped())
assert loaded.valid, loaded.findings
heavy = {"pulumi", "numpy", "boto3", "kubernetes", "jsonschema", "rustworkx", "jinja2", "rich"}
print(sorted(heavy & set(sys.modules)))
"""
_MOST_SECONDS = 0.35
"""CPU seconds for the whole process on the machines that the figures were taken on."""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which modules are compiled once, as in an installed package."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("compiled"))
    _run("superpod-h100", environment)
    return environment


def _run(target: str, environment: dict[str, str]) -> tuple[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, target],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.strip(), spent


def test_loading_imports_nothing_heavy(compiled: dict[str, str]) -> None:
    assert _run("superpod-h100", compiled)[0] == "[]"
    assert _run(str(_HERE / "bad" / "base.yaml"), compiled)[0] == "[]"


def test_loading_a_library_blueprint_is_quick(compiled: dict[str, str]) -> None:
    """The best of five, so that a busy machine does not decide."""
    assert min(_run("superpod-h100", compiled)[1] for _ in range(5)) < _MOST_SECONDS

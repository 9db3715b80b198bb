"""Loading stays light: what a `validate` may import; its time is in `benchmarks/start_up.py`."""

from __future__ import annotations

import os
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


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which modules are compiled once, as in an installed package."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("compiled"))
    _run("superpod-h100", environment)
    return environment


def _run(target: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, target],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return done.stdout.strip()


def test_loading_imports_nothing_heavy(compiled: dict[str, str]) -> None:
    assert _run("superpod-h100", compiled) == "[]"
    assert _run(str(_HERE / "bad" / "base.yaml"), compiled) == "[]"

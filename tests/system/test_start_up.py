"""Start-up time is a feature: what is not needed is not imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pulumi", "pulumi_aws", "pulumi_kubernetes", "numpy", "boto3", "grpc", "rich")


def imported_by(*arguments: str) -> set[str]:
    code = (
        "import sys\n"
        "from aifactory_iac.cli.main import main\n"
        "try:\n"
        f"    main({list(arguments)!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("validate", "superpod-h100"), ("plan", "--help"),
     ("explain", "superpod-h100", "compute.dgx"), ("schema", "blueprint")],
    ids=" ".join,
)  # fmt: skip
def test_no_cloud_sdk_and_no_numpy_is_imported(arguments):
    assert sorted(set(HEAVY) & imported_by(*arguments)) == []


def test_help_imports_no_yaml_and_no_model():
    assert sorted({"pydantic", "ruamel", "jsonschema", "jinja2"} & imported_by("--help")) == []


def test_design_imports_no_cloud_sdk():
    assert sorted({"pulumi", "grpc", "boto3"} & imported_by("design", "superpod-h100")) == []

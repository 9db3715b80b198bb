"""The page about the lab tells the truth: its commands run, and print what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lab.md"
BLOCK = re.compile(r"```(console|yaml|python)\n(.*?)```", re.DOTALL)
MARK = "--- so much for that ---"
MISSING = [name for name in ("bash", "curl", "jq") if shutil.which(name) is None]


def blocks(kind: str) -> list[str]:
    return [body for found, body in BLOCK.findall(PAGE.read_text()) if found == kind]


def commands() -> list[tuple[str, str]]:
    """Every command of the page with what it prints below it."""
    found = []
    for body in blocks("console"):
        for piece in body.removeprefix("$ ").split("\n$ "):
            command, _, printed = piece.partition("\n")
            found.append((command, printed.strip()))
    return found


@pytest.fixture
def workplace(tmp_path, home):
    """A folder with the page's files, where `aifactory` is this one."""
    for body in blocks("yaml"):
        name = body.splitlines()[0].removeprefix("# ")
        (tmp_path / name).write_text(body)
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "aifactory"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m aifactory_iac "$@"\n')
    script.chmod(0o755)
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    yield tmp_path, {**os.environ, "PATH": path}
    subprocess.run([script, "lab", "down", "--all"], check=False, capture_output=True)


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_every_command_of_the_page_prints_what_the_page_says(workplace, home):
    folder, environment = workplace
    listed = commands()
    snippet = folder / "client.py"
    (text,) = blocks("python")
    snippet.write_text(text)
    before_down = len(listed) - 1
    script = ["set -e -o pipefail"]
    for number, (command, _) in enumerate(listed):
        if number == before_down:
            script += [f"{sys.executable} {snippet}", f"echo '{MARK}'"]
        script += [command, f"echo '{MARK}'"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=folder, env=environment, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", done.stdout)
    shown = shown.replace(str(home / "labs"), "LABS")
    *printed, rest = [piece.strip() for piece in shown.split(MARK)]
    assert rest == ""
    client = printed.pop(before_down)
    assert client in PAGE.read_text()
    assert [squeezed(each) for each in printed] == [squeezed(each) for _, each in listed]


def squeezed(text: str) -> list[str]:
    """Lines with single spaces: ports have other lengths than the page's word for them."""
    return [" ".join(line.split()) for line in text.splitlines()]


def test_the_page_names_every_kind_of_part_and_of_fault():
    from aifactory_iac.lab.fault_kinds import _behaviours
    from aifactory_iac.lab.redfish.faults.model import When
    from aifactory_iac.lab.wish import KINDS

    text = PAGE.read_text()
    for word in (*KINDS, *_behaviours(), *When.model_fields):
        assert f"`{word}`" in text, word

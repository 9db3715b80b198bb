"""What shells offer after TAB, through click's own completion classes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from aifactory_iac.cli.main import COMPLETING, VERBS, aifactory
from aifactory_iac.shipped import folder

COMMAND = (sys.executable, "-m", "aifactory_iac")
LIBRARY = sorted(each.name for each in folder("blueprints").iterdir() if each.is_dir())


def offered(*words: str, shell: type[ShellComplete] = BashComplete) -> list[tuple[str, str]]:
    """Kind and value of each completion of the last word."""
    completion = shell(aifactory, {}, "aifactory", COMPLETING)
    *before, last = words
    return [(each.type, each.value) for each in completion.get_completions(before, last)]


def names(*words: str) -> list[str]:
    return [value for kind, value in offered(*words) if kind == "plain"]


@pytest.mark.parametrize("shell", [BashComplete, ZshComplete, FishComplete])
def test_a_target_is_a_library_name_or_a_file(shell):
    assert offered("plan", "", shell=shell) == [
        *(("plain", name) for name in LIBRARY), ("file", ""),
    ]  # fmt: skip


def test_a_beginning_narrows_it_down():
    assert offered("plan", "sup") == [("plain", "superpod-h100"), ("file", "sup")]
    assert offered("design", "./bl") == [("file", "./bl")]


def test_ones_own_library_is_offered_too(tmp_path):
    own = tmp_path / "my-pod"
    own.mkdir()
    (own / "blueprint.yaml").write_text("")
    assert "my-pod" in names("plan", "--library", str(tmp_path), "my")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_verbs_are_offered(shell):
    assert names("") == list(VERBS)
    assert names("po") == ["policy"]


def test_parameters_of_the_target_are_offered_until_a_value_is_begun():
    assert "scalable_units=" in names("plan", "superpod-h100", "-p", "")
    assert names("plan", "superpod-h100", "-p", "scal") == ["scalable_units="]
    assert names("plan", "superpod-h100", "-p", "scalable_units=") == []
    assert names("plan", "no-such-blueprint", "-p", "") == []
    assert names("plan", "-p", "") == []


def test_parameters_say_what_they_are():
    completion = ZshComplete(aifactory, {}, "aifactory", COMPLETING)
    (item,) = completion.get_completions(["plan", "superpod-h100", "-p"], "scal")
    assert item.help == "Scalable units of 32 nodes"


def test_rules_are_offered_in_either_case():
    assert "AIF-FAB-001" in names("policy", "show", "aif-fab-00")
    assert names("policy", "test", "AIF-FAB-001") == ["AIF-FAB-001"]


def test_profiles_packs_blueprints_and_schemas_are_offered():
    assert "production" in names("check", "superpod-h100", "--profile", "pro")
    assert names("check", "superpod-h100", "--pack", "cor") == ["core"]
    assert names("blueprint", "show", "edge") == ["edge-inference"]
    assert names("init", "dir", "--from", "start") == ["startup-cloud"]
    assert names("schema", "st") == ["stack"]
    assert names("plan", "superpod-h100", "--format", "m") == ["markdown"]


def test_options_are_offered():
    assert "--profile" in names("plan", "superpod-h100", "--pro")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_by_our_variable(run, shell):
    assert COMPLETING in run("completion", shell).out


@pytest.mark.parametrize(
    ("shell", "expected"),
    [("bash", "plain,superpod-h100\nfile,sup\n"), ("fish", "plain,superpod-h100\nfile,sup\n")],
)
def test_a_shell_that_asks_is_answered(environment, shell, expected):
    asked = environment(
        **{COMPLETING: f"{shell}_complete", "COMP_WORDS": "aifactory plan sup", "COMP_CWORD":
           "2" if shell == "bash" else "sup"}
    )  # fmt: skip
    done = subprocess.run(
        [*COMMAND], capture_output=True, text=True, env=asked, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == (expected, "")


def test_a_completion_that_fails_says_nothing(run, monkeypatch):
    from click.shell_completion import ShellComplete as Asked

    def broken(*_):
        raise RuntimeError("no library")

    monkeypatch.setenv(COMPLETING, "bash_complete")
    monkeypatch.setattr(Asked, "complete", broken)
    monkeypatch.setattr(BashComplete, "complete", broken)
    result = run()
    assert (result.code, result.out, result.err) == (1, "", "")

"""In front of a terminal: colours, width and progress; elsewhere none of them."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest
from rich.cells import cell_len

from aifactory_iac.cli.options import Output
from aifactory_iac.cli.progress import working
from aifactory_iac.cli.write import colour, width

ESCAPE = "\x1b["


def test_colours_are_for_terminals(run_at_terminal):
    assert ESCAPE in run_at_terminal("estimate", "edge-inference").out


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [(("--no-color",), {}), ((), {"NO_COLOR": "1"}), ((), {"TERM": "dumb"})],
    ids=["--no-color", "NO_COLOR", "TERM=dumb"],
)
def test_colours_can_be_done_without(run_at_terminal, tiny, arguments, environ):
    shown = run_at_terminal("check", "edge-inference", *arguments, environ=environ).out
    assert re.findall(r"\x1b\[[0-9;]*m", shown) == []
    broken = run_at_terminal("validate", tiny("1 MW", "1 MB"), *arguments, environ=environ)
    assert broken.code == 2
    assert ESCAPE not in broken.out


def test_colours_come_back_with_an_empty_no_color(run_at_terminal):
    assert ESCAPE in run_at_terminal("policy", "list", environ={"NO_COLOR": ""}).out


def test_results_are_as_wide_as_the_terminal(run_at_terminal, run):
    narrow = run_at_terminal("blueprint", "list", columns=60).out
    assert max(cell_len(line) for line in click.unstyle(narrow).splitlines()) <= 60
    assert narrow != run("blueprint", "list").out


def test_a_source_line_is_as_wide_as_the_terminal(run_at_terminal, tiny):
    shown = run_at_terminal("validate", tiny("1 MW", "1 MB" + " " * 60 + "# " + "x" * 99)).out
    assert max(cell_len(line) for line in click.unstyle(shown).splitlines() if "|" in line) <= 80


def test_progress_is_shown_where_a_person_watches_and_cleared(run_at_terminal):
    shown = run_at_terminal("plan", "superpod-h100").out
    assert "Running the programs" in shown
    assert "Running the programs" not in click.unstyle(shown).rpartition("superpod-h100 1.0.0")[2]


def test_elsewhere_there_are_no_colours_and_no_progress(run):
    result = run("plan", "startup-cloud")
    assert result.err == ""
    assert ESCAPE not in result.out


def test_progress_never_stands_in_a_result(environment, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "aifactory_iac", "check", "superpod-h100", "--format", "json"],
        capture_output=True, timeout=60, check=True, env=environment(),
    )  # fmt: skip
    assert done.stderr == b""


def test_working_says_nothing_without_a_terminal(capfd):
    with working("Thinking", Output()):
        pass
    assert capfd.readouterr() == ("", "")


def test_working_says_what_it_does_on_a_terminal(monkeypatch):
    said = []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "write", lambda text: said.append(text) or len(text))
    with working("Thinking", Output()):
        pass
    assert "Thinking" in "".join(said)


def test_a_result_for_a_file_is_a_hundred_columns_wide_and_plain(monkeypatch, tmp_path):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "57")
    assert (colour(Output()), width(Output())) == (True, 57)
    into_file = Output(file=tmp_path / "x")
    assert (colour(into_file), width(into_file)) == (False, None)
    assert colour(Output(colour=False)) is False

"""How the command ends: codes, what stays in files, and what is said when it goes wrong."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time

import click
import pytest

from aifactory_iac.cli import write
from aifactory_iac.cli.options import Output

COMMAND = (sys.executable, "-m", "aifactory_iac")
COMMAND_FAILS = "aifactory_iac.api.load"


def raising(error: BaseException):
    def fail(*_args, **_kwargs):
        raise error

    return fail


def test_an_internal_error_says_that_it_is_ours_and_how_to_report_it(run, monkeypatch):
    monkeypatch.setattr(COMMAND_FAILS, raising(KeyError("ports")))
    result = run("validate", "superpod-h100")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "Internal error: KeyError: 'ports'\n"
        "This is a bug in aifactory, not in your document. Run again with --debug for the "
        "traceback and report it.\n"
    )


@pytest.mark.parametrize("arguments", [("--debug", "validate"), ("validate", "--debug")])
def test_debug_shows_the_traceback(monkeypatch, arguments):
    from aifactory_iac.cli.main import main

    monkeypatch.setattr(COMMAND_FAILS, raising(KeyError("ports")))
    with pytest.raises(KeyError):
        main([*arguments, "superpod-h100"])


def test_debug_changes_nothing_else(run):
    assert run("validate", "superpod-h100", "--debug") == run("validate", "superpod-h100")


def test_what_the_world_did_is_not_called_a_bug(run, monkeypatch):
    monkeypatch.setattr(COMMAND_FAILS, raising(PermissionError(13, "Permission denied", "/x/y")))
    result = run("validate", "superpod-h100")
    assert (result.code, result.err) == (1, "Error: /x/y: Permission denied\n")


def test_a_machine_that_is_too_small_is_told_so(run, monkeypatch):
    monkeypatch.setattr(COMMAND_FAILS, raising(MemoryError()))
    result = run("validate", "superpod-h100")
    assert result.code == 1
    assert result.err == "Error: this machine has not enough memory for that factory\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort(), EOFError()])
def test_an_interrupt_ends_with_130(run, monkeypatch, error):
    monkeypatch.setattr(COMMAND_FAILS, raising(error))
    result = run("validate", "superpod-h100")
    assert (result.code, result.out) == (130, "")
    assert result.err.strip() == "Interrupted."


def test_a_real_interrupt_in_the_middle_leaves_nothing(tmp_path, environment):
    process = subprocess.Popen(
        [*COMMAND, "design", "colossus-100k", "--out", str(tmp_path / "out")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        start_new_session=True,
    )  # fmt: skip
    time.sleep(0.7)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    if process.returncode == 130:
        assert out == ""
        assert err.endswith("Interrupted.\n")
        assert list(tmp_path.rglob("*.*")) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_write_that_ends_early_leaves_the_old_files_and_no_part_of_a_new_one(
    tmp_path, monkeypatch, error
):
    (tmp_path / "a.csv").write_text("old")
    whole = write.Path.write_text

    def fails_on_b(self, text, **others):
        if ".b.csv." in self.name:
            whole(self, text[:1], **others)
            raise error
        return whole(self, text, **others)

    monkeypatch.setattr(write.Path, "write_text", fails_on_b)
    with pytest.raises((KeyboardInterrupt, click.ClickException)):
        write.write_files({tmp_path / "a.csv": "new", tmp_path / "b.csv": "new"})
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a.csv": "old"}


def test_what_cannot_be_written_is_named_with_the_reason(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(click.ClickException, match=r"cannot write .*taken/x: Not a directory"):
        write.write_file(tmp_path / "taken" / "x", "text")


def test_a_file_gets_the_permissions_that_a_new_file_gets(tmp_path):
    before = os.umask(0o027)
    try:
        write.write_file(tmp_path / "new", "text")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write.write_file(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_device_is_written_to_and_never_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True)
    write.write_file(pipe, "text")
    assert reader.communicate(timeout=10)[0] == "text"
    assert pipe.is_fifo()


def test_a_result_in_a_file_has_no_colours_and_says_where_it_is(tmp_path, capfd):
    file = tmp_path / "deep" / "result.txt"
    write.write_result(click.style("red", fg="red"), Output(file=file, colour=True))
    assert file.read_text() == "red"
    assert capfd.readouterr() == ("", f"Wrote {file}\n")


class Pipe(io.StringIO):
    """A stream whose other side says no."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise self.error


def test_a_reader_that_has_gone_is_left_alone(monkeypatch):
    monkeypatch.setattr("sys.stdout", Pipe(BrokenPipeError()))
    write.write_result("text", Output())


def test_any_other_fault_of_a_stream_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdout", Pipe(OSError(5, "Input/output error")))
    with pytest.raises(click.ClickException, match="cannot write the result: Input/output error"):
        write.write_result("text", Output())


def test_what_is_left_in_a_buffer_goes_nowhere(tmp_path):
    with (tmp_path / "file").open("w") as stream:
        stream.write("never")
        write._abandon(stream)
    assert (tmp_path / "file").read_text() == ""


def piped(command: str, environment) -> subprocess.CompletedProcess[str]:
    aifactory = " ".join(COMMAND)
    return subprocess.run(
        ["bash", "-c", f"{command.replace('aifactory', aifactory, 1)}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, timeout=60, check=False, env=environment(),
    )  # fmt: skip


def test_a_reader_that_goes_early_is_no_error(environment):
    done = piped("aifactory design superpod-h100 --format json | head -c 10", environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, '{\n  "schem', "")


def test_a_reader_that_goes_early_changes_no_exit_code(environment, tiny):
    file = tiny("1 MW", "1 MB")
    done = piped(f"aifactory validate {file} --format json | true", environment)
    assert (done.returncode, done.stderr) == (2, "")
    done = piped(f"aifactory validate {file} 2>&1 | true", environment)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


def test_a_disk_that_is_full_is_named(environment):
    done = piped("aifactory design superpod-h100 --format json > /dev/full", environment)
    assert done.returncode == 1
    assert done.stderr == "Error: cannot write the result: No space left on device\n"


def test_a_terminal_that_cannot_show_a_character_shows_a_question_mark(environment):
    done = subprocess.run(
        [*COMMAND, "validate", "gr\u00f6\u00dfe"], capture_output=True, timeout=60, check=False,
        env=environment(PYTHONIOENCODING="ascii"),
    )  # fmt: skip
    assert done.returncode == 2
    assert b"`gr??e`" in done.stderr


def test_words_that_are_not_text_are_refused_like_others(environment):
    for form in ("text", "json"):
        done = subprocess.run(
            [*COMMAND, "validate", b"\xff", "--format", form], capture_output=True, timeout=60,
            check=False, env=environment(LC_ALL="C.UTF-8", PYTHONIOENCODING="utf-8"),
        )  # fmt: skip
        assert done.returncode == 2
        assert "�" in (done.stdout + done.stderr).decode()

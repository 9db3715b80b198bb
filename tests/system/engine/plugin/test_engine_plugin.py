"""What the engine makes of the plug-in's answers: the life of a resource, and how it can fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

SHELF = Path(__file__).with_name("shelf.py")
FIRST = 'notebook(title="a")'
PIN = 'pulumi.Output.secret("hunter2-hunter2")'


def test_up_a_second_preview_that_is_empty_a_change_and_destroy(books, shelf):
    assert books.preview(FIRST) == {"diary": "create"}
    assert list(shelf.iterdir()) == []
    assert books.up(FIRST) == {"diary": "create"}
    kept = {"title": "a", "pages": 10, "isbn": "978-diary"}
    assert json.loads((shelf / "diary").read_text()) == kept
    assert books.preview(FIRST) == {"diary": "same"}
    assert books.up(FIRST) == {"diary": "same"}
    changed = 'notebook(title="a", pages=20, ink="blue")'
    assert books.preview(changed) == {"diary": "update"}
    assert books.differences == {"diary": {"ink": "add", "pages": "update"}}
    assert books.up(changed) == {"diary": "update"}
    assert books.preview(changed) == {"diary": "same"}
    assert books.state()["diary"]["outputs"]["pages"] == 20
    assert books.destroy() == {"diary": "delete"}
    assert list(shelf.iterdir()) == []


def test_a_property_that_replaces(books):
    books.up(FIRST)
    assert books.preview('notebook(title="b")') == {"diary": "replace"}
    assert books.differences["diary"] == {"title": "update-replace"}


def test_ignored_changes_are_ignored(books):
    books.up('notebook(title="a", pages=5)')
    ignoring = 'pulumi.ResourceOptions(ignore_changes=["pages"])'
    assert books.preview(f'notebook(title="a", pages=9, opts={ignoring})') == {"diary": "same"}


def test_everything_that_is_wrong_is_shown_at_once_and_no_secret(books, shelf):
    secret = 'pulumi.Output.secret("hunter2-is-torn")'
    printed = books.fails("preview", f'notebook(title="torn out", pin={secret})')
    assert "resource 'diary' has a problem: `title` is torn" in printed
    assert "resource 'diary' has a problem: `pin` is torn" in printed
    assert "hunter2" not in printed
    assert "Traceback" not in printed
    assert list(shelf.iterdir()) == []


def test_structure_is_checked_by_the_real_plug_in(plant):
    wrong = """
metal.SwitchConfig("leaf-1", site="fra1", network="compute", hostname="leaf-1", role="leaf",
                   model="sn5600", os="nvue", config={}, tls={"trust": "blindly"}, address=7)
"""
    printed = plant().fails("preview", wrong)
    assert "`tls.trust` is none of `site-ca`, `system-ca`, `pinned`, `insecure`" in printed
    assert "`address` is a whole number; it has to be a text" in printed
    assert "Traceback" not in printed


def test_a_refusal_leaves_nothing_in_the_state(books):
    printed = books.fails("up", f'notebook(title="a", mood="refusing", pin={PIN})')
    assert "no paper that takes [secret]" in printed
    assert "hunter2" not in printed
    assert "diary" not in books.state()
    assert books.left_behind() == []


def test_a_bug_is_one_line_without_a_traceback(books):
    printed = books.fails("up", f'notebook(title="a", mood="broken", pin={PIN})')
    assert "internal error in Create of aifactory:metal:Notebook: KeyError" in printed
    assert "(this is a bug in aifactory)" in printed
    assert "Traceback" not in printed
    assert "hunter2" not in printed


def test_what_was_done_in_part_is_kept_and_taken_up_again(books):
    partial = 'notebook(title="a", mood="partial")'
    printed = books.fails("up", partial)
    assert "page 3 tore" in printed
    assert "page 4 tore" in printed
    kept = books.state()["diary"]
    assert kept["id"] == "diary"
    assert kept["initErrors"] == ["page 3 tore", "page 4 tore"]
    assert kept["outputs"]["isbn"] == "978-diary"
    assert books.left_behind() == []
    assert books.up(partial) == {"diary": "update"}
    assert "initErrors" not in books.state()["diary"]
    assert books.preview(partial) == {"diary": "same"}


def test_a_big_state_that_was_reached_in_part_is_kept_whole(books):
    """It travels in a trailer of the answer, whose size gRPC limits: this is 4,000 machines."""
    printed = books.fails("up", 'notebook(title="a", mood="partial", ink="blue " * 300_000)')
    assert "page 3 tore" in printed
    assert len(books.state()["diary"]["outputs"]["ink"]) == 1_500_000


def test_secrets_stay_encrypted_in_the_state(books):
    secretive = f'notebook(title="a", pin={PIN})'
    books.up(secretive)
    assert "hunter2" not in books.state_text
    kept = books.state()["diary"]
    assert "ciphertext" in kept["inputs"]["pin"]
    assert "ciphertext" in kept["outputs"]["pin"]
    assert books.preview(secretive) == {"diary": "same"}


def test_an_output_that_is_not_known_yet_goes_into_another_resource(books, shelf):
    chained = """
first = notebook(title="a")
notebook("second", title=first.isbn.apply(lambda isbn: f"after {isbn}"))
"""
    assert books.preview(chained) == {"diary": "create", "second": "create"}
    assert books.up(chained) == {"diary": "create", "second": "create"}
    assert json.loads((shelf / "second").read_text())["title"] == "after 978-diary"


def test_a_refresh_sees_drift_and_what_is_gone(books, shelf):
    first = 'notebook(title="a", ink="blue")'
    books.up(first)
    found = json.loads((shelf / "diary").read_text())
    (shelf / "diary").write_text(json.dumps({**found, "ink": "red"}))
    assert books.refresh() == {"diary": "update"}
    assert books.preview(first) == {"diary": "update"}
    assert books.up(first) == {"diary": "update"}
    (shelf / "diary").unlink()
    assert books.refresh() == {"diary": "delete"}
    assert books.preview(first) == {"diary": "create"}


def test_an_import_takes_over_what_is_there(books, shelf):
    (shelf / "old").write_text(json.dumps({"title": "a", "pages": 10, "isbn": "978-old"}))
    adopting = 'notebook(title="a", opts=pulumi.ResourceOptions(import_="old"))'
    assert books.up(adopting) == {"diary": "import"}
    assert books.state()["diary"]["id"] == "old"
    assert books.preview(FIRST) == {"diary": "same"}


def test_an_import_of_what_is_not_there_is_refused(books):
    adopting = 'notebook(title="a", opts=pulumi.ResourceOptions(import_="nowhere"))'
    assert "does not exist" in books.fails("up", adopting)


def test_a_deletion_that_is_refused_keeps_the_resource(books):
    books.up('notebook(title="a", mood="clinging")')
    assert "somebody reads in it" in books.fails("destroy")
    assert "diary" in books.state()


def test_lines_of_the_plug_in_are_shown_without_secrets(books):
    books.up(f'notebook(title="a", mood="talking", pin={PIN})')
    assert "the secret is [secret]" in books.output
    assert "hunter2" not in books.output


def test_a_time_limit_of_the_program_ends_an_operation(books):
    limit = 'pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="1s"))'
    printed = books.fails("up", f'notebook(title="a", mood="slow", opts={limit})')
    assert "stopped when asked to" in printed
    assert "its time limit of 1 s (customTimeouts) was over" in printed
    assert books.state()["diary"]["initErrors"][0] == "stopped when asked to"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the engine as Linux does")
def test_ctrl_c_reads_back_and_keeps_what_was_begun(books, shelf):
    printed = []
    running = threading.Thread(
        target=lambda: printed.append(books.fails("up", 'notebook(title="a", mood="slow")'))
    )
    running.start()
    deadline = time.monotonic() + 60
    while not (shelf / "began").exists():
        assert time.monotonic() < deadline
        assert running.is_alive()
        time.sleep(0.05)
    os.kill(books.engine, signal.SIGINT)
    running.join(30)
    assert not running.is_alive()
    assert "stopped when asked to" in printed[0]
    assert books.state()["diary"]["initErrors"] == ["stopped when asked to"]
    assert books.left_behind() == []


def test_settings_that_are_wrong_are_refused_with_the_way_out(books):
    books.configure(paralel="8", pace="fast")
    printed = books.fails("preview", FIRST)
    assert "`paralel` is no setting of the provider; did you mean `parallel`?" in printed
    assert "`pace` has to be a number from 0.001 to 1" in printed


def test_secrets_of_the_stack_are_encrypted_and_read_from_their_store(books):
    books.configure_secret("bmc.admin", "root:calvin77")
    reference = {"store": "pulumi-config", "path": "bmc.admin"}
    books.up(f'notebook(title="a", mood="talking", pin={reference})')
    assert "the secret is [secret]" in books.output
    assert "calvin77" not in books.output
    assert "calvin77" not in books.state_text


def test_a_secret_that_is_not_set_is_refused_with_the_way_out(books):
    reference = {"store": "pulumi-config", "path": "bmc"}
    printed = books.fails("up", f'notebook(title="a", mood="talking", pin={reference})')
    assert """pulumi config set --secret --path 'aifactory:secrets["bmc"]'""" in printed


def test_a_provider_of_its_own_takes_settings_and_changes_of_them_replace_nothing(books):
    def explicit(parallel):
        return f"""
provider = metal.Provider("plant", parallel={parallel}, secrets={{"bmc": "root:calvin77"}})
notebook(title="a", opts=pulumi.ResourceOptions(provider=provider))
"""

    assert books.up(explicit(8)) == {"plant": "create", "diary": "create"}
    assert "calvin77" not in books.state_text
    assert books.preview(explicit(8)) == {"plant": "same", "diary": "same"}
    assert books.preview(explicit(16)) == {"plant": "update", "diary": "same"}


def test_an_engine_takes_a_plug_in_that_runs_already(plant, shelf):
    """`PULUMI_DEBUG_PROVIDERS`, for a debugger: the engine attaches and leaves it running."""
    running = subprocess.Popen(
        [sys.executable, str(SHELF)],
        env={**os.environ, "SHELF": str(shelf)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        port = running.stdout.readline().strip()
        stack = plant("/bin/false", PULUMI_DEBUG_PROVIDERS=f"aifactory:{port}")
        assert stack.up(f'notebook(title="a", mood="talking", pin={PIN})') == {"diary": "create"}
        assert "the secret is [secret]" in stack.output
        assert stack.destroy() == {"diary": "delete"}
        assert running.poll() is None
    finally:
        running.terminate()
        running.communicate()
    assert running.returncode == 0


def test_a_plug_in_that_is_not_installed_is_said_plainly(plant):
    stack = plant("/bin/sh", "-c", "echo it is not installed >&2; exit 1")
    assert "it is not installed" in stack.fails("preview", FIRST)

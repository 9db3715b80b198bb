"""What the engine makes of the plug-in's answers: the life of a resource, and how it can fail."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pulumi
import pytest

from aifactory_iac.providers import metal

# What an engine that fails leaves behind of the inline program.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def notebook(name="diary", opts=None, **props):
    return pulumi.CustomResource("aifactory:metal:Notebook", name, {"isbn": None, **props}, opts)


def program(pin=None, **props):
    """A program with one notebook, whose pin is a secret."""

    def run():
        secret = {} if pin is None else {"pin": pulumi.Output.secret(pin)}
        notebook(**props, **secret)

    return run


def test_up_a_second_preview_that_is_empty_a_change_and_destroy(books, shelf):
    first = program(title="a")
    assert books.preview(first) == {"diary": "create"}
    assert list(shelf.iterdir()) == []
    assert books.up(first) == {"diary": "create"}
    assert json.loads((shelf / "diary").read_text()) == {
        "title": "a",
        "pages": 10,
        "isbn": "978-diary",
    }
    assert books.preview(first) == {"diary": "same"}
    assert books.up(first) == {"diary": "same"}
    changed = program(title="a", pages=20, ink="blue")
    assert books.preview(changed) == {"diary": "update"}
    assert books.diffs() == {"diary": {"ink": "add", "pages": "update"}}
    assert books.up(changed) == {"diary": "update"}
    assert books.preview(changed) == {"diary": "same"}
    assert books.state()["diary"]["outputs"]["pages"] == 20
    assert books.destroy() == {"diary": "delete"}
    assert list(shelf.iterdir()) == []


def test_a_property_that_replaces(books):
    books.up(program(title="a"))
    assert books.preview(program(title="b")) == {"diary": "replace"}
    assert books.diffs()["diary"] == {"title": "update-replace"}


def test_ignored_changes_are_ignored(books):
    books.up(program(title="a", pages=5))
    ignoring = pulumi.ResourceOptions(ignore_changes=["pages"])
    assert books.preview(program(title="a", pages=9, opts=ignoring)) == {"diary": "same"}


def test_everything_that_is_wrong_is_shown_at_once_and_no_secret(books, shelf):
    wrong = program(title="torn out", pin="hunter2-is-torn")
    printed = books.fails(lambda: books.preview(wrong))
    assert "resource 'diary' has a problem: `title` is torn" in printed
    assert "resource 'diary' has a problem: `pin` is torn" in printed
    assert "hunter2" not in printed
    assert "Traceback" not in printed
    assert list(shelf.iterdir()) == []


def test_structure_is_checked_by_the_real_plug_in(plant):
    stack = plant()

    def wrong():
        metal.SwitchConfig(
            "leaf-1",
            site="fra1",
            network="compute",
            hostname="leaf-1",
            role="leaf",
            model="sn5600",
            os="nvue",
            config={},
            tls={"trust": "blindly"},
            address=7,
        )

    printed = stack.fails(lambda: stack.preview(wrong))
    assert "`tls.trust` is none of `site-ca`, `system-ca`, `pinned`, `insecure`" in printed
    assert "`address` is a whole number; it has to be a text" in printed
    assert "Traceback" not in printed


def test_a_refusal_leaves_nothing_in_the_state(books):
    refused = program(title="a", mood="refusing", pin="hunter2-hunter2")
    printed = books.fails(lambda: books.up(refused))
    assert "no paper that takes [secret]" in printed
    assert "hunter2" not in printed
    assert "diary" not in books.state()
    assert books.pending() == []


def test_a_bug_is_one_line_without_a_traceback(books):
    broken = program(title="a", mood="broken", pin="hunter2-hunter2")
    printed = books.fails(lambda: books.up(broken))
    assert "internal error in Create of aifactory:metal:Notebook: KeyError" in printed
    assert "(this is a bug in aifactory)" in printed
    assert "Traceback" not in printed
    assert "hunter2" not in printed


def test_what_was_done_in_part_is_kept_and_taken_up_again(books):
    partial = program(title="a", mood="partial")
    printed = books.fails(lambda: books.up(partial))
    assert "page 3 tore" in printed
    assert "page 4 tore" in printed
    kept = books.state()["diary"]
    assert kept["id"] == "diary"
    assert kept["initErrors"] == ["page 3 tore", "page 4 tore"]
    assert kept["outputs"]["isbn"] == "978-diary"
    assert books.pending() == []
    assert books.up(partial) == {"diary": "update"}
    assert "initErrors" not in books.state()["diary"]
    assert books.preview(partial) == {"diary": "same"}


def test_secrets_stay_encrypted_in_the_state(books):
    secretive = program(title="a", pin="hunter2-hunter2")
    books.up(secretive)
    assert "hunter2" not in books.state_text
    kept = books.state()["diary"]
    assert "ciphertext" in kept["inputs"]["pin"]
    assert "ciphertext" in kept["outputs"]["pin"]
    assert books.preview(secretive) == {"diary": "same"}


def test_an_output_that_is_not_known_yet_goes_into_another_resource(books, shelf):
    def chained():
        first = notebook(title="a")
        notebook("second", title=first.isbn.apply(lambda isbn: f"after {isbn}"))

    assert books.preview(chained) == {"diary": "create", "second": "create"}
    assert books.up(chained) == {"diary": "create", "second": "create"}
    assert json.loads((shelf / "second").read_text())["title"] == "after 978-diary"


def test_a_refresh_sees_drift_and_what_is_gone(books, shelf):
    first = program(title="a", ink="blue")
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
    adopting = program(title="a", opts=pulumi.ResourceOptions(import_="old"))
    assert books.up(adopting) == {"diary": "import"}
    assert books.state()["diary"]["id"] == "old"
    assert books.preview(program(title="a")) == {"diary": "same"}


def test_an_import_of_what_is_not_there_is_refused(books):
    adopting = program(title="a", opts=pulumi.ResourceOptions(import_="nowhere"))
    assert "does not exist" in books.fails(lambda: books.up(adopting))


def test_a_deletion_that_is_refused_keeps_the_resource(books):
    clinging = program(title="a", mood="clinging")
    books.up(clinging)
    assert "somebody reads in it" in books.fails(lambda: books.destroy())
    assert "diary" in books.state()


def test_lines_of_the_plug_in_are_shown_without_secrets(books):
    books.up(program(title="a", mood="talking", pin="hunter2-hunter2"))
    assert "the secret is [secret]" in books.output
    assert "hunter2" not in books.output


def test_a_time_limit_of_the_program_ends_an_operation(books):
    limited = pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="1s"))
    printed = books.fails(lambda: books.up(program(title="a", mood="slow", opts=limited)))
    assert "stopped when asked to" in printed
    assert "its time limit of 1 s (customTimeouts) was over" in printed
    assert books.state()["diary"]["initErrors"][0] == "stopped when asked to"


def engine_process():
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            if Path(f"/proc/{pid}/comm").read_text().strip() == "pulumi":
                return int(pid)
    pytest.fail("there is no engine running")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the engine as Linux does")
def test_ctrl_c_reads_back_and_keeps_what_was_begun(books, shelf):
    failed = []

    def run():
        failed.append(books.fails(lambda: books.up(program(title="a", mood="slow"))))

    running = threading.Thread(target=run)
    running.start()
    deadline = time.monotonic() + 60
    while not (shelf / "began").exists():
        assert time.monotonic() < deadline
        assert running.is_alive()
        time.sleep(0.05)
    os.kill(engine_process(), signal.SIGINT)
    running.join(30)
    assert not running.is_alive()
    assert "stopped when asked to" in failed[0]
    assert books.state()["diary"]["initErrors"] == ["stopped when asked to"]
    assert books.pending() == []
    assert books.locks() == []


def test_settings_that_are_wrong_are_refused_with_the_way_out(books):
    books.configure(paralel="8", pace="fast")
    printed = books.fails(lambda: books.preview(program(title="a")))
    assert "`paralel` is no setting of the provider; did you mean `parallel`?" in printed
    assert "`pace` has to be a number from 0.001 to 1" in printed


def test_secrets_of_the_stack_are_encrypted_and_read_from_their_store(books):
    books.configure_secret("bmc.admin", "root:calvin77")
    books.up(
        program(title="a", mood="talking", pin={"store": "pulumi-config", "path": "bmc.admin"})
    )
    assert "the secret is [secret]" in books.output
    assert "calvin77" not in books.output
    assert "calvin77" not in books.state_text


def test_a_secret_that_is_not_set_is_refused_with_the_way_out(books):
    unset = program(title="a", mood="talking", pin={"store": "pulumi-config", "path": "bmc"})
    printed = books.fails(lambda: books.up(unset))
    assert """pulumi config set --secret --path 'aifactory:secrets["bmc"]'""" in printed


def test_a_provider_of_its_own_takes_settings_and_changes_of_them_replace_nothing(books):
    def explicit(parallel):
        def run():
            provider = metal.Provider("plant", parallel=parallel)
            notebook(title="a", opts=pulumi.ResourceOptions(provider=provider))

        return run

    assert books.up(explicit(8)) == {"plant": "create", "diary": "create"}
    assert books.preview(explicit(8)) == {"plant": "same", "diary": "same"}
    assert books.preview(explicit(16)) == {"plant": "update", "diary": "same"}


def test_the_engine_finds_no_plug_in_where_none_is_installed(plant):
    stack = plant("/bin/sh", "-c", "echo it is not installed >&2; exit 1")
    printed = stack.fails(lambda: stack.preview(program(title="a")))
    assert "it is not installed" in printed

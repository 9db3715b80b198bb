"""Labs on a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema

from aifactory_iac.lab.folder import Folder
from aifactory_iac.lab.state import LabState
from aifactory_iac.report.lab_text import labs_document, labs_view, raised_text
from aifactory_iac.report.schemas import schema
from aifactory_iac.report.tables import rendered


def document(**changes: Any) -> dict[str, Any]:
    part = {
        "name": "bmc", "kind": "bmc", "what": "2 machines at hall", "state": "running", "pid": 1,
        "version": "", "folder": "/lab/bmc", "log": "/lab/bmc/part.log",
    }  # fmt: skip
    return {
        "schemaVersion": 1, "kind": "Lab", "name": "tiny.dev", "target": "tiny",
        "blueprint": "tiny", "folder": "/lab", "started": "2026-01-01T00:00:00+00:00",
        "pace": 0.01, "ca": "/lab/ca.pem", "credentials": {}, "kubeconfigs": {},
        "endpoints": {"10.0.0.4": "https://127.0.0.1:1", "leaf-1": "https://127.0.0.1:2"},
        "machines": {
            "count": 1, "sites": {"hall": 1}, "pools": {"train": 1}, "models": {"generic": 1},
            "hosts": {"train-n0001": "10.0.0.4"},
        },
        "parts": [part], "absent": [], **changes,
    }  # fmt: skip


def text(view) -> str:
    return rendered(view, colour=False)


def test_a_lab_that_is_up_says_where_things_are_and_how_to_use_them():
    aws = {"endpoint": "http://127.0.0.1:3", "region": "us-east-1", "account": "1" * 12}
    absent = [{"part": "cluster", "why": "hall/metal: etcd is not installed"}]
    assert raised_text(document(aws=aws, absent=absent), "started") == (
        "Lab tiny.dev is up\n"
        "part  state    what                with\n"
        "bmc   running  2 machines at hall\n"
        "\n"
        "Where things are\n"
        "address   host         here\n"
        "10.0.0.4  train-n0001  https://127.0.0.1:1\n"
        "leaf-1                 https://127.0.0.1:2\n"
        "aws       us-east-1    http://127.0.0.1:3\n"
        "\n"
        "Not in this lab\n"
        "cluster  hall/metal: etcd is not installed\n"
        "\n"
        "To use it\n"
        ". /lab/environment.sh\n"
        "aifactory lab down tiny.dev\n"
    )


def test_what_was_done_for_a_lab_is_its_first_line():
    first = [raised_text(document(), how).splitlines()[0] for how in ("unchanged", "faults")]
    assert first == [
        "Lab tiny.dev was up already",
        "Lab tiny.dev was up already; its faults are those of the file now",
    ]


def test_many_endpoints_are_cut_short_unless_more_words_are_asked_for():
    many = document(endpoints={f"10.0.0.{n}": f"https://127.0.0.1:{n}" for n in range(1, 41)})
    short, long = (raised_text(many, "started", verbose=said) for said in (False, True))
    assert "and 32 more; -v lists them\n" in short
    assert "10.0.0.8 " in short
    assert "10.0.0.9 " not in short
    assert "10.0.0.40" in long
    assert "more; -v" not in long


def test_a_lab_without_endpoints_has_no_table_of_them():
    assert "Where things are" not in raised_text(document(endpoints={}), "started")


def test_labs_are_shown_one_by_one_with_the_last_words_of_what_has_ended():
    broken = document(name="b.dev", endpoints={})
    broken["parts"] = [{**broken["parts"][0], "state": "ended", "ending": "ended with status 3"}]
    states = [
        LabState(Folder(Path("/labs/a.dev")), "running", document(endpoints={}), {}),
        LabState(Folder(Path("/labs/b.dev")), "failing", broken, {"bmc": ("no luck", "at all")}),
        LabState(Folder(Path("/labs/c.dev")), "starting", None, {}),
        LabState(Folder(Path("/labs/d.dev")), "dead", document(name="d.dev"), {}),
    ]
    assert text(labs_view(states)) == (
        "Lab tiny.dev is up\n"
        "part  state    what                with\n"
        "bmc   running  2 machines at hall\n"
        "\n"
        "Lab b.dev is failing: a part of it has ended\n"
        "part  state                what                with\n"
        "bmc   ended with status 3  2 machines at hall\n"
        "\n"
        "Last words of bmc\n"
        "no luck\n"
        "at all\n"
        "\n"
        "Lab c.dev is being started\n"
        "\n"
        "Lab d.dev is dead: its supervisor was killed; `aifactory lab down` clears it away\n"
    )
    told = labs_document(states)
    jsonschema.Draft202012Validator(schema("lab")).validate(told)
    assert [(each["name"], each["condition"]) for each in told["labs"]] == [
        ("tiny.dev", "running"), ("b.dev", "failing"), ("c.dev", "starting"), ("d.dev", "dead"),
    ]  # fmt: skip
    assert told["labs"][1]["logs"] == {"bmc": ["no luck", "at all"]}


def test_a_line_to_be_copied_is_never_broken():
    deep = "/" + "/".join(["a-long-name"] * 12)
    assert f"\n. {deep}/environment.sh\n" in raised_text(document(folder=deep), "started")


def test_no_lab_is_said_so():
    assert text(labs_view([])) == "There is no lab.\n"

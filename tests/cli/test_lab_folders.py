"""What `aifactory lab` shows and takes down, of labs that are there or were."""

from __future__ import annotations

import json

import pytest

from aifactory_iac.lab import raising
from aifactory_iac.lab.folder import Folder
from aifactory_iac.lab.raising import OtherLabError, Raised
from aifactory_iac.lab.starting import StartError


def document(name: str, folder: str) -> dict:
    return {
        "schemaVersion": 1, "kind": "Lab", "name": name, "target": name.partition(".")[0],
        "blueprint": "b", "folder": folder, "started": "2026-01-01T00:00:00+00:00", "pace": 0.01,
        "ca": f"{folder}/ca.pem", "credentials": {}, "kubeconfigs": {}, "endpoints": {},
        "machines": {"count": 0, "sites": {}, "pools": {}, "models": {}, "hosts": {}},
        "parts": [], "absent": [],
    }  # fmt: skip


@pytest.fixture
def labs(tmp_path, monkeypatch):
    """Makes folders of labs whose supervisors were killed; gives the place they are in."""
    monkeypatch.setenv("AIFACTORY_STATE_DIR", str(tmp_path))
    place = tmp_path / "labs"

    def making(*names: str):
        for name in names:
            folder = Folder(place / name)
            folder.path.mkdir(parents=True)
            folder.lock.write_text("")
            folder.record.write_text(json.dumps(document(name, str(folder.path))))
        return place

    return making


@pytest.fixture
def raised(monkeypatch, tmp_path):
    """Has `lab up` find what is given, instead of starting anything."""
    monkeypatch.setenv("AIFACTORY_STATE_DIR", str(tmp_path))

    def raising_(result: Raised | Exception) -> None:
        def answer(*_: object) -> Raised:
            if isinstance(result, Exception):
                raise result
            return result

        monkeypatch.setattr(raising, "raised", answer)

    return raising_


def test_a_lab_that_is_up_is_shown_in_words_or_as_it_is(run, raised):
    raised(Raised(document("edge-inference.dev", "/lab"), "started"))
    assert run("lab", "up", "edge-inference").out == (
        "Lab edge-inference.dev is up\n"
        "part  state  what  with\n"
        "\n"
        "To use it\n"
        ". /lab/environment.sh\n"
        "aifactory lab down edge-inference.dev\n"
    )
    told = run("lab", "up", "edge-inference", "--format", "json")
    assert told.json == document("edge-inference.dev", "/lab")


def test_a_lab_that_does_not_come_up_says_why_with_the_end_of_its_log(run, raised):
    raised(StartError("bmc", "ended with status 2", ("no such model", "giving up")))
    result = run("lab", "up", "edge-inference")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "Error: the lab did not come up: bmc ended with status 2; its log ends:\n"
        "  no such model\n"
        "  giving up\n"
    )
    raised(StartError("supervisor", "has just ended"))
    assert run("lab", "up", "edge-inference").err == (
        "Error: the lab did not come up: supervisor has just ended\n"
    )


def test_another_lab_of_that_name_is_no_reason_to_touch_it(run, raised):
    raised(OtherLabError("is running, with other machines or in another way"))
    result = run("lab", "up", "edge-inference")
    assert result.code == 6
    assert result.err.startswith("Error: the lab edge-inference.dev is running, with other ")


def test_labs_whose_supervisor_was_killed_are_shown_as_dead(run, labs):
    labs("a.dev", "b.dev")
    result = run("lab", "status")
    assert result.code == 1
    assert result.out == (
        "Lab a.dev is dead: its supervisor was killed; `aifactory lab down` clears it away\n"
        "\n"
        "Lab b.dev is dead: its supervisor was killed; `aifactory lab down` clears it away\n"
    )
    told = run("lab", "status", "a", "--format", "json").json
    assert [each["name"] for each in told["labs"]] == ["a.dev"]


def test_one_lab_of_several_is_named_or_all_are_meant(run, labs):
    place = labs("a.dev", "b.dev", "c.dev")
    refused = run("lab", "down")
    assert refused.code == 2
    assert "There are 3 labs: a.dev, b.dev, c.dev. Name one, or say --all." in refused.err
    assert run("lab", "down", "b").out == "Lab b.dev is down\n"
    told = run("lab", "down", "--all", "--format", "json").json
    assert [(each["name"], each["condition"], each["lab"]) for each in told["labs"]] == [
        ("a.dev", "down", None), ("c.dev", "down", None),
    ]  # fmt: skip
    assert list(place.iterdir()) == []


def test_the_only_lab_needs_no_name(run, labs):
    labs("a.dev")
    assert run("lab", "down").out == "Lab a.dev is down\n"
    assert run("lab", "down").out == "There is no lab to take down.\n"


def test_a_lab_in_a_folder_of_ones_own_is_found_there_only(run, labs, tmp_path):
    place = labs("a.dev")
    assert run("lab", "status", "--dir", place / "a.dev").out.startswith("Lab a.dev is dead")
    assert run("lab", "status", "--dir", tmp_path / "nowhere").out == "There is no lab.\n"
    assert run("lab", "down", "--dir", place / "a.dev").out == "Lab a.dev is down\n"

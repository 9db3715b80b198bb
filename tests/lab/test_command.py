"""`aifactory lab` as its users meet it: real processes, and nothing left of them."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import jsonschema
import pytest

from aifactory_iac.report.schemas import schema

SMALL = ("edge-inference", "--limit", "3", "--only", "bmc")
VALID = jsonschema.Draft202012Validator(schema("lab"))


def ask(document: dict, address: str, path: str) -> tuple[int, dict]:
    """A GET as a plain Redfish client makes it, with the lab's authority and credentials."""
    account = json.loads(Path(document["credentials"]["file:secrets/bmc-lyo.age"]).read_text())
    both = b64encode(f"{account['username']}:{account['password']}".encode()).decode()
    request = urllib.request.Request(
        document["endpoints"][address] + path, headers={"Authorization": f"Basic {both}"}
    )
    trust = ssl.create_default_context(cafile=document["ca"])
    try:
        with urllib.request.urlopen(request, context=trust, timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, {}


def test_a_lab_has_the_blueprints_own_machines_and_leaves_nothing(lab, home, living):
    up = lab("up", *SMALL, "--format", "json")
    assert (up.code, up.err) == (0, "")
    VALID.validate(up.json)
    folder = home / "labs" / "edge-inference.dev"
    assert json.loads((folder / "lab.json").read_text()) == up.json
    assert up.json["machines"] == {
        "count": 3,
        "sites": {"plant-lyo": 2, "plant-muc": 1},
        "pools": {"lyo": 2, "muc": 1},
        "models": {"generic": 3},
        "hosts": {"lyo-n0001": "10.17.0.4", "lyo-n0002": "10.17.0.5", "muc-n0001": "10.16.0.4"},
    }
    assert [each["what"] for each in up.json["parts"]] == [
        "2 machines at plant-lyo", "1 machine at plant-muc",
    ]  # fmt: skip
    assert len(living(home)) == 3

    status, systems = ask(up.json, "10.17.0.4", "/redfish/v1/Systems")
    assert status == 200
    _, system = ask(up.json, "10.17.0.4", systems["Members"][0]["@odata.id"])
    assert system["SerialNumber"] == "BTKT3QFU81D0"
    assert system["UUID"] == "dc9ca058-96f7-5722-ba3e-b400dce06f23"

    told = lab("status", "edge-inference", "--format", "json")
    VALID.validate(told.json)
    assert (told.code, told.json["labs"][0]["condition"]) == (0, "running")
    assert told.json["labs"][0]["lab"] == up.json

    down = lab("down", "edge-inference", "--format", "json")
    VALID.validate(down.json)
    assert [(each["name"], each["condition"]) for each in down.json["labs"]] == [
        ("edge-inference.dev", "down")
    ]
    assert living(home) == []
    assert list((home / "labs").iterdir()) == []


def test_going_down_twice_says_that_there_is_nothing(lab):
    assert (lab("down").code, lab("down").out) == (0, "There is no lab to take down.\n")
    assert (lab("status").code, lab("status").out) == (0, "There is no lab.\n")
    assert lab("down", "edge-inference").out == "There is no lab to take down.\n"


def test_a_shell_is_pointed_at_the_lab(lab, home):
    lab("up", *SMALL)
    folder = home / "labs" / "edge-inference.dev"
    said = subprocess.run(
        ["sh", "-c", f". {folder / 'environment.sh'}; echo $AIFACTORY_LAB"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout == f"{folder / 'lab.json'}\n"


def test_a_second_up_finds_the_lab_changes_its_faults_and_refuses_another(lab, tmp_path):
    first = lab("up", *SMALL, "--format", "json")
    again = lab("up", *SMALL)
    assert (again.code, again.out.splitlines()[0]) == (0, "Lab edge-inference.dev was up already")

    file = tmp_path / "faults.yaml"
    file.write_text(
        "faults:\n  - {name: busy, when: {machine: lyo-n0001, method: GET}, "
        "do: {kind: answer, status: 503}}\n"
    )
    changed = lab("up", *SMALL, "--faults", file)
    assert changed.out.splitlines()[0] == (
        "Lab edge-inference.dev was up already; its faults are those of the file now"
    )
    until_answers(first.json, "10.17.0.4", 503)
    assert ask(first.json, "10.17.0.5", "/redfish/v1/Systems")[0] == 200
    assert lab("up", *SMALL).code == 0
    until_answers(first.json, "10.17.0.4", 200)

    other = lab("up", "edge-inference", "--limit", "2", "--only", "bmc")
    assert (other.code, other.out) == (6, "")
    assert other.err == (
        "Error: the lab edge-inference.dev is running, with other machines or in another way: "
        "`aifactory lab down edge-inference.dev` first, or choose another `--dir`\n"
    )


def until_answers(document: dict, address: str, status: int) -> None:
    until = time.monotonic() + 10
    while ask(document, address, "/redfish/v1/Systems")[0] != status:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_lab_in_a_folder_of_ones_own(lab, home, tmp_path, living):
    place = tmp_path / "here"
    lab("up", *SMALL)
    assert lab("up", *SMALL, "--dir", place).code == 0
    assert (place / "lab.json").exists()
    assert lab("status", "--dir", place).out.startswith("Lab edge-inference.dev is up\n")
    assert lab("down", "--dir", place).out == "Lab edge-inference.dev is down\n"
    assert not place.exists()
    assert living(place) == []
    assert len(living(home)) == 3
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("")
    refused = lab("up", *SMALL, "--dir", tmp_path / "mine")
    assert refused.code == 2
    assert f"{tmp_path / 'mine'} holds other files; a lab wants a folder" in refused.err
    assert (tmp_path / "mine" / "notes.txt").exists()


def test_of_several_labs_one_is_named_or_all(lab):
    lab("up", *SMALL)
    lab("up", "startup-cloud", "--only", "aws")
    refused = lab("down")
    assert refused.code == 2
    assert "There are 2 labs: edge-inference.dev, startup-cloud.dev." in refused.err
    assert lab("down", "startup-cloud").out == "Lab startup-cloud.dev is down\n"
    assert lab("down", "--all").out == "Lab edge-inference.dev is down\n"


def test_a_part_that_dies_is_reported_with_its_last_words(lab, until):
    up = lab("up", *SMALL, "--format", "json").json
    first = up["parts"][0]
    with Path(first["log"]).open("a") as log:
        log.write("the end is near\n")
    os.kill(first["pid"], signal.SIGKILL)
    told = until(lambda: (found := lab("status")).code == 1 and found)
    assert told.out.startswith("Lab edge-inference.dev is failing: a part of it has ended\n")
    assert "was ended by SIGKILL" in told.out
    assert "\nLast words of bmc-1\nthe end is near\n" in told.out
    again = lab("up", *SMALL)
    assert again.code == 1
    assert (
        "bmc-1 was ended by SIGKILL some time ago; its log ends:\n  the end is near\n" in again.err
    )
    assert lab("down").code == 0


def test_parts_end_with_their_supervisor_even_when_it_is_killed(lab, home, living, until):
    lab("up", *SMALL)
    folder = home / "labs" / "edge-inference.dev"
    os.kill(int((folder / "alive").read_text()), signal.SIGKILL)
    until(lambda: living(home) == [])
    told = lab("status", "--format", "json")
    assert (told.code, told.json["labs"][0]["condition"]) == (1, "dead")
    VALID.validate(told.json)
    assert "is dead: its supervisor was killed; `aifactory lab down` clears" in lab("status").out
    assert lab("up", *SMALL).out.startswith("Lab edge-inference.dev is up\n")
    assert lab("down").code == 0
    assert not folder.exists()


def test_a_lab_whose_folder_is_removed_ends(lab, home, living, until):
    import shutil

    lab("up", *SMALL)
    shutil.rmtree(home / "labs")
    until(lambda: living(home) == [])


def test_a_lab_whose_time_is_up_goes_by_itself(lab, home, living, until):
    assert lab("up", *SMALL, "--for", "1 s").code == 0
    until(lambda: living(home) == [])
    assert list((home / "labs").iterdir()) == []


@pytest.fixture
def starting(home):
    """Begins `lab up` and leaves it as soon as its supervisor lives."""
    begun = []

    def begin(until) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "aifactory_iac", "lab", "up", *SMALL],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        begun.append(process)
        folder = home / "labs" / "edge-inference.dev"
        until(lambda: (folder / "alive").exists() and (folder / "alive").read_text())
        return process

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def test_an_interrupt_while_it_starts_leaves_nothing(starting, home, living, until):
    process = starting(until)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "\nInterrupted.\n")
    assert living(home) == []
    assert list((home / "labs").iterdir()) == []


def test_a_kill_while_it_starts_leaves_nothing(starting, home, living, until):
    process = starting(until)
    process.kill()
    process.wait()
    until(lambda: living(home) == [])
    until(lambda: list((home / "labs").iterdir()) == [])


def test_a_hundred_machines_are_ready_with_ten_seconds_of_work(lab, home, living):
    """In work, since others share the cores: 2.2 s in all by the clock, at a load of 6 on two."""
    before = os.times().children_user + os.times().children_system
    up = lab("up", "superpod-h100", "--limit", "100", "--only", "bmc", "--format", "json")
    command = os.times().children_user + os.times().children_system - before
    assert (up.code, up.json["machines"]["count"], len(up.json["endpoints"])) == (0, 100, 100)
    assert command + sum(worked(pid) for pid in living(home)) < 10


def worked(pid: int) -> float:
    """Seconds that a process has had of a core (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

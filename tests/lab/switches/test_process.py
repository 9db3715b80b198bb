"""The lab of switches as a process: its specification, its one line, and its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from aifactory_iac.lab.switches.faults import FaultError
from aifactory_iac.lab.switches.faults import parse as parse_faults
from aifactory_iac.lab.switches.faults import read as read_faults
from aifactory_iac.lab.switches.spec import SpecError, dump, parse, read, schema

COMMAND = [sys.executable, "-m", "aifactory_iac.lab.switches"]


def start(path):
    process = subprocess.Popen(
        [*COMMAND, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())


@pytest.mark.parametrize("end", ["signal", "closed input"])
def test_one_line_when_ready_and_gone_when_told_so(spec_document, tmp_path, end):
    (tmp_path / "spec.json").write_text(json.dumps(spec_document))
    process, ready = start(tmp_path / "spec.json")
    try:
        assert ready["ready"] is True
        assert sorted(ready["endpoints"]) == ["10.0.0.1", "leaf-2", "ufm.fra1"]
        assert ready["endpoints"]["10.0.0.1"].startswith("https://127.0.0.1:")
        port = ready["endpoints"]["leaf-2"].removeprefix("127.0.0.1:")
        known = Path(ready["known_hosts"]).read_text()
        assert known.startswith(f"[127.0.0.1]:{port} ssh-ed25519 ")
        if end == "signal":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
    finally:
        process.kill()
        process.communicate() if end == "signal" else process.wait()


def test_a_bad_specification_is_told_and_nothing_started(spec_document, tmp_path):
    (tmp_path / "spec.json").write_text(json.dumps({**spec_document, "tls": None}))
    done = subprocess.run(
        [*COMMAND, str(tmp_path / "spec.json")], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "tls: a switch with NVUE, or a UFM, needs a certificate and its key\n"
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (
        2,
        "usage: python -m aifactory_iac.lab.switches SPEC.json\n",
    )


BAD = {
    "two of a name": (
        {"switches": [{"hostname": "a", "os": "nvue"}, {"hostname": "a", "os": "nvue"}]},
        [
            "hostname `a` is given 2 times; it must be unique",
            "address `a` is given 2 times; it must be unique",
        ],
    ),
    "an unknown field": (
        {"switches": [{"hostname": "a", "os": "nvue", "vlan": 1}]},
        ["switches.0.vlan: unexpected keyword argument"],
    ),
    "an unknown system": (
        {"switches": [{"hostname": "a", "os": "eos"}]},
        ["switches.0.os: input should be 'nvue', 'sonic' or 'mlnx-os'"],
    ),
    "a negative pace": ({"pace": -1.0}, ["pace: -1.0 is negative; 0 is at once, 1 is real time"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_specifications(spec_document, case):
    change, problems = BAD[case]
    with pytest.raises(SpecError) as caught:
        parse({**spec_document, **change})
    assert list(caught.value.problems) == problems


def test_a_specification_reads_back(spec_document, tmp_path):
    spec = parse(spec_document)
    assert parse(json.loads(dump(spec))) == spec
    assert spec.switches[0].key == "10.0.0.1"
    assert spec.login.username == "admin"
    assert "staple" not in repr(spec)
    assert schema()["additionalProperties"] is False
    with pytest.raises(SpecError, match="No such file"):
        read(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(SpecError, match="is not JSON"):
        read(tmp_path / "bad.json")


LOGINS = {
    "admin:x:y": ("admin", "x:y"),
    '{"username": "admin", "password": "x"}': ("admin", "x"),
    '{"username": "admin"}': "is no JSON object with `username` and `password`",
    "admin": "is neither `user:password` nor JSON",
}


@pytest.mark.parametrize("text", LOGINS)
def test_the_account_may_be_kept_in_a_file(spec_document, tmp_path, text):
    file = tmp_path / "login"
    file.write_text(text)
    spec = parse({**spec_document, "credentials": str(file)})
    if isinstance(LOGINS[text], tuple):
        assert (spec.login.username, spec.login.password) == LOGINS[text]
    else:
        with pytest.raises(SpecError, match=LOGINS[text]):
            _ = spec.login
    with pytest.raises(SpecError, match="No such file"):
        _ = parse({**spec_document, "credentials": str(tmp_path / "none")}).login


BAD_FAULTS = {
    "no list": ({"faults": {}}, "faults: is no list"),
    "no document": ([], "faults: is no list"),
    "no effect": ({"faults": [{"switch": "*"}]}, "faults.0.effect: Field required"),
    "an unknown effect": ({"faults": [{"effect": "burn"}]}, "faults.0.effect: Input should be"),
    "a text for a number": (
        {"faults": [{"effect": "drop", "times": "2"}]},
        "faults.0.times: Input should be a valid integer",
    ),
}


@pytest.mark.parametrize("case", BAD_FAULTS)
def test_bad_faults(case):
    document, text = BAD_FAULTS[case]
    with pytest.raises(FaultError) as caught:
        parse_faults(document)
    assert str(caught.value).startswith(text)


def test_a_fault_file_that_is_no_yaml(tmp_path):
    (tmp_path / "faults.yaml").write_text("faults: [")
    with pytest.raises(FaultError, match="ParserError"):
        read_faults(tmp_path / "faults.yaml")
    with pytest.raises(FaultError, match="FileNotFoundError"):
        read_faults(tmp_path / "none.yaml")

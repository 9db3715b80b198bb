"""The fleet as a process: one line when ready, gone with its parent, faults exchanged meanwhile."""

from __future__ import annotations

import io
import json
import resource
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from asyncio import sslproto
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aifactory_iac.lab.redfish.__main__ import main
from aifactory_iac.lab.redfish.faults.reading import Faults
from aifactory_iac.lab.redfish.fleet import Fleet, trusting
from aifactory_iac.lab.redfish.front.open_files import make_room
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.lab.redfish.process import FleetProcess
from aifactory_iac.lab.redfish.spec import SpecError, dump
from aifactory_iac.lab.redfish.witness import Witness


def _get(url: str, ca: Path | None = None, method: str = "GET", body: Any = None) -> Any:
    context = trusting(str(ca)) if ca else None
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        content = answer.read()
        return json.loads(content) if content else None


def test_it_is_ready_when_it_says_so_and_ends_gently(tmp_path: Path) -> None:
    spec = replace(fleet_of(2, tmp_path), log=str(tmp_path / "log.jsonl"))
    process = FleetProcess.of(spec, tmp_path)
    with pytest.raises(RuntimeError, match="was not started"):
        _ = process.pid
    with process:
        assert set(process.endpoints) == {"10.0.0.1", "10.0.0.2"}
        assert process.pid > 0
        root = _get(f"{process.endpoints['10.0.0.2']}/redfish/v1", tmp_path / "lab-ca.pem")
        assert root["Vendor"] == "Contoso"
    assert process.stop() == 0
    with pytest.raises(urllib.error.URLError):
        _get(f"{process.endpoints['10.0.0.2']}/redfish/v1", tmp_path / "lab-ca.pem")
    assert [r["path"] for r in Witness.read(tmp_path / "log.jsonl").requests()] == ["/redfish/v1"]
    assert (tmp_path / "fleet.json").stat().st_mode & 0o077 == 0


def test_it_ends_when_its_input_does(tmp_path: Path) -> None:
    (tmp_path / "fleet.json").write_text(dump(fleet_of(1)))
    child = subprocess.Popen(
        [sys.executable, "-m", "aifactory_iac.lab.redfish", str(tmp_path / "fleet.json")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    ready = json.loads(child.stdout.readline())  # type: ignore[union-attr]
    assert ready["ready"] is True
    assert ready["endpoints"]["10.0.0.1"].startswith("http://127.0.0.1:")
    child.stdin.close()  # type: ignore[union-attr]
    assert child.wait(10) == 0
    child.stdout.close()  # type: ignore[union-attr]


def test_a_bad_specification_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "fleet.json").write_text('{"machines": [], "paces": 1}')
    with pytest.raises(RuntimeError) as caught:
        FleetProcess(tmp_path / "fleet.json").start()
    assert str(caught.value) == ("credentials: field required\npaces: there is no such key here")


@pytest.mark.parametrize(
    ("differences", "complaint"),
    [
        ({"faults": "none.yaml"}, "none.yaml: No such file or directory"),
        ({"credentials": "none.json"}, "credentials: none.json: No such file or directory"),
        ({"log": "no/such/folder/log"}, "No such file or directory"),
    ],
)
def test_files_that_are_missing_too(tmp_path: Path, differences: Any, complaint: str) -> None:
    spec = replace(fleet_of(1), **differences)
    with pytest.raises(RuntimeError) as caught:
        FleetProcess.of(spec, tmp_path).start()
    assert complaint in str(caught.value)


def test_without_a_specification_it_tells_its_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "aifactory_iac.lab.redfish"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: python -m aifactory_iac.lab.redfish SPEC.json\n"


def test_it_serves_until_the_end_of_its_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same, in this process, where its signals are only noted."""
    noted: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda number, _do: noted.append(number))
    monkeypatch.setattr(sslproto.SSLProtocol, "max_size", 256 * 1024)
    monkeypatch.setattr(sys, "stdin", io.StringIO("ignored"))
    (tmp_path / "fleet.json").write_text(dump(fleet_of(1)))

    assert main([str(tmp_path / "fleet.json")]) == 0
    assert json.loads(capsys.readouterr().out)["ready"] is True
    assert noted == [signal.SIGTERM, signal.SIGINT]
    assert sslproto.SSLProtocol.max_size == 16 * 1024


@pytest.mark.parametrize(
    ("arguments", "said"),
    [([], "usage: python -m aifactory_iac.lab.redfish SPEC.json"), (["none"], "No such file")],
)
def test_it_says_what_is_wrong(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sslproto.SSLProtocol, "max_size", 256 * 1024)
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_the_log_of_a_process_is_in_its_file_only(tmp_path: Path) -> None:
    spec = replace(fleet_of(1), log=str(tmp_path / "log.jsonl"))
    with Fleet(spec, keep=False) as fleet:
        _get(f"{fleet.endpoints['10.0.0.1']}/redfish/v1")
        assert fleet.records == []
    assert len(Witness.read(tmp_path / "log.jsonl").requests()) == 1
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ((1024, 20_000), (5200, 20_000)),
        ((1024, 3000), (3000, 3000)),
        ((1024, resource.RLIM_INFINITY), (5200, resource.RLIM_INFINITY)),
        ((6000, 20_000), None),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None),
        ((3000, 3000), None),
    ],
)
def test_it_makes_room_for_its_sockets(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], wanted: tuple[int, int] | None
) -> None:
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _what: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _what, new: made.append(new))
    make_room(1000)
    assert made == ([wanted] if wanted else [])


def test_too_little_room_is_said_plainly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (256, 1024))
    with pytest.raises(SpecError) as caught:
        make_room(1000)
    assert str(caught.value) == (
        "machines: 1000 machines need 1200 open files, and the limit is 1024; raise it "
        "(ulimit -Hn) or take fewer machines"
    )


def test_a_fleet_that_cannot_start_leaves_nothing_behind(tmp_path: Path) -> None:
    fleet = Fleet(replace(fleet_of(1), faults=str(tmp_path / "none.yaml")))
    with pytest.raises(SpecError, match="No such file"):
        fleet.start()
    with pytest.raises(RuntimeError):
        fleet.use(Faults())
    fleet.stop()


def test_stopping_what_never_started_is_harmless(tmp_path: Path) -> None:
    assert FleetProcess(tmp_path / "x").stop() == 0


def _status(client: Any) -> int:
    return int(client("GET", "/redfish/v1").status)


def _until(lab: Any, wanted: int) -> None:
    for _ in range(200):
        if _status(lab.client()) == wanted:
            return
        time.sleep(0.01)
    raise AssertionError(f"never {wanted}")


def test_a_fault_file_is_read_again_when_it_changes(plant: Any, tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("faults: []\n")
    lab = plant(replace(fleet_of(1), faults=str(path)))
    assert _status(lab.client()) == 200

    path.write_text("faults:\n  - { name: no, do: { kind: answer, status: 500 } }\n")
    _until(lab, 500)
    path.write_text("faults: [\n")
    for _ in range(200):
        refused = [r for r in lab.fleet.records if r.get("effect") == "faults-refused"]
        if refused:
            break
        time.sleep(0.01)
    assert "faults.yaml:2:1" in refused[0]["problems"][0]
    assert _status(lab.client()) == 500
    path.write_text("")
    _until(lab, 200)


def _door(lab: Any, path: str, method: str = "GET", text: str = "") -> tuple[int, Any]:
    request = urllib.request.Request(lab.fleet.admin + path, text.encode() or None, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
            return answer.status, json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_the_back_door_shows_what_is_really_so(plant: Any) -> None:
    lab = plant(count=2, installed="sha256:aa", power="On")
    status, told = _door(lab, "/machines/n0001")

    assert status == 200
    assert (told["power"], told["stage"], told["disk"]) == ("On", "os", "sha256:aa")
    assert told["firmware"]["BIOS"] == {"running": "1.0.0", "staged": None}
    assert told["media"] == {"CD1": None, "USB1": None}
    assert told["accounts"]["operator"]["locked"] is False
    assert LOGIN.password not in json.dumps(told)
    assert set(_door(lab, "/machines")[1]) == {"n0001", "n0002"}


def test_the_back_door_has_hands(plant: Any) -> None:
    lab = plant(installed="sha256:aa")

    assert _door(lab, "/machines/n0001/button", "POST")[0] == 204
    lab.fleet.advance(300)
    assert _door(lab, "/machines/n0001")[1]["power"] == "On"
    assert _door(lab, "/machines/n0001/mains", "POST")[0] == 204
    assert _door(lab, "/machines/n0001")[1]["power"] == "Off"


def test_the_back_door_exchanges_faults(plant: Any) -> None:
    lab = plant()
    document = '{"faults": [{"use": "unauthorized-storm"}]}'

    assert _door(lab, "/faults", "PUT", document)[0] == 204
    assert _status(lab.client()) == 401
    assert _door(lab, "/faults", "DELETE")[0] == 204
    assert _status(lab.client()) == 200


@pytest.mark.parametrize(
    ("path", "method", "text", "status", "problem"),
    [
        ("/machines/n9", "GET", "", 404, "there is no machine n9"),
        ("/machines/n0001/hammer", "POST", "", 404, "there is no POST /machines/n0001/hammer here"),
        ("/machines/n0001/button", "GET", "", 404, "there is no GET /machines/n0001/button here"),
        ("/elsewhere", "GET", "", 404, "there is no GET /elsewhere here"),
        ("/faults", "PUT", "faults: [", 400, "2:1: "),
        ("/faults", "PUT", '{"fault": 1}', 400, "fault: there is no such key here"),
    ],
)  # fmt: skip
def test_the_back_door_says_what_it_does_not_know(
    plant: Any, path: str, method: str, text: str, status: int, problem: str
) -> None:
    got, told = _door(plant(), path, method, text)
    assert got == status
    assert told["problems"][0].startswith(problem)

"""The log as witness: what it says of a fleet, from its records alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from aifactory_iac.lab.redfish.journal import HIDDEN, Journal, without_secrets
from aifactory_iac.lab.redfish.numbered import fleet_of
from aifactory_iac.lab.redfish.witness import Witness

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
SLOT = "/redfish/v1/Managers/Manager.1/VirtualMedia/CD1/Actions/VirtualMedia"


def _witness(lab: Any) -> Witness:
    return Witness.of(lab.fleet.records)


def test_nothing_happened() -> None:
    empty = Witness.of([])
    assert (empty.complaints(), empty.last, empty.most_at_once("n1")) == ([], 0, 0)


def test_resets_writes_and_reads_are_told_apart(plant: Any) -> None:
    lab = plant(count=2)
    client = lab.client()
    client("GET", SYSTEM)
    client("POST", RESET, {"ResetType": "On"})
    client("POST", RESET, {"ResetType": "On"})
    client.log_in()

    log = _witness(lab)
    assert (log.resets("n0001"), log.reset_requests("n0001"), log.resets("n0002")) == (1, 2, 0)
    assert [r["method"] for r in log.requests("n0001")] == ["GET", "POST", "POST", "POST"]
    assert [r["path"] for r in log.writes()] == [RESET, RESET]
    assert len(log.requests(method="GET")) == 1
    assert log.since(log.last).records == ()


def test_effects_name_the_request_that_caused_them(plant: Any) -> None:
    lab = plant()
    lab.client()("GET", SYSTEM)
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(10)

    log = _witness(lab)
    cause = log.writes()[0]["number"]
    assert [(e["effect"], e["cause"]) for e in log.effects()] == [
        ("reset", cause),
        ("power", cause),
    ]


def test_what_is_left_behind_is_complained_about(plant: Any) -> None:
    lab = plant(count=2)
    client = lab.client()
    client.log_in()
    client("POST", f"{SLOT}.InsertMedia", {"Image": "http://x/y.iso"})
    boot = {"BootSourceOverrideEnabled": "Continuous", "BootSourceOverrideTarget": "Cd"}
    client("PATCH", SYSTEM, {"Boot": boot})

    log = _witness(lab)
    assert log.sessions_left_open() == {"n0001": 1}
    assert log.media_left() == {"n0001": {"CD1": "http://x/y.iso"}}
    assert log.overrides_left() == {"n0001": "Continuous"}
    assert log.complaints() == [
        "n0001 has 1 sessions left open",
        "n0001 has media left in CD1: http://x/y.iso",
        "n0001 has a boot override left: Continuous",
    ]


def test_what_is_cleared_up_is_not(plant: Any) -> None:
    lab = plant(installed="sha256:aa")
    client = lab.client()
    told = client.log_in()
    client("DELETE", told.headers["Location"])
    client("POST", f"{SLOT}.InsertMedia", {"Image": "http://x/y.iso"})
    client("POST", f"{SLOT}.EjectMedia", {})
    boot = {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "Hdd"}
    client("PATCH", SYSTEM, {"Boot": boot})
    assert _witness(lab).overrides_left() == {"n0001": "Once"}
    client("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(300)
    assert _witness(lab).complaints() == []


def test_too_many_resets_erasures_and_lockouts_are_complained_about(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()
    for _ in range(2):
        client("POST", RESET, {"ResetType": "ForceRestart"})
        lab.fleet.advance(1)
    client("POST", f"{SLOT}.InsertMedia", {"Image": "http://x/y.iso"})
    lab.fleet.advance(180)
    client("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(181)
    client("POST", f"{SLOT}.EjectMedia", {})
    for _ in range(5):
        lab.client(login=("operator", "wrong"))("GET", SYSTEM)

    log = _witness(lab)
    assert log.complaints() == [
        "n0001 was reset 3 times; 1 allowed",
        "n0001 was erased 2 times; 1 allowed",
        "n0001 was locked out 1 times; 0 allowed",
    ]
    assert [erasure.get("held") for erasure in log.erasures()] == ["sha256:aa", None]
    assert log.complaints(resets=3, erasures=2) == ["n0001 was locked out 1 times; 0 allowed"]


def test_flashes_that_were_hurt_are_complained_about(plant: Any) -> None:
    lab = plant(power="On", installed="sha256:aa")
    client = lab.client()
    body = {"ImageURI": "http://x/bios-1.1.0.bin", "Targets": ["BIOS"]}
    for _ in range(2):
        client("POST", "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate", body)
    client("POST", RESET, {"ResetType": "ForceRestart"})

    assert _witness(lab).complaints() == [
        "n0001 was interrupted in a flash 1 times; 0 allowed",
        "n0001 was asked to flash while flashing 1 times; 0 allowed",
    ]


def test_how_many_machines_were_down_at_once(plant: Any) -> None:
    lab = plant(count=3, power="On", installed="sha256:aa")
    for name in ("n0001", "n0002"):
        lab.client(name)("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(300)
    lab.client("n0003")("POST", RESET, {"ResetType": "ForceRestart"})
    lab.fleet.advance(300)
    assert _witness(lab).machines_down_at_once() == 2


def test_concurrency_is_complained_about() -> None:
    records = [
        {
            "number": n,
            "kind": "request",
            "machine": "n1",
            "method": "GET",
            "path": "/",
            "in_flight": n,
        }
        for n in range(1, 7)
    ]
    log = Witness.of(reversed(records))
    assert [r["number"] for r in log.records] == [1, 2, 3, 4, 5, 6]
    assert log.complaints() == ["n1 had 6 requests at once; 4 allowed"]


def test_the_file_says_the_same_and_a_line_cut_off_is_left_out(plant: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lab = plant(replace(fleet_of(1, pace=1.0), log=str(path)))
    lab.client()("POST", RESET, {"ResetType": "On"})
    lab.fleet.advance(10)
    told = lab.fleet.records
    lab.fleet.stop()

    assert [json.loads(line) for line in path.read_text().splitlines()] == told
    with path.open("a") as file:
        file.write('{"number": 99, "ki')
    assert Witness.read(path).resets("n0001") == 1


def test_a_record_tells_the_whole_story_of_a_request(plant: Any) -> None:
    lab = plant()
    lab.client()("PATCH", "/redfish/v1/AccountService/Accounts/1", {"Password": "new-secret-1"})
    record = dict(lab.fleet.records[-1])

    assert record.pop("time") > 1.5e9
    assert record == {
        "number": 1,
        "kind": "request",
        "machine": "n0001",
        "method": "PATCH",
        "path": "/redfish/v1/AccountService/Accounts/1",
        "user": "operator",
        "body": {"Password": HIDDEN},
        "status": 204,
        "done": True,
        "delivered": True,
        "in_flight": 1,
        "sessions": 0,
    }


def test_secrets_are_hidden_wherever_they_stand() -> None:
    told = {
        "Password": "a",
        "OldPassword": "b",
        "List": [{"X-Auth-Token": "c"}, 3],
        "Empty": {"Password": None},
        "Text": "-----BEGIN PRIVATE KEY-----\nabc",
        "UserName": "op",
    }
    assert without_secrets(told) == {
        "Password": HIDDEN,
        "OldPassword": HIDDEN,
        "List": [{"X-Auth-Token": HIDDEN}, 3],
        "Empty": {"Password": None},
        "Text": HIDDEN,
        "UserName": "op",
    }


def test_a_body_that_is_no_json_is_logged_by_its_size(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", RESET, b"\x00\x01")
    assert lab.fleet.records[-1]["body"] == {"bytes": 2}


def test_a_journal_without_a_file_closes_quietly() -> None:
    journal = Journal()
    journal.write("effect", "n1", effect="x", nothing=None)
    journal.close()
    assert journal.records[0]["effect"] == "x"
    assert "nothing" not in journal.records[0]

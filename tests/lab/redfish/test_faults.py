"""Each kind of fault on the wire: what the client sees, what was done, and what the log says."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.error
from typing import Any

import pytest

from aifactory_iac.lab.redfish.faults.reading import parse

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
ON = {"ResetType": "On"}


def _lab(plant: Any, do: Any, when: Any = None, **how: Any) -> Any:
    lab = plant(**how)
    lab.fleet.use(parse({"faults": [{"name": "the-fault", "when": when or {}, "do": do}]}))
    return lab


def _last_request(lab: Any) -> Any:
    return [record for record in lab.fleet.records if record["kind"] == "request"][-1]


def test_answer_says_what_it_is_told_and_does_nothing(plant: Any) -> None:
    lab = _lab(plant, {"kind": "answer", "status": 503, "retry_after": 7})
    told = lab.client()("POST", RESET, ON)

    assert (told.status, told.headers["Retry-After"], told.body) == (503, "7", None)
    assert lab.effects() == []
    record = _last_request(lab)
    assert (record["status"], record["fault"], record["done"], record["delivered"]) == (
        503,
        "the-fault",
        False,
        True,
    )


def test_answer_may_carry_a_body_or_a_message(plant: Any) -> None:
    lab = _lab(plant, {"kind": "answer", "status": 200, "body": {"Strange": True}})
    assert lab.client().get(SYSTEM)["Strange"] is True

    message = {"id": "Odd", "registry": "Oem.1.0", "text": "No."}
    lab = _lab(plant, {"kind": "answer", "status": 400, "message": message})
    told = lab.client()("GET", SYSTEM)
    assert (told.body["error"]["code"], told.body["error"]["message"]) == ("Oem.1.0.Odd", "No.")


def test_delay_is_real_time_and_adds_to_other_faults(plant: Any) -> None:
    lab = plant(pace=0.0)
    faults = [
        {"name": "slow", "do": {"kind": "delay", "seconds": 0.05}},
        {"name": "slower", "do": {"kind": "delay", "seconds": 0.05}},
        {"name": "no", "do": {"kind": "answer", "status": 500}},
    ]
    lab.fleet.use(parse({"faults": faults}))
    before = time.monotonic()
    assert lab.client()("GET", SYSTEM).status == 500
    assert time.monotonic() - before >= 0.1
    assert _last_request(lab)["fault"] == "no"


def test_requests_that_wait_are_counted_together(plant: Any) -> None:
    lab = _lab(plant, {"kind": "delay", "seconds": 0.2})
    threads = [
        threading.Thread(target=lab.client(), args=("GET", SYSTEM), daemon=True) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flights = [r["in_flight"] for r in lab.fleet.records if r["kind"] == "request"]
    assert sorted(flights) == [1, 2, 3, 4, 5]


def test_too_many_at_once_is_a_condition(plant: Any) -> None:
    lab = plant()
    faults = [
        {"name": "slow", "do": {"kind": "delay", "seconds": 0.2}},
        {"name": "busy", "when": {"in_flight_above": 2}, "do": {"kind": "answer", "status": 503}},
    ]
    lab.fleet.use(parse({"faults": faults}))
    statuses: list[int] = []
    client = lab.client()
    threads = [
        threading.Thread(target=lambda: statuses.append(client("GET", SYSTEM).status))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 503, 503]


@pytest.mark.parametrize(
    ("kind", "done", "effects"),
    [("drop", False, []), ("lose-answer", True, ["reset"])],
)
def test_a_connection_that_closes_without_an_answer_may_have_done_it_or_not(
    plant: Any, kind: str, done: bool, effects: list[str]
) -> None:
    lab = _lab(plant, {"kind": kind})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        lab.client()("POST", RESET, ON)

    assert lab.effects() == effects
    record = _last_request(lab)
    assert (record["done"], record["delivered"], record.get("status")) == (
        done,
        False,
        204 if done else None,
    )


def test_cut_body_promises_more_than_it_sends(plant: Any) -> None:
    lab = _lab(plant, {"kind": "cut-body"})
    with pytest.raises(http.client.IncompleteRead) as caught:
        lab.client()("GET", SYSTEM)
    assert len(caught.value.partial) > 100
    assert caught.value.expected is not None
    assert _last_request(lab)["delivered"] is False


def test_slow_body_comes_bit_by_bit_and_whole(plant: Any) -> None:
    lab = _lab(plant, {"kind": "slow-body", "seconds": 0.2})
    before = time.monotonic()
    assert lab.client().get(SYSTEM)["SerialNumber"] == "SN0001"
    assert time.monotonic() - before >= 0.2
    assert _last_request(lab)["delivered"] is True


def test_a_client_that_does_not_wait_for_a_slow_body_is_seen(plant: Any) -> None:
    lab = _lab(plant, {"kind": "slow-body", "seconds": 0.3})
    host = lab.fleet.endpoints["10.0.0.1"].removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.request("GET", "/redfish/v1")
    connection.getresponse()
    connection.close()
    for _ in range(100):
        done = [r for r in lab.fleet.records if r["kind"] == "request"]
        if done:
            break
        time.sleep(0.01)
    assert done[0]["delivered"] is False


def test_done_but_refused_does_it_and_says_it_did_not(plant: Any) -> None:
    lab = _lab(plant, {"kind": "done-but-refused", "status": 500})

    assert lab.client()("POST", RESET, ON).status == 500
    assert lab.effects() == ["reset"]
    assert _last_request(lab)["done"] is True


def test_done_but_refused_leaves_a_true_refusal_alone(plant: Any) -> None:
    lab = _lab(plant, {"kind": "done-but-refused"})
    assert lab.client()("POST", RESET, {"ResetType": "X"}).message == "PropertyValueNotInList"
    assert _last_request(lab)["done"] is False


def test_lie_says_it_is_done_to_whoever_may_ask(plant: Any) -> None:
    lab = _lab(plant, {"kind": "lie"})

    assert lab.client()("POST", RESET, ON).status == 204
    assert lab.effects() == []
    assert lab.client(login=None)("POST", RESET, ON).status == 401
    assert lab.client()("POST", "/redfish/v1/Nothing", ON).status == 404


def test_rewrite_takes_something_else(plant: Any) -> None:
    do = {
        "kind": "rewrite",
        "drop": ["Boot.HttpBootUri", "A.B"],
        "set": {"Boot.BootSourceOverrideMode": "Legacy", "C.D": 1},
    }
    lab = _lab(plant, do, {"method": "PATCH"})
    body = {"Boot": {"BootSourceOverrideTarget": "UefiHttp", "HttpBootUri": "http://x/y"}}

    assert lab.client()("PATCH", SYSTEM, body).status == 204
    boot = lab.client().get(SYSTEM)["Boot"]
    assert (boot["BootSourceOverrideMode"], boot["HttpBootUri"]) == ("Legacy", None)
    record = next(r for r in lab.fleet.records if r.get("method") == "PATCH")
    assert record["body"] == body


@pytest.mark.parametrize("body", [b"no json", b"[1]", b""])
def test_rewrite_leaves_what_is_no_object(plant: Any, body: bytes) -> None:
    lab = _lab(plant, {"kind": "rewrite", "set": {"a.b": 1}, "drop": ["c"]})
    assert lab.client()("POST", RESET, body).status == 400


def _is_refused(client: Any) -> bool:
    try:
        client("GET", "/redfish/v1")
    except urllib.error.URLError as error:
        return isinstance(error.reason, ConnectionRefusedError)
    return False


def test_gone_instead_of_an_answer(plant: Any) -> None:
    lab = _lab(plant, {"kind": "gone", "seconds": 10, "when": "instead"}, {"times": 1})
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        lab.client()("POST", RESET, ON)

    assert _is_refused(lab.client())
    lab.fleet.advance(10)
    assert lab.client().get("/redfish/v1")["Vendor"] == "Contoso"
    assert lab.effects() == ["unreachable", "reachable"]


def test_gone_after_an_answer_and_for_ever(plant: Any) -> None:
    lab = _lab(plant, {"kind": "gone"}, {"times": 1, "method": "POST"})

    assert lab.client()("POST", RESET, ON).status == 204
    lab.fleet.advance(0)
    assert _is_refused(lab.client())
    lab.fleet.advance(1e6)
    assert _is_refused(lab.client())
    assert lab.effects() == ["reset", "unreachable", "power", "boot"]


def test_gone_after_the_task_that_it_starts(plant: Any) -> None:
    lab = _lab(plant, {"kind": "gone", "seconds": 60, "when": "after-task"}, {"method": "POST"})
    body = {"ImageURI": "http://x/bios-1.1.0.bin", "Targets": ["BIOS"]}
    assert (
        lab.client()(
            "POST", "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate", body
        ).status
        == 202
    )
    lab.fleet.advance(89)
    assert not _is_refused(lab.client())
    lab.fleet.advance(1)
    assert _is_refused(lab.client())
    lab.fleet.advance(60)
    assert lab.client().get("/redfish/v1/TaskService/Tasks/1")["TaskState"] == "Completed"


def test_slow_effect_takes_so_many_times_as_long(plant: Any) -> None:
    lab = _lab(plant, {"kind": "slow-effect", "factor": 10}, {"times": 1, "method": "POST"})
    lab.client()("POST", RESET, ON)

    lab.fleet.advance(39)
    assert lab.client().get(SYSTEM)["PowerState"] == "PoweringOn"
    lab.fleet.advance(1)
    assert lab.client().get(SYSTEM)["PowerState"] == "On"


@pytest.mark.parametrize(
    ("ends", "state", "status", "version"),
    [
        ("exception", "Exception", "Critical", False),
        ("completed-critical", "Completed", "Critical", False),
        ("vanishes", None, None, False),
        ("monitor-vanishes", "Completed", "OK", True),
    ],
)
def test_tasks_that_end_otherwise(
    plant: Any, ends: str, state: str | None, status: str | None, version: bool
) -> None:
    lab = _lab(plant, {"kind": "task", "ends": ends}, {"method": "POST"})
    client = lab.client()
    body = {"ImageURI": "http://x/bios-1.1.0.bin", "Targets": ["BIOS"]}
    told = client("POST", "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate", body)
    lab.fleet.advance(90)

    task = client("GET", "/redfish/v1/TaskService/Tasks/1")
    assert (task.status == 404) is (state is None)
    if state is not None:
        assert (task.body["TaskState"], task.body["TaskStatus"]) == (state, status)
    gone = ends in ("vanishes", "monitor-vanishes")
    assert (client("GET", told.headers["Location"]).status == 404) is gone
    component = client.get("/redfish/v1/UpdateService/FirmwareInventory/BIOS")
    assert (component["Staged"], component["Status"]["State"]) == (
        version,
        "StandbySpare" if version else "Enabled",
    )


@pytest.mark.parametrize("by_token", [True, False])
def test_lockout_locks_whoever_asks(plant: Any, by_token: bool) -> None:
    lab = plant()
    client = lab.client()
    if by_token:
        told = client.log_in()
        client.token = told.headers["X-Auth-Token"]
    lab.fleet.use(
        parse({"faults": [{"name": "lock", "when": {"times": 1}, "do": {"kind": "lockout"}}]})
    )
    client("GET", SYSTEM)

    assert "lockout" in lab.effects()
    assert lab.client()("GET", SYSTEM).status == 401
    lab.fleet.advance(300)
    assert lab.client()("GET", SYSTEM).status == 200


def test_lockout_of_nobody_is_nothing(plant: Any) -> None:
    lab = _lab(plant, {"kind": "lockout"})
    assert lab.client(login=None)("GET", SYSTEM).status == 401
    assert lab.client(login=None, token="feed")("GET", SYSTEM).status == 401
    assert lab.effects() == []


def test_session_limit_is_there_until_it_is_lifted(plant: Any) -> None:
    lab = _lab(plant, {"kind": "session-limit", "sessions": 0})
    client = lab.client()

    assert client.log_in().message == "SessionLimitExceeded"
    lab.fleet.use(parse({"faults": []}))
    assert client.log_in().status == 201


def test_identity_is_another_machine_for_as_long(plant: Any) -> None:
    do = {"kind": "identity", "serial": "SX", "uuid": "u-x", "macs": ["02:ff:ff:ff:ff:ff"]}
    lab = _lab(plant, do, model="dgx-h100")
    client = lab.client()
    told = client.get("/redfish/v1/Systems/DGX")

    assert (told["SerialNumber"], told["UUID"]) == ("SX", "u-x")
    assert client.get("/redfish/v1/Chassis/DGX")["SerialNumber"] == "SX"
    ports = "/redfish/v1/Systems/DGX/EthernetInterfaces"
    assert client.get(f"{ports}/EthernetInterface0")["MACAddress"] == "02:ff:ff:ff:ff:ff"
    lab.fleet.use(parse({"faults": []}))
    assert client.get("/redfish/v1/Systems/DGX")["SerialNumber"] == "SN0001"


@pytest.mark.parametrize(
    ("when", "met"),
    [
        ({}, [1, 2, 3, 4]),
        ({"nth": 2}, [2, 3, 4]),
        ({"times": 2}, [1, 2]),
        ({"nth": 2, "times": 1}, [2]),
        ({"method": "POST"}, []),
        ({"method": ["POST", "GET"]}, [1, 2, 3, 4]),
        ({"machine": "n0002"}, []),
        ({"machine": "n*"}, [1, 2, 3, 4]),
        ({"model": "dgx-*"}, []),
        ({"model": "gen*"}, [1, 2, 3, 4]),
        ({"path": "/redfish/v1/Sys*"}, [1, 2, 3, 4]),
        ({"path": "/redfish/v1/Systems"}, []),
        ({"path": {"contains": "System.1"}}, [1, 2, 3, 4]),
        ({"path": {"contains": "Chassis"}}, []),
        ({"path": {"regex": "System[.][0-9]$"}}, [1, 2, 3, 4]),
        ({"path": {"regex": "^System"}}, []),
        ({"body": {"ResetType": "On"}}, []),
    ],
)
def test_which_requests_a_fault_meets(plant: Any, when: Any, met: list[int]) -> None:
    lab = _lab(plant, {"kind": "answer", "status": 500}, when)
    client = lab.client()
    assert [n for n in range(1, 5) if client("GET", SYSTEM).status == 500] == met


def test_counts_are_each_machines_own(plant: Any) -> None:
    lab = _lab(plant, {"kind": "answer", "status": 500}, {"times": 1}, count=2)
    for name in ("n0001", "n0002"):
        assert [lab.client(name)("GET", SYSTEM).status for _ in range(2)] == [500, 200]


def test_a_body_condition_looks_deep(plant: Any) -> None:
    lab = _lab(
        plant,
        {"kind": "answer", "status": 500},
        {"body": {"Boot.BootSourceOverrideEnabled": "Once"}},
    )
    client = lab.client()

    assert client("PATCH", SYSTEM, {"Boot": {"BootSourceOverrideEnabled": "Once"}}).status == 500
    assert (
        client("PATCH", SYSTEM, {"Boot": {"BootSourceOverrideEnabled": "Disabled"}}).status == 204
    )
    assert client("PATCH", SYSTEM, {"Boot": 3}).status == 400
    assert client("PATCH", SYSTEM, b"{").status == 400


def test_chance_is_the_same_for_the_same_seed(plant: Any) -> None:
    def run(seed: int) -> list[int]:
        lab = plant()
        rule = {"name": "x", "when": {"probability": 0.5}, "do": {"kind": "answer", "status": 500}}
        lab.fleet.use(parse({"seed": seed, "faults": [rule]}))
        client = lab.client()
        return [client("GET", "/redfish/v1").status for _ in range(24)]

    first = run(1)
    assert first == run(1)
    assert first != run(2)
    assert {200, 500} == set(first)

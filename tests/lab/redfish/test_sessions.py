"""Sessions: a token for a login, no more than the controller bears, and none for ever."""

from __future__ import annotations

from typing import Any

from aifactory_iac.lab.redfish.numbered import LOGIN

SESSIONS = "/redfish/v1/SessionService/Sessions"
GOOD = {"UserName": LOGIN.username, "Password": LOGIN.password}


def _log_in(lab: Any) -> Any:
    return lab.client(login=None)("POST", SESSIONS, GOOD)


def test_a_login_gives_a_token_and_a_place_to_end_it(plant: Any) -> None:
    lab = plant()
    told = _log_in(lab)

    assert told.status == 201
    assert told.headers["Location"] == f"{SESSIONS}/1"
    assert told.body["UserName"] == LOGIN.username
    assert told.body["Password"] is None
    client = lab.client(login=None, token=told.headers["X-Auth-Token"])
    assert client.get(SESSIONS)["Members"] == [{"@odata.id": f"{SESSIONS}/1"}]
    assert client.get(f"{SESSIONS}/1")["Id"] == "1"


def test_a_session_that_is_ended_is_over(plant: Any) -> None:
    lab = plant()
    told = _log_in(lab)
    client = lab.client(login=None, token=told.headers["X-Auth-Token"])

    assert client("DELETE", told.headers["Location"]).status == 204
    assert client("GET", SESSIONS).status == 401
    assert lab.effects() == ["session-opened", "session-closed"]
    assert lab.client()("DELETE", told.headers["Location"]).status == 404


def test_the_ninth_session_is_refused(plant: Any) -> None:
    lab = plant()
    for _ in range(8):
        assert _log_in(lab).status == 201

    told = _log_in(lab)
    assert (told.status, told.message) == (503, "SessionLimitExceeded")
    assert lab.client().get(SESSIONS)["Members@odata.count"] == 8


def test_unused_sessions_time_out_and_used_ones_do_not(plant: Any) -> None:
    lab = plant()
    used, unused = _log_in(lab), _log_in(lab)
    lab.fleet.advance(1000)
    assert lab.client(login=None, token=used.headers["X-Auth-Token"])("GET", SESSIONS).status == 200
    lab.fleet.advance(1000)

    assert lab.client(login=None, token=used.headers["X-Auth-Token"])("GET", SESSIONS).status == 200
    assert (
        lab.client(login=None, token=unused.headers["X-Auth-Token"])("GET", SESSIONS).status == 401
    )
    assert lab.effects() == ["session-opened", "session-opened", "session-expired"]


def test_a_login_without_a_password_is_told_what_is_missing(plant: Any) -> None:
    told = plant().client(login=None)("POST", SESSIONS, {"UserName": "x"})

    assert (told.status, told.message) == (400, "PropertyMissing")
    assert told.body["error"]["@Message.ExtendedInfo"][0]["MessageArgs"] == ["Password"]


def test_a_made_up_token_is_refused_and_counts_as_no_failed_login(plant: Any) -> None:
    lab = plant()
    assert lab.client(login=None, token="feed")("GET", SESSIONS).status == 401
    assert lab.effects() == []


def test_the_service_tells_its_time_out(plant: Any) -> None:
    assert plant().client().get("/redfish/v1/SessionService")["SessionTimeout"] == 1800


def test_dmtf_form_of_the_collection_path_is_taken_too(plant: Any) -> None:
    told = plant().client(login=None)("POST", f"{SESSIONS}/Members", GOOD)
    assert told.status == 201

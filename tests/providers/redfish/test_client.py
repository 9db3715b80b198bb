"""What a client does with every way in which a request can end."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from aifactory_iac.providers.redfish.client import ReadRetries
from aifactory_iac.providers.redfish.connections import Outgoing, Timeouts
from aifactory_iac.providers.redfish.outcome import (
    BusyError,
    CancelledWriteError,
    FaultError,
    ForbiddenError,
    FrozenError,
    GarbledError,
    LostAnswerError,
    MissingError,
    RefusedError,
    RejectedError,
    SlowBodyError,
    StaleError,
    TimedOutError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.trust import TrustPolicy
from aifactory_iac.providers.secrets import Credentials

SYSTEM = "/redfish/v1/Systems/System.1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
SESSIONS = "/redfish/v1/SessionService/Sessions"


def fault(when: str, do: str) -> str:
    return f"faults: [{{name: f, when: {when}, do: {do}}}]"


ON_RESET = '{method: POST, path: "*.Reset"}'
ON_SYSTEM = '{method: GET, path: "*/Systems/System.1"}'


def reset(client):
    return client.post(RESET, {"ResetType": "ForceRestart"})


@pytest.mark.parametrize(
    ("do", "error", "happened"),
    [
        ("{kind: lose-answer}", LostAnswerError, "unknown"),
        ("{kind: done-but-refused, status: 500}", FaultError, "unknown"),
        ("{kind: answer, status: 503, retry_after: 7}", BusyError, "no"),
        ("{kind: answer, status: 429}", BusyError, "no"),
        ("{kind: answer, status: 409}", RejectedError, "no"),
        ("{kind: answer, status: 403}", ForbiddenError, "no"),
        ("{kind: answer, status: 404}", MissingError, "no"),
        ("{kind: answer, status: 412}", StaleError, "no"),
    ],
)
def test_a_reset_is_sent_once_however_it_ends(line, do, error, happened):
    """sushy sends it three times when its answer is lost, as tests/lab/redfish shows."""
    lab = line(fault(ON_RESET, do), power="On")
    with pytest.raises(error) as caught:
        lab.run(reset)
    assert caught.value.happened == happened
    assert lab.requests("POST").count(f"POST {RESET}") == 1
    assert lab.hands.slept == []


IMPATIENT = Timeouts(connect=1, answer=0.3, whole=0.6)


def test_a_reset_whose_answer_is_late_is_one_reset(line):
    lab = line(fault(ON_RESET, "{kind: delay, seconds: 2}"), timed=True, power="On")
    lab.options["timeouts"] = IMPATIENT

    async def impatient(client):
        await client.get(SYSTEM)
        outgoing = Outgoing("POST", client.base + RESET, {"ResetType": "ForceRestart"})
        outgoing = replace(outgoing, timeouts=IMPATIENT)
        return await client._sent(outgoing, named=True)

    with pytest.raises(TimedOutError) as caught:
        lab.run(impatient)
    assert caught.value.happened == "unknown"


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("{kind: slow-body, seconds: 2}", "the answer began and did not end in time"),
        ("{kind: cut-body}", "the answer broke off"),
    ],
)
def test_an_answer_that_never_ends_is_told_from_one_that_never_comes(line, do, reason):
    lab = line(fault(ON_SYSTEM, do), timed=True)
    lab.options |= {"timeouts": IMPATIENT, "retries": ReadRetries(most=0)}
    with pytest.raises(SlowBodyError, match=reason):
        lab.run(lambda client: client.get(SYSTEM))


def test_a_reset_that_nobody_answers_is_one_reset(line):
    lab = line(fault(ON_RESET, "{kind: lose-answer}"), power="On")
    with pytest.raises(LostAnswerError):
        lab.run(reset)
    assert len(lab.effects("reset")) == 1


def test_a_read_is_asked_again_and_waits_longer_each_time(line):
    lab = line(fault(ON_SYSTEM, "{kind: answer, status: 500}"))
    with pytest.raises(FaultError):
        lab.run(lambda client: client.get(SYSTEM))
    assert lab.hands.slept == [1.0, 2.0, 4.0]
    assert lab.requests("GET").count(f"GET {SYSTEM}") == 4


def test_retry_after_is_kept(line):
    lab = line(
        'faults: [{name: f, when: {method: GET, path: "*/Systems/System.1", times: 2}, '
        "do: {kind: answer, status: 503, retry_after: 17}}]"
    )
    found = lab.run(lambda client: client.get(SYSTEM))
    assert found.body["SerialNumber"] == "SN0001"
    assert lab.hands.slept == [17.0, 17.0]


@pytest.mark.parametrize("status", [400, 404, 405, 412])
def test_what_a_read_is_refused_for_good_is_not_asked_again(line, status):
    lab = line(fault(ON_SYSTEM, f"{{kind: answer, status: {status}}}"))
    with pytest.raises((RejectedError, MissingError, StaleError)):
        lab.run(lambda client: client.get(SYSTEM))
    assert lab.hands.slept == []


def test_nobody_listening_is_refused_and_not_a_timeout(line):
    lab = line()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        lab.base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(RefusedError) as caught:
            lab.run(lambda client: client.service())
    assert caught.value.happened == "no"
    assert len(lab.hands.slept) == 3


def test_an_answer_that_is_no_json_is_garbled(line):
    lab = line()
    lab.base = lab.base or next(iter(lab.fleet.endpoints.values()))
    with pytest.raises((GarbledError, RejectedError)):
        lab.run(lambda client: client.post("/redfish/v1/Systems", {}))


def test_a_wrong_password_is_sent_once_in_all_runs_until_it_changes(line):
    lab = line()
    lab.credentials = Credentials("operator", "not-that-one")
    for _ in range(3):
        with pytest.raises(UnauthorizedError):
            lab.run(lambda client: client.get(SYSTEM))
    assert len(lab.effects("login-failed")) == 1
    lab.credentials = Credentials("operator", "correct-horse-1")
    assert lab.run(lambda client: client.get(SYSTEM)).status == 200


def test_no_secret_is_in_any_error_or_representation(line):
    lab = line()
    lab.credentials = Credentials("operator", "not-that-one")
    shown = []

    async def ask(client):
        shown.append(repr(client))
        return await client.get(SYSTEM)

    with pytest.raises(UnauthorizedError) as caught:
        lab.run(ask)
    assert "not-that-one" not in f"{caught.value} {shown}"
    kept = "".join(place.read_text(errors="ignore") for place in lab.folder.rglob("*.json"))
    assert "not-that-one" not in kept


def test_one_session_serves_a_conversation_and_is_closed(line):
    lab = line()

    async def several(client):
        return [await client.get(SYSTEM) for _ in range(5)]

    lab.run(several)
    assert lab.requests("POST") == [f"POST {SESSIONS}"]
    assert lab.requests("DELETE") == [f"DELETE {SESSIONS}/1"]


def test_a_session_that_a_killed_run_left_open_is_ended_by_the_next(line):
    lab = line()
    lab.run(lambda client: client.get(SYSTEM), close=False)
    assert lab.effects("session-closed") == []
    lab.run(lambda client: client.get(SYSTEM))
    assert len(lab.effects("session-opened")) == 2
    assert len(lab.effects("session-closed")) == 2


def test_without_a_free_session_the_password_goes_along(line):
    lab = line("faults: [{use: gofish-75-session-limit}]")
    assert lab.run(lambda client: client.get(SYSTEM)).status == 200
    assert lab.requests("POST").count(f"POST {SESSIONS}") == 1


def test_a_session_that_the_controller_ended_is_opened_anew_once(line):
    lab = line()

    async def twice(client):
        await client.get(SYSTEM)
        lab.fleet.call(lab.fleet.machines["n0001"].sessions.clear)
        return await client.get(SYSTEM)

    assert lab.run(twice).status == 200
    assert lab.requests("POST") == [f"POST {SESSIONS}"] * 2


def test_no_more_requests_are_in_flight_than_allowed(line):
    import asyncio

    lab = line()

    async def many(client):
        await asyncio.gather(*(client.get(SYSTEM) for _ in range(40)))

    lab.run(many)
    most = max(each["in_flight"] for each in lab.fleet.journal.records if each["kind"] == "request")
    assert 1 <= most <= 4


@pytest.mark.parametrize(("why", "error"), [("frozen", FrozenError), ("x", CancelledWriteError)])
def test_a_write_that_may_not_be_begun_is_not_sent(line, why, error):
    lab = line(power="On")
    lab.options["may_write"] = lambda: why
    with pytest.raises(error):
        lab.run(reset)
    assert RESET not in "".join(lab.requests("POST"))


def test_a_certificate_of_the_sites_authority_is_trusted(line):
    lab = line(tls=True)
    assert lab.run(lambda client: client.get(SYSTEM)).status == 200


@pytest.mark.parametrize(
    "trust", [TrustPolicy("system-ca"), TrustPolicy("pinned", fingerprint="00" * 32)]
)
def test_another_certificate_is_untrusted_and_asked_once(line, trust):
    lab = line(tls=True)
    lab.trust = trust
    with pytest.raises(UntrustedError):
        lab.run(lambda client: client.service())
    assert lab.requests() == []
    assert lab.hands.slept == []


def test_a_pinned_certificate_is_trusted_by_its_digest(line):
    import asyncio

    from aifactory_iac.providers.machine.certificate import served

    lab = line(tls=True)
    digest = asyncio.run(served(next(iter(lab.fleet.endpoints.values()))))
    lab.trust = TrustPolicy("pinned", fingerprint=digest)
    assert lab.run(lambda client: client.get(SYSTEM)).status == 200


@pytest.mark.parametrize(
    "name",
    ["certificate-expired", "certificate-of-another-host", "certificate-of-unknown-authority"],
)
def test_certificates_that_are_wrong_in_other_ways(line, name):
    lab = line(f"faults: [{{use: {name}}}]", tls=True)
    with pytest.raises(UntrustedError, match="the certificate is not trusted"):
        lab.run(lambda client: client.service())

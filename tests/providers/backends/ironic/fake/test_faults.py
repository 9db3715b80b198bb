"""Everything that can go wrong between us and Ironic: told apart, and never asked for twice."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.backends.choosing import BackendError
from aifactory_iac.providers.backends.ironic.states import PROVISION, provision
from aifactory_iac.providers.machine.lifecycle import State

SWAPPED = (
    "Ironic's node n0001 has its BMC at https://10.0.0.99, not at https://10.0.0.1: one of the two "
    "is wrong, or the machines were swapped"
)
LOST = (0, {}, b"")
"""The request is carried out, and its answer dropped."""


def once(method, ending, answer):
    """The next request of that kind gets this answer."""
    left = [answer]

    def wrong(asked, path):
        return left.pop() if left and asked == method and path.endswith(ending) else None

    return wrong


@pytest.mark.parametrize(
    ("method", "ending"), [("POST", "/nodes"), ("PUT", "/provision")], ids=["enrol", "order"]
)
def test_a_lost_answer_is_followed_by_a_look_and_never_by_the_same_again(
    bench, ironic, method, ending
):
    ironic.wrong = once(method, ending, LOST)
    result = bench.run("converge", bench.intent())
    assert (result.error, result.state) == ("", State.AVAILABLE)
    assert ironic.writes == ["POST nodes", "PUT provision manage", "PUT provision inspect"]


def test_a_lost_answer_to_a_power_order_is_looked_into(bench, ironic):
    bench.enrolled()
    ironic.wrong = once("PUT", "/power", LOST)
    result = bench.run("converge", bench.intent(power="On"))
    assert (result.error, result.power, ironic.writes) == ("", "On", ["PUT power power on"])


def test_a_lost_order_that_was_not_carried_out_is_left_for_the_next_run(bench, ironic):
    bench.enrolled()
    ironic.wrong = once("PUT", "/power", (500, {}, {"error_message": "database is locked"}))
    result = bench.run("converge", bench.intent(power="On"))
    assert result.state is State.QUARANTINED
    assert result.error == (
        "Ironic was told to power it on, and nothing is seen of it: it is not told again before "
        "the next run"
    )
    assert ironic.writes == ["PUT power power on"]
    assert 60 <= sum(bench.clock.slept) < 90


def test_an_order_that_is_accepted_and_does_nothing_is_given_once(bench, ironic):
    bench.enrolled()
    ironic.ignores = {"power on", "inspect"}
    assert "nothing is seen of it" in bench.run("converge", bench.intent(power="On")).error
    assert ironic.writes == ["PUT power power on"]


def test_a_locked_node_is_waited_for(bench, ironic):
    bench.enrolled()
    ironic.locked = 3
    result = bench.run("converge", bench.intent(power="On"))
    assert (result.error, result.power) == ("", "On")
    assert ironic.writes == ["PUT power power on"] * 4


def test_a_node_that_is_locked_whenever_it_is_told_something_is_left(bench, ironic):
    bench.enrolled()
    ironic.locked = 1000
    result = bench.run("converge", bench.intent(power="On"))
    assert result.error == "Ironic's node is locked whenever it is told something"
    assert len(ironic.writes) == 9


def test_a_lock_that_nobody_lets_go_of_is_waited_for_no_longer_than_five_minutes(bench, ironic):
    bench.enrolled(reservation="conductor-2")
    result = bench.run("converge", bench.intent(power="On"))
    assert result.error == "Ironic's conductor-2 has locked it, for longer than 300 s"
    assert ironic.writes == []
    assert 300 <= sum(bench.clock.slept) < 330


def test_a_move_that_never_ends_is_left_after_its_time(bench, ironic):
    bench.enrolled()
    ironic.looks = 100_000
    result = bench.run("converge", bench.intent(install=bench.install()))
    assert result.error == "Ironic is inspecting for longer than 1800 s"
    assert ironic.writes == ["PUT provision inspect"]


@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("manage", "Ironic could not have Ironic verify its BMC: 401 from the BMC"),
        ("inspect", "Ironic could not read its identity by an inspection: 401 from the BMC"),
        ("provide", "Ironic could not make it available, without cleaning: 401 from the BMC"),
        ("active", "Ironic could not deploy live: 401 from the BMC"),
    ],
)
def test_a_move_that_fails_quarantines_the_machine_with_ironics_own_words(
    bench, ironic, target, error
):
    ironic.fails = {target: "401 from the BMC"}
    result = bench.run("converge", bench.intent(install=bench.install()))
    assert (result.state, result.error) == (State.QUARANTINED, error)
    assert result.quarantine.attempts == 1
    assert [each for each in ironic.writes if each.endswith(target)] == [f"PUT provision {target}"]
    again = bench.run("converge", bench.intent(), result)
    assert again.quarantine is None or again.quarantine.attempts == 2


def test_power_that_fails(bench, ironic):
    bench.enrolled()
    ironic.fails = {"power on": "no such reset type"}
    result = bench.run("converge", bench.intent(power="On"))
    assert result.error == "Ironic could not power it on: no such reset type"


def test_a_failed_deploy_stays_until_somebody_says_that_it_may_be_done_again(bench, ironic):
    bench.enrolled(provision="deploy failed", last_error="no lease")
    assert bench.run("converge", bench.intent()).error == "Ironic says `deploy failed`: no lease"
    assert (
        "approval of `install`"
        in bench.run("converge", bench.intent(install=bench.install())).error
    )
    assert ironic.writes == []


def test_a_bmc_that_refused_gets_the_new_secret_with_the_next_run(bench, ironic):
    ironic.fails = {"manage": "BMC refused the password"}
    refused = bench.run("converge", bench.intent())
    assert refused.state is State.QUARANTINED
    ironic.fails.clear()
    bench.secrets["BMC"] = "operator:a new one"
    accepted = bench.run("converge", bench.intent(), refused)
    assert (accepted.error, accepted.did[0]) == ("", "set redfish_password of its node")
    assert ironic.nodes["n0001"]["driver_info"]["redfish_password"] == "a new one"


def test_another_user_comes_with_its_password(bench, ironic):
    bench.enrolled()
    bench.secrets["BMC"] = "other:its own"
    result = bench.run("converge", bench.intent())
    assert result.did == ("set redfish_password, redfish_username of its node",)


def test_a_masked_password_is_no_difference(bench, ironic):
    bench.enrolled()
    bench.secrets["BMC"] = "operator:changed since"
    assert bench.run("converge", bench.intent()).did == ()


def test_a_change_that_does_not_stick_is_made_once(bench, ironic):
    bench.enrolled(automated_clean=True)
    ironic.wrong = lambda method, _path: (200, {}, {}) if method == "PATCH" else None
    result = bench.run("converge", bench.intent())
    assert result.error == "Ironic took `set automated_clean of its node`, and it had no effect"
    assert len(ironic.writes) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"driver": "ipmi"}, "its driver is `ipmi`, and only `redfish` is known to us"),
        ({"maintenance": True, "maintenance_reason": "fan"}, "it is in maintenance: fan"),
        ({"protected": True, "protected_reason": "demo"}, "it is protected: demo"),
        ({"retired": True}, "it is retired"),
        ({"instance_uuid": "i-1"}, "it is reserved by another (instance i-1)"),
        ({"allocation_uuid": "a-1"}, "it is reserved by another (allocation a-1)"),
        ({"lessee": "p-1"}, "it is reserved by another (lessee p-1)"),
        ({"owner": "p-2"}, "it belongs to p-2"),
        ({"extra": {"aifactory": {"machine": "n0007"}}}, "it was enrolled as `n0007`"),
        ({"provision": "service wait"}, "it is in `service wait`, which we never ask for"),
        (
            {"driver_info": {"redfish_address": "https://10.0.0.99"}},
            SWAPPED,
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_somebody_elses_is_left_alone(bench, ironic, fields, reason):
    bench.enrolled(**fields)
    result = bench.run("converge", bench.intent(power="On"))
    assert (result.state, result.error, ironic.writes) == (State.QUARANTINED, reason, [])


def test_several_reasons_come_together(bench, ironic):
    bench.enrolled(maintenance=True, protected=True)
    result = bench.run("converge", bench.intent())
    assert result.error == (
        "it is in maintenance: no reason is given; it is protected: no reason is given"
    )


def test_our_own_project_is_no_other(bench, ironic):
    bench.backend = {"options": {"owner": "p-2"}}
    bench.enrolled(owner="p-2")
    assert bench.run("converge", bench.intent()).settled


def test_a_bmc_that_ironic_knows_by_another_name_is_not_enrolled(bench, ironic):
    bench.enrolled(1)
    ironic.nodes["old"] = {**ironic.nodes.pop("n0001"), "name": "old"}
    result = bench.run("converge", bench.intent())
    assert result.error == "Ironic knows the BMC at https://10.0.0.1 as old"
    assert ironic.writes == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_secret_is_sent_once(bench, ironic, status):
    ironic.wrong = lambda _method, _path: (status, {}, {"error_message": "no"})
    before = bench.run("observe", bench.intent())
    assert (before.state, before.stale) == (State.QUARANTINED, True)
    assert before.error.startswith(
        f"GET {ironic.url.partition('://')[2]}/v1/nodes/n0001: {status}: no"
    )
    assert len(ironic.passed) == 1


def test_a_busy_ironic_is_asked_again_when_it_says(bench, ironic):
    bench.enrolled()
    ironic.wrong = once("GET", "/n0001", (503, {"Retry-After": "9"}, {}))
    assert bench.run("observe", bench.intent()).error == ""
    assert bench.clock.slept == [9.0]


def test_a_busy_ironic_that_asks_for_an_hour_is_not_waited_for(bench, ironic):
    before = bench.run("observe", bench.intent())
    ironic.wrong = lambda _method, _path: (503, {"Retry-After": "3600"}, {})
    result = bench.run("observe", bench.intent(), before)
    assert (result.stale, result.state, bench.clock.slept) == (True, before.state, [])


def test_an_ironic_that_is_broken_leaves_everything_as_it_was_seen(bench, ironic):
    bench.enrolled()
    seen = bench.run("observe", bench.intent())
    for answer in ((500, {}, b"<html>"), (200, {}, b"<html>")):
        ironic.wrong = lambda _method, _path, answer=answer: answer
        result = bench.run("converge", bench.intent(power="On"), seen)
        assert (result.stale, result.identity, result.power) == (True, seen.identity, "Off")
        assert result.state is seen.state


def test_nobody_listens(bench, ironic):
    bench.backend = {"url": "http://127.0.0.1:9"}
    result = bench.run("observe", bench.intent())
    assert (result.state, result.stale, result.quarantine) == (State.DECLARED, True, None)
    assert len(bench.clock.slept) == 3


def test_a_refusal_is_ironics_own_words(bench, ironic):
    body = {"error_message": {"faultstring": "Cannot create node with invalid name"}}
    ironic.wrong = once("POST", "/nodes", (400, {}, body))
    result = bench.run("converge", bench.intent())
    assert result.error == "Ironic refused: 400: Cannot create node with invalid name"


def test_a_busy_ironic_is_given_no_order_twice(bench, ironic):
    ironic.wrong = once("POST", "/nodes", (503, {}, {"error_message": "overloaded"}))
    result = bench.run("converge", bench.intent())
    assert "503: overloaded" in result.error
    assert ironic.writes == ["POST nodes"]


def test_a_node_that_goes_away_meanwhile(bench, ironic):
    bench.enrolled()
    ironic.looks = 1000
    bench.clock.on_sleep = ironic.nodes.clear
    result = bench.run("converge", bench.intent(power="On"))
    assert result.error == "its node has gone from Ironic meanwhile"


def test_a_secret_that_cannot_be_had(bench, ironic):
    result = bench.run("converge", bench.intent(credentials={"store": "safe", "path": "x"}))
    assert "there is no store of that kind" in result.error
    assert ironic.passed == []


def test_credentials_go_where_they_belong(bench, ironic):
    bench.secrets |= {"IRONIC": "admin:pass", "TOKEN": "t0ken\n"}
    for auth, path, header, value in (
        ("basic", "IRONIC", "Authorization", "Basic YWRtaW46cGFzcw=="),
        ("token", "TOKEN", "X-Auth-Token", "t0ken"),
    ):
        bench.backend = {"auth": auth, "credentials": {"store": "env", "path": path}}
        bench.run("observe", bench.intent())
        assert ironic.headers[-1][header] == value
    bench.backend = {"auth": "token", "credentials": {"store": "safe", "path": "x"}}
    with pytest.raises(BackendError, match="there is no store of that kind"):
        bench.run("observe", bench.intent())


def test_nothing_shows_a_secret(bench, ironic):
    ironic.fails = {"manage": "no"}
    result = bench.run("converge", bench.intent())
    assert "correct-horse-1" not in repr(result) + repr(bench.said)


@pytest.mark.parametrize("name", sorted(PROVISION))
def test_every_state_that_we_know_leads_somewhere(name):
    row = provision(name)
    assert row.kind in ("resting", "moving", "failed", "foreign")
    assert isinstance(row.state, State)
    assert (row.limit > 0) == (row.kind == "moving")


def test_a_power_change_that_never_ends(bench, ironic):
    bench.enrolled()
    ironic.looks = 100_000
    result = bench.run("converge", bench.intent(power="On"))
    assert result.error == "Ironic is manageable for longer than 900 s"
    assert ironic.writes == ["PUT power power on"]


def test_a_state_that_we_do_not_know_is_foreign():
    assert (provision("rescue").kind, provision("dreaming").kind) == ("foreign", "foreign")

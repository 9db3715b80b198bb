"""Deferred values in a second plan: the last state has them, the machine's environment does not."""

from __future__ import annotations

import json

import pytest

from aifactory_iac.deploy import Deployment, Op, plan_units
from aifactory_iac.deploy.recall import deferred, recalled
from aifactory_iac.deploy.state import State, StateResource
from aifactory_iac.findings import Severity
from aifactory_iac.program.planned import Secret
from aifactory_iac.program.unit import Call, FromEnvironment, ProviderCall, Unit

PLACE = Deployment(project="factory", stack="dev")
PREFIX = "urn:pulumi:dev.cloud.keys::factory::"
KEY, PROVIDER = f"{PREFIX}aifactory:aws:Key::lake", f"{PREFIX}pulumi:providers:aws::cloud"
ACCOUNT = FromEnvironment("AWS_ACCOUNT_ID")


def keys(site="cloud", account=ACCOUNT):
    provider = ProviderCall(site, "aws", {"allowed_account_ids": (account,), "region": "us-east-1"})
    arguments = {"alias": "lake", "description": "Lake", "account_id": account,
                 "region": "us-east-1", "services": (), "tags": {}}  # fmt: skip
    return Unit(site, "keys", (provider,), (Call("aws.keys:Key", "lake", arguments),), ())


def state(*rows):
    return State(resources={row.urn: row for row in rows}, digest="d")


def row(urn, **inputs):
    return StateResource(urn, urn.split("::")[2], custom=False, id="", inputs=inputs, outputs={})


def recall(*rows, unit=None):
    return recalled((unit or keys(),), PLACE, {"cloud/keys": state(*rows)})


def test_a_unit_says_what_it_defers():
    assert deferred(keys()) == {"AWS_ACCOUNT_ID"}
    assert deferred(keys(account="123456789012")) == frozenset()


def test_a_component_holds_the_value_at_the_place_of_its_argument():
    assert recall(row(KEY, account_id="123456789012")) == {"AWS_ACCOUNT_ID": "123456789012"}


def test_a_provider_holds_its_settings_in_camel_case_and_as_json():
    found = recall(row(PROVIDER, allowedAccountIds='["123456789012"]'))
    assert found == {"AWS_ACCOUNT_ID": "123456789012"}


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"account_id": None},
        {"account_id": Secret("123456789012")},
        {"account_id": ["123456789012"]},
    ],
    ids=["absent", "null", "secret", "another shape"],
)
def test_what_is_not_plain_text_is_not_recalled(inputs):
    assert recall(row(KEY, **inputs)) == {}


@pytest.mark.parametrize("setting", ["[", '["1", "2"]', "{}", "1"])
def test_a_provider_with_other_settings_tells_nothing(setting):
    assert recall(row(PROVIDER, allowedAccountIds=setting)) == {}


def test_a_variable_that_was_different_in_two_places_is_left_out():
    rows = (row(KEY, account_id="1"), row(PROVIDER, allowedAccountIds='["2"]'))
    assert recall(*rows) == {}


def test_what_was_never_applied_tells_nothing():
    assert recalled((keys(),), PLACE, {}) == {}


@pytest.fixture
def applied():
    """The state that applying the unit with an account leaves, as our own program registers it."""
    (first,) = plan_units((keys(account="123456789012"),), PLACE)
    rows = []
    for resource in first.resources:
        computed = {"arn": "arn:aws:kms:::key/1"} if resource.custom else {}
        rows.append(
            StateResource(
                urn=resource.urn,
                type=resource.type,
                custom=resource.custom,
                id="key-1" if resource.custom else "",
                inputs={**resource.inputs, **({"targetKeyId": "key-1"}
                        if resource.name == "lake-alias" else {})},
                outputs={**resource.inputs, **computed},
                parent=resource.parent,
                provider=resource.provider,
            )
        )  # fmt: skip
    return state(*rows)


def test_the_second_plan_of_a_deferred_account_is_empty_and_says_what_it_takes(
    applied, monkeypatch
):
    monkeypatch.setenv("AWS_ACCOUNT_ID", "999999999999")
    (plan,) = plan_units((keys(),), PLACE, {"cloud/keys": applied})
    assert {change.op for change in plan.changes} == {Op.SAME}
    assert [(each.rule, each.severity, each.message) for each in plan.findings] == [
        (
            "AIF-PLN-015",
            Severity.INFO,
            "`AWS_ACCOUNT_ID` is taken to be what it was when the factory was last applied.",
        )
    ]


def test_what_is_added_to_an_applied_factory_gets_the_value_too(applied):
    unit = keys()
    more = Unit("cloud", "keys", unit.providers, (*unit.calls, second(unit)), ())
    (plan,) = plan_units((more,), PLACE, {"cloud/keys": applied})
    made = {change.name: change.inputs for change in plan.changes if change.op is Op.CREATE}
    assert sorted(made) == ["audit", "audit-alias", "audit-key"]
    assert made["audit"]["account_id"] == "123456789012"
    statements = json.loads(made["audit-key"]["policy"])["Statement"]
    assert statements[0]["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}


def second(unit):
    return Call("aws.keys:Key", "audit", {**unit.calls[0].args, "alias": "audit"})

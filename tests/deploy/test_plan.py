"""The plan of several units: ports, the document, its schema, its seal, and what never is in it."""

from __future__ import annotations

import copy
import json

import jsonschema
import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import (
    Deployment,
    FileBackend,
    Op,
    Plan,
    construct_units,
    load_states,
    moved,
    plan_schema,
    plan_units,
    planned_resources,
    seal,
    verify_seal,
)
from aifactory_iac.deploy.sealing import canonical, digest_of
from aifactory_iac.deploy.state import State
from aifactory_iac.program.planned import UNKNOWN, Secret
from aifactory_iac.program.unit import Call, Give, Ref, Take, Unit

PLACE = Deployment(project="factory", stack="dev")
VPC, CLUSTER = "aws:ec2/vpc:Vpc", "aws:eks/cluster:Cluster"
NETWORK = Unit(
    "aws-fra",
    "network",
    (),
    (Call("aws.network:Network", "net", {}, origin=("sites", "aws-fra")),),
    (Give("vpc_id", "VpcId", Ref("net", "vpc_id")), Give("token", "Text", Ref("net", "token"))),
)
PLATFORM = Unit(
    "aws-fra",
    "platform",
    (),
    (
        Call(
            "aws.eks:Cluster",
            "eks",
            {
                "vpc": Take("aws-fra/network.vpc_id", "VpcId"),
                "deep": [{"token": Take("aws-fra/network.token", "Text")}],
            },
            origin=("orchestration", "clusters", "cloud"),
        ),
    ),
    (),
)
UNITS = (NETWORK, PLATFORM)
HEAD = {"name": "factory", "version": "1.0.0"}


def runner(unit, ports):
    if unit is NETWORK:
        vpc = pulumi.CustomResource(VPC, "net", {"cidrBlock": "10.0.0.0/16"})
        pulumi.export("vpc_id", vpc.id)
        pulumi.export("token", pulumi.Output.secret("hush-token"))
    else:
        inputs = {
            "name": "eks",
            "vpcConfig": {"vpcId": ports["aws-fra/network.vpc_id"]},
            "token": ports["aws-fra/network.token"],
        }
        pulumi.CustomResource(CLUSTER, "eks", inputs)


def planned(states=None, run=runner, units=UNITS):
    made = plan_units(units, PLACE, states, run)
    findings = tuple(finding for unit in made for finding in unit.findings)
    return Plan("factory", "dev", HEAD, made, findings)


def network_state(**more) -> State:
    urn = f"urn:pulumi:dev.aws-fra.network::factory::{VPC}::net"
    inputs = {"cidrBlock": "10.0.0.0/16"}
    resources = [
        {"urn": urn, "type": VPC, "custom": True, "id": "vpc-1", "inputs": inputs, **more},
        {
            "urn": "urn:pulumi:dev.aws-fra.network::factory::pulumi:pulumi:Stack::factory-x",
            "type": "pulumi:pulumi:Stack",
            "custom": False,
            "outputs": {"vpc_id": "vpc-0", "token": "t"},
        },
    ]
    from aifactory_iac.deploy import read_state

    return read_state(
        json.dumps({"version": 3, "deployment": {"resources": resources}}).encode(), "s"
    )


def cluster_inputs(plan):
    (cluster,) = [resource for resource in plan.resources if resource.type == CLUSTER]
    return cluster.inputs


def test_a_unit_that_was_never_applied_gives_unknowns_and_keeps_secrets():
    inputs = cluster_inputs(planned())
    assert inputs["vpcConfig"] == {"vpcId": UNKNOWN}
    assert inputs["token"] == Secret("hush-token")


def test_a_unit_that_stays_gives_what_its_state_has():
    inputs = cluster_inputs(planned({NETWORK.name: network_state()}))
    assert inputs["vpcConfig"] == {"vpcId": "vpc-1"}


def test_a_unit_that_is_replaced_gives_unknowns_again():
    state = network_state(taint=True)
    assert cluster_inputs(planned({NETWORK.name: state}))["vpcConfig"] == {"vpcId": UNKNOWN}


def test_units_that_are_not_planned_give_the_outputs_of_their_state():
    plan = planned({NETWORK.name: network_state()}, units=(PLATFORM,))
    assert cluster_inputs(plan)["vpcConfig"] == {"vpcId": "vpc-0"}
    assert cluster_inputs(planned(units=(PLATFORM,)))["vpcConfig"] == {"vpcId": UNKNOWN}


def test_every_resource_is_planned_for_the_gate_whatever_is_there():
    resources, findings = planned_resources(UNITS, PLACE, runner)
    assert [(resource.unit, resource.name, resource.origin) for resource in resources] == [
        ("aws-fra/network", "net", ("sites", "aws-fra")),
        ("aws-fra/platform", "eks", ("orchestration", "clusters", "cloud")),
    ]
    assert findings == ()


def test_a_construction_without_state_is_used_again_where_it_holds():
    calls = []

    def counting(unit, ports):
        calls.append(unit.name)
        runner(unit, ports)

    constructed = construct_units(UNITS, PLACE, counting)
    fresh = plan_units(UNITS, PLACE, None, counting, constructed)
    assert calls == ["aws-fra/network", "aws-fra/platform"]
    assert fresh == plan_units(UNITS, PLACE, None, runner)

    calls.clear()
    plan_units(UNITS, PLACE, {NETWORK.name: network_state()}, counting, constructed)
    assert calls == ["aws-fra/network", "aws-fra/platform"]


def test_states_are_found_by_project_and_stack(tmp_path):
    stacks = tmp_path / ".pulumi" / "stacks" / "factory"
    stacks.mkdir(parents=True)
    text = json.dumps({"version": 3, "checkpoint": {"latest": {"resources": []}}})
    (stacks / "dev.aws-fra.network.json").write_text(text, encoding="utf-8")
    states = load_states(UNITS, PLACE, FileBackend(tmp_path))
    assert {name: bool(state.digest) for name, state in states.items()} == {
        "aws-fra/network": True,
        "aws-fra/platform": False,
    }


# --- the document ------------------------------------------------------------------------------


def test_the_document_says_what_the_command_line_promises():
    document = planned({NETWORK.name: network_state()}).document()
    assert document["schemaVersion"] == 1
    assert [(unit["name"], unit["site"], unit["layer"]) for unit in document["units"]] == [
        ("aws-fra/network", "aws-fra", "network"),
        ("aws-fra/platform", "aws-fra", "platform"),
    ]
    assert document["units"][1]["needs"] == ["aws-fra/network"]
    assert document["counts"] == {
        "create": 1,
        "update": 0,
        "replace": 0,
        "delete": 0,
        "same": 1,
        "import": 0,
    }
    assert document["uncertain"] == {"update?": 0, "replace?": 0, "opaque": 0}
    (change,) = document["changes"]
    assert {key: change[key] for key in ("unit", "type", "name", "op", "impact", "origin")} == {
        "unit": "aws-fra/platform",
        "type": CLUSTER,
        "name": "eks",
        "op": "create",
        "impact": "none",
        "origin": "orchestration.clusters.cloud",
    }
    assert change["inputs"] == {
        "name": "eks",
        "token": {"secret": True},
        "vpcConfig": {"vpcId": "vpc-1"},
    }
    assert document["verdict"] == {"outcome": "not-asked", "findings": []}
    assert sorted(document["digests"]) == ["plan", "program", "states"]


def test_the_document_meets_its_schema_which_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(plan_schema())
    validator = jsonschema.Draft202012Validator(plan_schema())
    for states in (None, {NETWORK.name: network_state(taint=True)}):
        validator.validate(planned(states).document())


def test_an_empty_plan_has_no_changes():
    plan = planned({NETWORK.name: network_state()}, units=(NETWORK,))
    assert plan.empty
    assert plan.impact is Impact.NONE
    assert plan.document()["changes"] == []


def test_what_is_uncertain_counts_in_no_certain_number():
    def run(_unit, _ports):
        pulumi.CustomResource(VPC, "net", {"cidrBlock": "10.0.0.0/16", "x": 1})
        pulumi.CustomResource("v:m:T", "t", {})

    plan = planned({NETWORK.name: network_state(type=VPC)}, run, (NETWORK,))
    assert plan.counts["create"] == 1
    assert plan.counts["update"] == 1
    assert sum(plan.counts.values()) + sum(plan.uncertain.values()) == len(plan.changes)


def in_order_of(indexes):
    """Racks 0 to 2 and a node on each of six places, registered in the given order."""

    def run(_unit, _ports):
        racks = {
            index: pulumi.ComponentResource("a:b:Rack", f"r{index}", {"n": index})
            for index in indexes
            if index < 3
        }
        switches = [pulumi.CustomResource("v:m:Switch", f"s{index}", {}) for index in indexes]
        for index in indexes:
            inputs = {"b": 1, "a": [index, {"z": 1, "y": index}]}
            options = pulumi.ResourceOptions(
                parent=racks[index % 3], depends_on=switches, ignore_changes=["b", "a"]
            )
            pulumi.CustomResource("v:m:T", f"t{index}", inputs, options)
        for index in indexes:
            pulumi.export(f"o{index}", index)

    return run


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_registrations_changes_no_byte(order):
    rows = {"type": "v:m:Gone"}
    states = {NETWORK.name: network_state(**rows)}
    straight = planned(states, in_order_of(range(6)), (NETWORK,))
    permuted = planned(states, in_order_of(order), (NETWORK,))
    assert canonical(permuted.document()) == canonical(straight.document())


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=12, max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(WORDS, WORDS, st.booleans())
def test_no_secret_is_ever_in_a_document(old, new, fails):
    """Whatever the text: as an input, deep inside one, as an output, and in an error message."""
    shown = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    row = {"inputs": {"cidrBlock": "10.0.0.0/16", "key": {**shown, "plaintext": json.dumps(old)}}}

    def run(_unit, _ports):
        secret = pulumi.Output.secret(new)
        pulumi.CustomResource(VPC, "net", {"cidrBlock": "10.0.0.0/16", "key": secret})
        inputs = {"deep": [{"a": secret}], "text": pulumi.Output.concat("x-", secret)}
        pulumi.CustomResource("v:m:T", "made", inputs)
        pulumi.export("out", secret)
        if fails:
            raise ValueError(f"cannot use {new!r}, that is {new}")

    plan = planned({NETWORK.name: network_state(**row)}, run, (NETWORK,))
    text = json.dumps(plan.document(), ensure_ascii=False) + repr(plan)
    text += " ".join(finding.message for finding in plan.findings)
    for secret in (old, new, json.dumps(new)[1:-1], repr(new)[1:-1]):
        assert secret not in text


# --- the seal ----------------------------------------------------------------------------------


def test_a_sealed_plan_verifies_after_a_round_trip_through_a_file():
    document = planned().document()
    assert verify_seal(json.loads(json.dumps(document, indent=2))) == ()
    assert seal(document) == document


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["changes"].pop(),
        lambda plan: plan["counts"].update(create=0),
        lambda plan: plan["digests"].update(program="0" * 64),
        lambda plan: plan["digests"].update(plan="0" * 64),
        lambda plan: plan["verdict"].update(outcome="pass"),
        lambda plan: plan.update(extra=1),
    ],
)
def test_a_plan_that_was_touched_does_not_verify(change):
    document = copy.deepcopy(planned().document())
    change(document)
    assert [finding.rule for finding in verify_seal(document)] == ["AIF-PLN-030"]


@pytest.mark.parametrize("document", [{}, {"digests": []}, {"digests": {"plan": 1}}])
def test_a_document_without_a_seal_is_told_apart(document):
    assert [finding.message for finding in verify_seal(document)] == ["The plan carries no seal."]


def test_what_has_moved_since_is_named():
    document = planned({NETWORK.name: network_state()}).document()
    digests = document["digests"]
    assert moved(document, digests) == ()
    states = {**digests["states"], "aws-fra/network": "f" * 64}
    found = moved(document, {"program": "0", "states": states})
    assert [(finding.rule, finding.message) for finding in found] == [
        (
            "AIF-PLN-031",
            "The digest of `program` is no longer the one that the plan was made from.",
        ),
        (
            "AIF-PLN-031",
            "The state of unit `aws-fra/network` is no longer the one that the plan was made from.",
        ),
    ]


def test_canonical_bytes_do_not_depend_on_the_order_of_keys():
    assert canonical({"b": [1, 2.5], "a": "é"}) == '{"a":"é","b":[1,2.5]}'.encode()
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})


def test_the_program_digest_moves_with_any_input_and_not_with_a_secret():
    def run(value, secret):
        def program(_unit, _ports):
            inputs = {"a": value, "key": pulumi.Output.secret(secret)}
            pulumi.CustomResource("v:m:T", "t", inputs)

        return planned(None, program, (NETWORK,)).document()["digests"]["program"]

    assert run(1, "x") == run(1, "y") != run(2, "x")


def test_ops_that_only_a_provider_decides_are_marked_so():
    assert [op.value for op in Op if not op.certain] == ["update?", "replace?", "opaque"]

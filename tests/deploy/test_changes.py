"""What would change: operations, impacts and properties of one unit against its last state."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import Op
from aifactory_iac.deploy.diff import Kind, PropertyChange
from aifactory_iac.findings import Severity

PASSPHRASE = "correct horse"
ROOT = "urn:pulumi:dev.fra1.compute::factory::"
VPC, SUBNET = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet"
GROUP = "aifactory:metal:NodeGroup"
CHART = "kubernetes:helm.sh/v4:Chart"


def thing(type_, name, inputs, **options):
    return pulumi.CustomResource(type_, name, inputs, pulumi.ResourceOptions(**options))


def ops(plan):
    return {change.name: change.op for change in plan.changes}


def only(plan):
    (change,) = plan.changes
    return change


def properties(change):
    return [
        (".".join(map(str, each.path)), each.kind, each.old, each.new) for each in change.properties
    ]


# --- the plain cases ---------------------------------------------------------------------------


def test_without_a_state_everything_is_created(plan_of):
    plan = plan_of(lambda: thing(VPC, "v", {"cidrBlock": "10.0.0.0/16"}))
    assert (only(plan).op, only(plan).impact) == (Op.CREATE, Impact.NONE)
    assert only(plan).inputs == {"cidrBlock": "10.0.0.0/16"}


def test_equal_inputs_are_the_same(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16", "n": 2.0})
    plan = plan_of(lambda: thing(VPC, "v", {"cidrBlock": "10.0.0.0/16", "n": 2}), row)
    assert (only(plan).op, plan.empty) == (Op.SAME, True)


def test_a_property_that_a_provider_updates_is_an_update_in_place(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": False, "x": 1})
    new = {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": True, "y": [1]}
    change = only(plan_of(lambda: thing(VPC, "v", new), row))
    assert (change.op, change.impact) == (Op.UPDATE, Impact.IN_PLACE)
    assert properties(change) == [
        ("enableDnsSupport", Kind.CHANGE, False, True),
        ("x", Kind.REMOVE, 1, None),
        ("y.0", Kind.ADD, None, 1),
    ]


def test_a_property_that_forces_a_new_resource_is_a_replacement(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16"})
    change = only(plan_of(lambda: thing(VPC, "v", {"cidrBlock": "10.1.0.0/16"}), row))
    assert (change.op, change.impact) == (Op.REPLACE, Impact.REPLACE)
    assert change.replaced_by == ("cidrBlock",)


def test_what_the_program_no_longer_registers_is_deleted(plan_of, checkpoints):
    change = only(plan_of(lambda: None, checkpoints.row(VPC, "v", {})))
    assert (change.op, change.impact, change.urn) == (Op.DELETE, Impact.REPLACE, f"{ROOT}{VPC}::v")


def test_an_import_creates_nothing(plan_of):
    change = only(plan_of(lambda: thing(VPC, "v", {}, import_="vpc-1")))
    assert (change.op, change.impact) == (Op.IMPORT, Impact.NONE)


# --- what only a provider can say --------------------------------------------------------------


def test_a_sure_change_of_a_type_that_is_not_listed_may_be_a_replacement(plan_of, checkpoints):
    change = only(
        plan_of(lambda: thing("v:m:T", "t", {"a": 2}), checkpoints.row("v:m:T", "t", {"a": 1}))
    )
    assert change.op is Op.UPDATE_MAYBE
    assert change.reasons == ("only its provider knows whether that is an update in place",)


def test_a_value_that_is_known_only_after_apply_may_change(plan_of, checkpoints):
    rows = [checkpoints.row(VPC, "v", {"tags": {"peer": "a", "fix": "b"}})]

    def program():
        new = thing("v:m:T", "new", {"id_": None})
        thing(VPC, "v", {"tags": {"peer": new.id, "fix": "b"}})

    plan = plan_of(program, *rows)
    assert ops(plan) == {"new": Op.CREATE, "v": Op.UPDATE_MAYBE}
    (change,) = [each for each in plan.changes if each.name == "v"]
    assert change.reasons == ("a value is known only after apply",)
    assert properties(change) == [("tags.peer", Kind.UNKNOWN, "a", None)]


def test_an_unknown_value_of_a_property_that_forces_a_new_resource_may_replace(
    plan_of, checkpoints
):
    def program():
        vpc = thing(VPC, "v", {"cidrBlock": "10.1.0.0/16"})
        thing(SUBNET, "s", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"})

    plan = plan_of(
        program,
        checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16"}),
        checkpoints.row(SUBNET, "s", {"vpcId": "id-v", "cidrBlock": "10.0.0.0/24"}),
    )
    assert ops(plan) == {"v": Op.REPLACE, "s": Op.REPLACE_MAYBE}


def test_what_stays_passes_its_id_and_outputs_on(plan_of, checkpoints):
    def program():
        vpc = thing(VPC, "v", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "2"}, "arn": None})
        thing(SUBNET, "s", {"vpcId": vpc.id, "tags": {"vpc": vpc.arn}})

    plan = plan_of(
        program,
        checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "1"}}),
        checkpoints.row(SUBNET, "s", {"vpcId": "id-v", "tags": {"vpc": "arn:v"}}),
    )
    assert ops(plan) == {"v": Op.UPDATE, "s": Op.SAME}


def test_a_changed_input_is_what_flows_on_not_the_old_output(plan_of, checkpoints):
    def program():
        vpc = thing(VPC, "v", {"tags": {"a": "2"}})
        thing(SUBNET, "s", {"tags": vpc.tags})

    plan = plan_of(
        program,
        checkpoints.row(VPC, "v", {"tags": {"a": "1"}}),
        checkpoints.row(SUBNET, "s", {"tags": {"a": "1"}}),
    )
    assert ops(plan) == {"v": Op.UPDATE, "s": Op.UPDATE}


def test_a_storage_capacity_may_grow_in_place_or_force_a_new_file_system(plan_of, checkpoints):
    lustre = "aws:fsx/lustreFileSystem:LustreFileSystem"
    row = checkpoints.row(lustre, "f", {"storageCapacity": 1200})
    change = only(plan_of(lambda: thing(lustre, "f", {"storageCapacity": 2400}), row))
    assert (change.op, change.impact) == (Op.REPLACE_MAYBE, Impact.DATA_LOSS)


def test_the_objects_of_a_remote_component_are_neither_deleted_nor_guessed(plan_of, checkpoints):
    child = checkpoints.row(
        f"{CHART}$kubernetes:core/v1:ConfigMap", "cm", {}, parent=f"{ROOT}{CHART}::gpu"
    )
    chart = checkpoints.row(CHART, "gpu", {"chart": "gpu-operator"}, custom=False)

    same = plan_of(lambda: k8s.helm.v4.Chart("gpu", chart="gpu-operator"), chart, child)
    assert ops(same) == {"gpu": Op.SAME}
    other = plan_of(lambda: k8s.helm.v4.Chart("gpu", chart="other"), chart, child)
    assert (only(other).op, only(other).impact) == (Op.OPAQUE, Impact.REPLACE)
    gone = plan_of(lambda: None, chart, child)
    assert ops(gone) == {"gpu": Op.DELETE, "cm": Op.DELETE}
    new = only(plan_of(lambda: k8s.helm.v4.Chart("gpu", chart="x")))
    assert (new.op, new.reasons) == (Op.CREATE, ("its children are known only to its provider",))


# --- secrets -----------------------------------------------------------------------------------


def secret_of(plan_of, checkpoints, sealer, new, passphrase=PASSPHRASE):
    row = checkpoints.row(VPC, "v", {"key": sealer.secret("hush")})
    state = checkpoints.state(row, passphrase=passphrase, secrets_providers=sealer.provider)
    return only(plan_of(lambda: thing(VPC, "v", {"key": new()}), state=state))


def test_an_equal_secret_is_the_same_though_its_ciphertext_never_is(plan_of, checkpoints, sealer):
    change = secret_of(plan_of, checkpoints, sealer, lambda: pulumi.Output.secret("hush"))
    assert change.op is Op.SAME
    assert secret_of(plan_of, checkpoints, sealer, lambda: "hush").op is Op.SAME


def test_another_secret_is_a_change_that_shows_nothing(plan_of, checkpoints, sealer):
    change = secret_of(plan_of, checkpoints, sealer, lambda: pulumi.Output.secret("other"))
    assert change.op is Op.UPDATE
    assert repr(change.properties) == "(PropertyChange(key: change <secret>),)"


def test_a_secret_that_stays_closed_is_said_to_be_not_compared(plan_of, checkpoints, sealer):
    change = secret_of(plan_of, checkpoints, sealer, lambda: pulumi.Output.secret("hush"), None)
    assert (change.op, change.reasons) == (Op.UPDATE_MAYBE, ("a secret is not compared",))
    assert change.properties == (PropertyChange(("key",), Kind.NOT_COMPARED, secret=True),)


# --- names, parents, options -------------------------------------------------------------------


def rack(name, **options):
    parent = pulumi.ComponentResource("a:b:Rack", name, {}, pulumi.ResourceOptions(**options))
    thing(VPC, f"{name}-v", {"cidrBlock": "10.0.0.0/16"}, parent=parent)


def test_a_renamed_component_and_its_children_stay(plan_of, checkpoints):
    rows = [
        checkpoints.row("a:b:Rack", "old", {}, custom=False),
        checkpoints.row(
            f"a:b:Rack${VPC}", "old-v", {"cidrBlock": "10.0.0.0/16"}, parent=f"{ROOT}a:b:Rack::old"
        ),
    ]
    plan = plan_of(lambda: rack("new", aliases=[pulumi.Alias(name="old")]), *rows)
    assert ops(plan) == {"new": Op.SAME, "new-v": Op.SAME}
    assert {change.formerly for change in plan.changes} == {row["urn"] for row in rows}
    without = plan_of(lambda: rack("new"), *rows)
    assert sorted(without.counts.items()) == [
        ("create", 2),
        ("delete", 2),
        ("import", 0),
        ("replace", 0),
        ("same", 0),
        ("update", 0),
    ]


def test_two_that_claim_one_former_name_are_a_finding(plan_of, checkpoints):
    def program():
        thing(VPC, "a", {}, aliases=[pulumi.Alias(name="old")])
        thing(VPC, "b", {}, aliases=[pulumi.Alias(name="old")])

    plan = plan_of(program, checkpoints.row(VPC, "old", {}))
    (finding,) = plan.findings
    assert (finding.rule, finding.severity) == ("AIF-PLN-020", Severity.HIGH)


def test_ignored_changes_are_no_changes(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"tags": {"a": "1", "b": "1"}, "list": [{"x": 1}]})
    new = {"tags": {"a": "2", "b": "2"}, "list": [{"x": 2}]}
    program = lambda *paths: lambda: thing(VPC, "v", new, ignore_changes=list(paths))  # noqa: E731
    assert only(plan_of(program("tags", "list[*].x"), row)).op is Op.SAME
    left = only(plan_of(program("tags.a", "list"), row))
    assert properties(left) == [("tags.b", Kind.CHANGE, "1", "2")]


def test_replace_on_changes_replaces(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"tags": {"a": "1"}})
    program = lambda: thing(VPC, "v", {"tags": {"a": "2"}}, replace_on_changes=["tags"])  # noqa: E731
    assert only(plan_of(program, row)).op is Op.REPLACE


def test_what_is_tied_to_a_replaced_resource_goes_with_it(plan_of, checkpoints):
    def program():
        vpc = thing(VPC, "v", {"cidrBlock": "10.1.0.0/16"})
        thing("v:m:T", "with", {}, replace_with=[vpc])
        thing("v:m:T", "within", {}, deleted_with=vpc)
        thing("v:m:T", "apart", {})

    rows = [checkpoints.row("v:m:T", name, {}) for name in ("with", "within", "apart")]
    plan = plan_of(program, checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16"}), *rows)
    assert ops(plan) == {
        "v": Op.REPLACE,
        "with": Op.REPLACE,
        "within": Op.REPLACE,
        "apart": Op.SAME,
    }


def test_a_protected_resource_that_would_go_is_a_finding(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"cidrBlock": "10.0.0.0/16"}, protect=True)
    gone = plan_of(lambda: None, row)
    replaced = plan_of(lambda: thing(VPC, "v", {"cidrBlock": "10.1.0.0/16"}, protect=True), row)
    freed = plan_of(lambda: thing(VPC, "v", {"cidrBlock": "10.1.0.0/16"}), row)
    urn = f"{ROOT}{VPC}::v"
    said = [(finding.rule, finding.message) for finding in gone.findings + replaced.findings]
    assert said == [
        ("AIF-PLN-021", f"In unit `fra1/compute`, {urn} is protected and would be deleted."),
        ("AIF-PLN-021", f"In unit `fra1/compute`, {urn} is protected and would be replaced."),
    ]
    assert freed.findings == ()


def test_a_protected_resource_that_may_be_replaced_is_said_more_softly(plan_of, checkpoints):
    row = checkpoints.row(VPC, "v", {"instanceTenancy": "default"}, protect=True)
    plan = plan_of(lambda: thing(VPC, "v", {"instanceTenancy": "dedicated"}, protect=True), row)
    (finding,) = plan.findings
    assert (finding.rule, finding.severity) == ("AIF-PLN-022", Severity.MEDIUM)
    assert finding.message.endswith("is protected and might be replaced.")


def test_a_retained_resource_is_only_forgotten(plan_of, checkpoints):
    bucket = checkpoints.row("aws:s3/bucket:Bucket", "b", {}, retainOnDelete=True)
    change = only(plan_of(lambda: None, bucket))
    assert (change.op, change.impact) == (Op.DELETE, Impact.NONE)
    assert change.reasons == ("it is kept, and no longer managed",)


# --- providers ---------------------------------------------------------------------------------


def on(provider_name, **settings):
    provider = aws.Provider(provider_name, **settings)
    thing(VPC, "v", {}, provider=provider)


SKIPPED = {  # what the typed SDK always sends, as JSON texts
    "skipCredentialsValidation": "false",
    "skipRegionValidation": "true",
}


def provider_row(checkpoints, name, inputs, version="7.51.1"):
    sent = {**SKIPPED, **inputs, "version": version}
    return checkpoints.row("pulumi:providers:aws", name, sent)


def test_another_provider_is_a_risk_of_replacement(plan_of, checkpoints):
    rows = [
        provider_row(checkpoints, "fra", {"region": "eu-central-1"}),
        checkpoints.row(VPC, "v", {}, provider=f"{ROOT}pulumi:providers:aws::fra::id-fra"),
    ]
    same = plan_of(lambda: on("fra", region="eu-central-1"), *rows)
    assert ops(same)["v"] is Op.SAME
    other = plan_of(lambda: on("dub", region="eu-central-1"), *rows)
    assert ops(other)["v"] is Op.REPLACE_MAYBE
    default = plan_of(lambda: thing(VPC, "v", {}), *rows)
    assert ops(default)["v"] is Op.REPLACE_MAYBE
    renamed = plan_of(
        lambda: thing(
            VPC,
            "v",
            {},
            provider=aws.Provider(
                "dub",
                region="eu-central-1",
                opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="fra")]),
            ),
        ),
        *rows,
    )
    assert ops(renamed) == {"dub": Op.SAME, "v": Op.SAME}


def test_a_provider_of_another_region_may_replace_what_it_holds(plan_of, checkpoints):
    rows = [
        provider_row(checkpoints, "fra", {"region": "eu-central-1"}),
        checkpoints.row(VPC, "v", {}, provider=f"{ROOT}pulumi:providers:aws::fra::id-fra"),
    ]
    plan = plan_of(lambda: on("fra", region="eu-west-1"), *rows)
    assert ops(plan) == {"fra": Op.REPLACE_MAYBE, "v": Op.REPLACE_MAYBE}
    (held,) = [change for change in plan.changes if change.name == "v"]
    assert held.reasons == ("its provider may be replaced",)


def test_default_providers_are_not_missed(plan_of, checkpoints):
    rows = [
        provider_row(checkpoints, "default_7_51_1", {}),
        checkpoints.row(VPC, "v", {}, provider=f"{ROOT}pulumi:providers:aws::default_7_51_1::x"),
    ]
    assert ops(plan_of(lambda: thing(VPC, "v", {}), *rows)) == {"v": Op.SAME}


def test_another_plug_in_version_may_update_its_provider(plan_of, checkpoints):
    row = provider_row(checkpoints, "fra", {"region": "a"}, version="6.0.0")
    change = only(plan_of(lambda: aws.Provider("fra", region="a") and None, row))
    assert (change.op, change.reasons) == (
        Op.UPDATE_MAYBE,
        ("its plug-in changes from 6.0.0",),
    )


# --- what providers put among the inputs -------------------------------------------------------


def test_defaults_of_a_bridged_provider_are_no_removals(plan_of, checkpoints):
    inputs = {
        "__defaults": ["instanceTenancy", "name"],
        "instanceTenancy": "default",
        "name": "v-1a2b3c4",
        "nested": {"__defaults": ["x"], "x": 1, "y": 2},
    }
    row = checkpoints.row(VPC, "v", inputs)
    assert only(plan_of(lambda: thing(VPC, "v", {"nested": {"y": 2}}), row)).op is Op.SAME
    named = only(plan_of(lambda: thing(VPC, "v", {"name": "x", "nested": {"y": 2}}), row))
    assert properties(named) == [("name", Kind.CHANGE, "v-1a2b3c4", "x")]


def test_all_tags_and_the_region_of_an_aws_resource_come_from_its_provider(plan_of, checkpoints):
    tags = {"a": "1", "team": "ml"}
    rows = [
        provider_row(checkpoints, "fra", {"region": "eu-central-1"}),
        checkpoints.row(
            VPC,
            "v",
            {"tags": {"a": "1"}, "tagsAll": tags, "region": "eu-central-1"},
            provider=f"{ROOT}pulumi:providers:aws::fra::id-fra",
        ),
    ]

    def program(team):
        def run():
            provider = aws.Provider(
                "fra", region="eu-central-1", default_tags={"tags": {"team": team}}
            )
            thing(VPC, "v", {"tags": {"a": "1"}}, provider=provider)

        return run

    assert ops(plan_of(program("ml"), *rows))["v"] is Op.SAME
    changed = plan_of(program("hpc"), *rows)
    (change,) = [each for each in changed.changes if each.name == "v"]
    assert (change.op, properties(change)) == (
        Op.UPDATE,
        [("tagsAll.team", Kind.CHANGE, "ml", "hpc")],
    )


def test_a_generated_name_and_the_default_namespace_of_an_object_are_no_changes(
    plan_of, checkpoints
):
    metadata = {
        "name": "cm-x7",
        "namespace": "default",
        "annotations": {"pulumi.com/autonamed": "true"},
        "labels": {"app.kubernetes.io/managed-by": "pulumi"},
    }
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}
    row = checkpoints.row("kubernetes:core/v1:ConfigMap", "cm", inputs)
    same = plan_of(lambda: k8s.core.v1.ConfigMap("cm", data={"a": "1"}) and None, row)
    assert ops(same) == {"cm": Op.SAME}
    moved = plan_of(
        lambda: k8s.core.v1.ConfigMap("cm", data={"a": "1"}, metadata={"namespace": "x"}) and None,
        row,
    )
    assert only(moved).replaced_by == ("metadata.namespace",)


def test_a_config_map_is_replaced_unless_its_provider_says_it_is_mutable(plan_of, checkpoints):
    inputs = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}}

    def program(**settings):
        def run():
            provider = k8s.Provider("k", kubeconfig="x", **settings)
            k8s.core.v1.ConfigMap(
                "cm", data={"a": "2"}, opts=pulumi.ResourceOptions(provider=provider)
            )

        return run

    row = checkpoints.row(
        "kubernetes:core/v1:ConfigMap",
        "cm",
        inputs,
        provider=f"{ROOT}pulumi:providers:kubernetes::k::1",
    )
    assert ops(plan_of(program(), row))["cm"] is Op.REPLACE
    assert ops(plan_of(program(enable_config_map_mutable=True), row))["cm"] is Op.UPDATE


def test_a_helm_release_is_compared_without_what_its_check_fills_in(plan_of, checkpoints):
    release = "kubernetes:helm.sh/v3:Release"
    inputs = {
        "chart": "gpu-operator",
        "name": "gpu-1a2b",
        "namespace": "default",
        "timeout": 300,
        "values": {"driver": {"enabled": True}},
        "version": "v25.3.0",
    }
    row = checkpoints.row(release, "gpu", inputs)

    def program(enabled):
        return lambda: k8s.helm.v3.Release(
            "gpu",
            chart="gpu-operator",
            version="v25.3.0",
            lint=False,
            values={"driver": {"enabled": enabled}},
        )

    assert ops(plan_of(program(True), row)) == {"gpu": Op.SAME}
    change = only(plan_of(program(False), row))
    assert (change.op, change.impact) == (Op.UPDATE, Impact.ROLLING)


# --- the state's own demands -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "op", "reason"),
    [
        ({"taint": True}, Op.REPLACE, "it is marked for replacement in the last state"),
        (
            {"pendingReplacement": True},
            Op.REPLACE,
            "an earlier replacement has deleted it and not made it anew",
        ),
        ({"initErrors": ["x"]}, Op.UPDATE, "it did not come up completely the last time"),
        (
            {"external": True},
            Op.CREATE,
            "it was only read before, and is managed from now on",
        ),
    ],
)
def test_marks_in_the_state_decide(plan_of, checkpoints, mark, op, reason):
    change = only(plan_of(lambda: thing(VPC, "v", {}), checkpoints.row(VPC, "v", {}, **mark)))
    assert (change.op, change.reasons[0]) == (op, reason)


def test_leftovers_of_a_replacement_are_deleted(plan_of, checkpoints):
    rows = [checkpoints.row(VPC, "v", {}), checkpoints.row(VPC, "v", {}, delete=True, id="old")]
    plan = plan_of(lambda: thing(VPC, "v", {}), *rows)
    assert [(change.op, change.reasons) for change in plan.changes] == [
        (Op.DELETE, ("an earlier replacement left it to be deleted",)),
        (Op.SAME, ()),
    ]


def test_views_and_looked_up_rows_are_not_missed(plan_of, checkpoints):
    rows = [
        checkpoints.row(VPC, "seen", {}, external=True),
        checkpoints.row(VPC, "view", {}, viewOf=f"{ROOT}{VPC}::x"),
    ]
    assert plan_of(lambda: None, *rows).changes == ()


def test_a_program_that_broke_off_deletes_nothing(plan_of, checkpoints):
    def program():
        thing(VPC, "a", {})
        raise ValueError("no")

    plan = plan_of(program, checkpoints.row(VPC, "a", {}), checkpoints.row(VPC, "b", {}))
    assert ops(plan) == {"a": Op.SAME}
    assert not plan.units[0].complete
    assert [finding.rule for finding in plan.findings] == ["AIF-PLN-001"]


def test_against_a_state_that_cannot_be_read_nothing_is_claimed(plan_of):
    from aifactory_iac.deploy import read_state

    plan = plan_of(lambda: thing(VPC, "v", {}), state=read_state(b"{", "s.json"))
    assert (only(plan).op, only(plan).reasons) == (Op.OPAQUE, ("the last state cannot be read",))
    assert [finding.rule for finding in plan.findings] == ["AIF-PLN-010"]


# --- impacts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "impact"),
    [
        ("aws:s3/bucket:Bucket", Impact.DATA_LOSS),
        ("aws:fsx/lustreFileSystem:LustreFileSystem", Impact.DATA_LOSS),
        ("aws:kms/key:Key", Impact.DATA_LOSS),
        ("aws:eks/nodeGroup:NodeGroup", Impact.DRAIN),
        (GROUP, Impact.DRAIN),
        ("kubernetes:core/v1:Namespace", Impact.DATA_LOSS),
        ("kubernetes:core/v1:ConfigMap", Impact.IN_PLACE),
        ("aws:ec2/subnet:Subnet", Impact.REPLACE),
    ],
)
def test_what_goes_takes_with_it_what_it_holds(plan_of, checkpoints, type_, impact):
    assert only(plan_of(lambda: None, checkpoints.row(type_, "x", {}))).impact is impact


MACHINE = {"rack": "r1", "unit": 1, "slot": 0}


@pytest.mark.parametrize(
    ("old", "new", "impact"),
    [
        ({"machines": {"a": MACHINE, "b": MACHINE}}, {"machines": {"a": MACHINE}}, Impact.DRAIN),
        ({"machines": {"a": MACHINE}}, {"machines": {"a": MACHINE, "b": MACHINE}}, Impact.IN_PLACE),
        ({"image": {"os": "u22"}}, {"image": {"os": "u24"}}, Impact.DRAIN),
        ({"image": {"digest": "a"}}, {"image": {"digest": "b"}}, Impact.DATA_LOSS),
        ({"install": {"disks": 1}}, {"install": {"disks": 2}}, Impact.IN_PLACE),
        ({}, {"install": {"config": {"ignition": {}}}}, Impact.DATA_LOSS),
        ({"bios": {"A": 1}}, {"bios": {"A": 2}}, Impact.DRAIN),
        ({"boot": {"secure": False}}, {"boot": {"secure": True}}, Impact.DRAIN),
        ({"boot": {"method": "http"}}, {"boot": {"method": "media"}}, Impact.IN_PLACE),
        ({"rollout": {"drain": True}}, {"rollout": {"drain": False}}, Impact.IN_PLACE),
    ],
)
def test_machines_are_drained_when_they_leave_or_are_made_anew(
    plan_of, checkpoints, old, new, impact
):
    change = only(plan_of(lambda: thing(GROUP, "g", new), checkpoints.row(GROUP, "g", old)))
    assert (change.op, change.impact) == (Op.UPDATE, impact)


@pytest.mark.parametrize(("old", "new", "impact"), [(8, 4, Impact.DRAIN), (4, 8, Impact.IN_PLACE)])
def test_a_smaller_node_group_drains_and_a_larger_one_does_not(
    plan_of, checkpoints, old, new, impact
):
    group = "aws:eks/nodeGroup:NodeGroup"
    row = checkpoints.row(group, "g", {"scalingConfig": {"desiredSize": old}})
    change = only(plan_of(lambda: thing(group, "g", {"scalingConfig": {"desiredSize": new}}), row))
    assert change.impact is impact

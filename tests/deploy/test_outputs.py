"""What an applied resource still says of itself while it changes, and what is known only after."""

from __future__ import annotations

import pulumi
import pytest

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import Op
from aifactory_iac.program.planned import UNKNOWN, Secret

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:eks/nodeGroup:NodeGroup"
CLUSTER = "aws:eks/cluster:Cluster"
THING = "v:m:T"


def thing(type_, name, inputs, **options):
    return pulumi.CustomResource(type_, name, inputs, pulumi.ResourceOptions(**options))


def part(resource, path):
    """The output at a dotted path, known or not for itself."""
    name, *rest = path.split(".")
    found = getattr(resource, name)
    for key in rest:
        found = found[int(key) if key.isdigit() else key]
    return found


@pytest.fixture
def seen(plan_of, checkpoints):
    """What a resource that reads every listed output of another one gets from it.

    `inputs` are those of today; the last state has `before`, and `outputs` beside them.
    """

    def of(inputs, before, outputs, *paths, type_=THING):
        row = checkpoints.row(type_, "t", before, outputs={**before, **outputs})
        names = {path.partition(".")[0] for path in paths}

        def program():
            given = thing(type_, "t", {**dict.fromkeys(names), **inputs})
            thing(THING, "reader", {path: part(given, path) for path in paths})

        plan = plan_of(program, row)
        (reader,) = [each for each in plan.resources if each.name == "reader"]
        return [reader.inputs.get(path) for path in paths]

    return of


# --- outputs of their own ----------------------------------------------------------------------


def test_what_stays_the_same_passes_everything_on(seen):
    outputs = {"version": 3, "arn": "arn:t"}
    assert seen({"a": 1}, {"a": 1}, outputs, "version", "arn") == [3, "arn:t"]


def test_what_changes_passes_only_identities_on(seen):
    outputs = {"version": 3, "arn": "arn:t", "name": "t-1a2b3c", "status": "up"}
    found = seen({"a": 2}, {"a": 1}, outputs, "version", "arn", "name", "status")
    assert found == [UNKNOWN, "arn:t", "t-1a2b3c", UNKNOWN]


def test_outputs_that_a_table_lists_outlive_a_change(seen):
    before, now = {"version": "1.34"}, {"version": "1.35"}
    outputs = {"endpoint": "https://x", "platformVersion": "eks.7"}
    found = seen(now, before, outputs, "endpoint", "platformVersion", type_=CLUSTER)
    assert found == ["https://x", UNKNOWN]


def test_inputs_that_stay_keep_what_the_provider_made_of_them(seen):
    before = {"policy": '{"a": 1}', "size": 1}
    now = {"policy": '{"a": 1}', "size": 2}
    assert seen(now, before, {"policy": '{"a":1}'}, "policy", "size") == ['{"a":1}', 2]


def test_an_input_that_goes_is_unknown_after(seen):
    assert seen({}, {"zone": "a"}, {}, "zone") == [UNKNOWN]


def test_an_input_that_the_provider_fills_in_stays(seen):
    before = {"size": 1, "zone": "a", "__defaults": ["zone"]}
    assert seen({"size": 2}, before, {}, "zone") == ["a"]


def test_a_secret_output_stays_secret(plan_of, checkpoints, sealer):
    row = checkpoints.row(
        THING, "t", {"a": 1}, outputs={"a": 1, "name": sealer.secret("hush"), "key": "k"}
    )
    state = checkpoints.state(row, passphrase="correct horse", secrets_providers=sealer.provider)

    def program():
        given = thing(THING, "t", {"a": 2, "name": None, "key": None})
        thing(THING, "reader", {"name": given.name, "key": given.key})

    plan = plan_of(program, state=state)
    (reader,) = [each for each in plan.resources if each.name == "reader"]
    assert reader.inputs == {"name": Secret("hush"), "key": UNKNOWN}


# --- blocks that hold both inputs and computed keys --------------------------------------------


def test_a_changed_block_says_what_is_given_and_what_only_the_provider_knows(seen):
    before = {"net": {"public": True, "ids": ["a"]}}
    now = {"net": {"public": False, "ids": ["a", "b"]}}
    outputs = {"net": {**before["net"], "vpc": "v-1"}}
    assert seen(now, before, outputs, "net.public", "net.ids", "net.vpc") == [
        False,
        ["a", "b"],
        UNKNOWN,
    ]


def test_an_unchanged_block_of_a_changed_resource_is_no_surer(seen):
    before = {"net": {"public": True}, "size": 1}
    outputs = {"net": {"public": True, "vpc": "v-1"}}
    found = seen({**before, "size": 2}, before, outputs, "net.public", "net.vpc")
    assert found == [True, UNKNOWN]


def test_a_block_that_only_the_provider_fills_is_unknown_but_for_identities(seen):
    outputs = {"status": {"name": "x-1", "status": "deployed"}}
    before, now = {"chart": "x", "version": "1"}, {"chart": "x", "version": "2"}
    release = "kubernetes:helm.sh/v3:Release"
    found = seen(now, before, outputs, "status.name", "status.status", type_=release)
    assert found == ["x-1", UNKNOWN]


def test_computed_keys_of_a_block_may_be_identities_too(seen):
    before = {"vpcConfig": {"subnetIds": ["a"], "endpointPublicAccess": True}}
    now = {"vpcConfig": {"subnetIds": ["a"], "endpointPublicAccess": False}}
    made = {"clusterSecurityGroupId": "sg-1", "publicAccessCidrs": ["0.0.0.0/0"]}
    outputs = {"vpcConfig": {**before["vpcConfig"], **made}}
    paths = ("endpointPublicAccess", "clusterSecurityGroupId", "publicAccessCidrs")
    found = seen(now, before, outputs, *(f"vpcConfig.{path}" for path in paths), type_=CLUSTER)
    assert found == [False, "sg-1", UNKNOWN]


def test_items_of_a_changed_list_have_computed_keys_too(seen):
    before = {"disks": [{"size": 1}, {"size": 2}]}
    now = {"disks": [{"size": 1}, {"size": 3}, {"size": 4}]}
    outputs = {"disks": [{"size": 1, "volume": "v1"}, {"size": 2, "volume": "v2"}]}
    paths = [f"disks.{index}.{key}" for index in range(3) for key in ("size", "volume")]
    assert seen(now, before, outputs, *paths) == [1, UNKNOWN, 3, UNKNOWN, 4, UNKNOWN]


def test_items_of_a_list_that_stays_have_computed_keys_too(seen):
    before = {"disks": [{"size": 1}], "tags": {"a": "1"}}
    outputs = {"disks": [{"size": 1, "volume": "v1"}]}
    now = {**before, "tags": {"a": "2"}}
    assert seen(now, before, outputs, "disks.0.size", "disks.0.volume") == [1, UNKNOWN]


def test_a_key_that_leaves_a_block_is_unknown_after(seen):
    before = {"net": {"public": True, "zone": "a"}}
    assert seen({"net": {"public": True}}, before, {}, "net.public", "net.zone") == [True, UNKNOWN]


def test_an_object_of_kubernetes_keeps_its_name_and_not_its_status(seen):
    before = {"metadata": {"name": "x"}, "spec": {"replicas": 1}}
    outputs = {"metadata": {"name": "x", "uid": "u", "generation": 1}, "status": {"replicas": 1}}
    now = {"metadata": {"name": "x"}, "spec": {"replicas": 2}}
    paths = ("metadata.name", "metadata.uid", "metadata.generation", "status")
    found = seen(now, before, outputs, *paths, type_="kubernetes:apps/v1:Deployment")
    assert found == ["x", "u", UNKNOWN, UNKNOWN]


# --- what follows from it ----------------------------------------------------------------------


def test_a_changed_launch_template_may_roll_its_nodes(plan_of, checkpoints):
    """The version in use is an output of the template: nothing else says that nodes will go."""

    def program():
        template = thing(TEMPLATE, "nodes", {"imageId": "ami-2", "latestVersion": None})
        version = template.latestVersion.apply(lambda number: str(int(number)))
        thing(GROUP, "nodes", {"launchTemplate": {"id": template.id, "version": version}})

    plan = plan_of(
        program,
        checkpoints.row(
            TEMPLATE,
            "nodes",
            {"imageId": "ami-1"},
            outputs={"imageId": "ami-1", "latestVersion": 3},
        ),
        checkpoints.row(GROUP, "nodes", {"launchTemplate": {"id": "id-nodes", "version": "3"}}),
    )
    found = {change.type: (change.op, change.impact) for change in plan.changes}
    assert found[GROUP] == (Op.UPDATE_MAYBE, Impact.ROLLING)
    (group,) = [change for change in plan.changes if change.type == GROUP]
    assert [change.path for change in group.properties] == [("launchTemplate", "version")]


def test_a_changed_control_plane_leaves_what_leans_on_it_alone(plan_of, checkpoints):
    def program():
        cluster = thing(CLUSTER, "eks", {"version": "1.35", "endpoint": None, "arn": None})
        thing(THING, "reader", {"url": cluster.endpoint, "arn": cluster.arn, "id_": cluster.id})

    plan = plan_of(
        program,
        checkpoints.row(
            CLUSTER,
            "eks",
            {"version": "1.34"},
            outputs={"version": "1.34", "endpoint": "https://x", "arn": "arn:eks"},
        ),
        checkpoints.row(THING, "reader", {"url": "https://x", "arn": "arn:eks", "id_": "id-eks"}),
    )
    assert {change.name: change.op for change in plan.changes} == {
        "eks": Op.UPDATE,
        "reader": Op.SAME,
    }

"""What one program registers, as the planner sees it."""

from __future__ import annotations

import asyncio
import gc
import os

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from aifactory_iac.deploy import Setting, construct, loop
from aifactory_iac.findings import Severity
from aifactory_iac.program.planned import UNKNOWN, Secret

HERE = Setting(project="factory", stack="dev.fra1.compute", unit="fra1/compute")
PREFIX = "urn:pulumi:dev.fra1.compute::factory::"
RACK = f"{PREFIX}aifactory:onprem:Rack::r1"


class Rack(pulumi.ComponentResource):
    def __init__(self, name, nodes, opts=None):
        super().__init__("aifactory:onprem:Rack", name, {"nodes": nodes}, opts)
        self.nodes = [
            pulumi.CustomResource(
                "vendor:bmc:Node",
                f"{name}-{index}",
                {"slot": index, "power": None},
                pulumi.ResourceOptions(parent=self),
            )
            for index in range(nodes)
        ]
        self.register_outputs({"size": nodes})


def by_name(program, setting=HERE):
    construction = construct(program, setting)
    assert construction.findings == ()
    return {resource.name: resource for resource in construction.resources}


def test_a_urn_carries_the_types_of_all_parents_but_not_of_the_stack():
    def program():
        Rack("r1", 1)

    construction = construct(program, HERE)

    assert [resource.urn for resource in construction.resources] == [
        f"{PREFIX}aifactory:onprem:Rack$vendor:bmc:Node::r1-0",
        RACK,
    ]
    assert [resource.parent for resource in construction.resources] == [RACK, None]
    assert [resource.custom for resource in construction.resources] == [True, False]


def test_inputs_are_plain_data_with_whole_numbers_unknowns_and_secrets():
    def program():
        rack = Rack("r1", 1)
        pulumi.CustomResource(
            "vendor:net:Port",
            "p",
            {
                "speed": 400,
                "ratio": 1.5,
                "up": True,
                "none": None,
                "peer": rack.nodes[0].id,
                "key": pulumi.Output.secret({"psk": "hush"}),
                "both": {"known": "a", "later": rack.nodes[0].power},
                "list": [1, 2.0, rack.nodes[0].slot],
            },
        )

    port = by_name(program)["p"]

    assert port.inputs == {
        "speed": 400,
        "ratio": 1.5,
        "up": True,
        "peer": UNKNOWN,
        "key": Secret({"psk": "hush"}),
        "both": {"known": "a", "later": UNKNOWN},
        "list": [1, 2, 0],
    }
    assert type(port.inputs["speed"]) is int
    assert port.dependencies == (f"{PREFIX}aifactory:onprem:Rack$vendor:bmc:Node::r1-0",)
    assert port.property_dependencies == {
        "both": port.dependencies,
        "list": port.dependencies,
        "peer": port.dependencies,
    }


def test_depending_on_a_component_means_its_children():
    def program():
        rack = Rack("r1", 2)
        pulumi.CustomResource("v:m:T", "t", {}, pulumi.ResourceOptions(depends_on=[rack]))

    child = f"{PREFIX}aifactory:onprem:Rack$vendor:bmc:Node::r1-"
    assert by_name(program)["t"].dependencies == (f"{child}0", f"{child}1")


def test_options_are_captured_and_protection_is_inherited():
    def program():
        rack = Rack("r1", 1, pulumi.ResourceOptions(protect=True))
        pulumi.CustomResource(
            "v:m:T",
            "t",
            {"image": "a", "size": 1},
            pulumi.ResourceOptions(
                ignore_changes=["image"],
                replace_on_changes=["size"],
                delete_before_replace=True,
                retain_on_delete=True,
                additional_secret_outputs=["token"],
                deleted_with=rack.nodes[0],
                replace_with=[rack.nodes[0]],
                version="1.2.3",
                import_="ext-7",
            ),
        )

    resources = by_name(program)
    node, thing = resources["r1-0"], resources["t"]
    assert (resources["r1"].protect, node.protect, thing.protect) == (True, True, False)
    assert thing.ignore_changes == ("image",)
    assert thing.replace_on_changes == ("size",)
    assert (thing.delete_before_replace, thing.retain_on_delete) == (True, True)
    assert thing.additional_secret_outputs == ("token",)
    assert (thing.deleted_with, thing.replace_with) == (node.urn, (node.urn,))
    assert (thing.version, thing.import_id) == ("1.2.3", "ext-7")


def test_an_explicit_provider_is_named_by_its_urn_and_reaches_children():
    def program():
        provider = aws.Provider("fra", region="eu-central-1")
        parent = pulumi.ComponentResource(
            "a:b:C", "c", {}, pulumi.ResourceOptions(providers=[provider])
        )
        aws.s3.Bucket("lake", opts=pulumi.ResourceOptions(parent=parent))

    resources = by_name(program)
    assert resources["lake"].provider == f"{PREFIX}pulumi:providers:aws::fra"
    assert resources["fra"].inputs["region"] == "eu-central-1"


def test_children_of_a_renamed_component_are_renamed_with_it():
    def program():
        Rack("r1", 1, pulumi.ResourceOptions(aliases=[pulumi.Alias(name="rack-one")]))

    resources = by_name(program)
    assert resources["r1"].aliases == (f"{PREFIX}aifactory:onprem:Rack::rack-one",)
    assert resources["r1-0"].aliases == (
        f"{PREFIX}aifactory:onprem:Rack$vendor:bmc:Node::rack-one-0",
    )


def test_stack_transformations_are_applied():
    def tag(args):
        return pulumi.ResourceTransformationResult({**args.props, "owner": "ml"}, args.opts)

    def program():
        pulumi.runtime.register_stack_transformation(tag)
        pulumi.CustomResource("v:m:T", "t", {"a": 1})

    assert by_name(program)["t"].inputs == {"a": 1, "owner": "ml"}


def labelled(label, **options):
    """A transform that adds a label to the inputs, and sets options."""

    def transform(args):
        merged = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(**options))
        seen = [*args.props.get("seen", []), label]
        return pulumi.ResourceTransformResult({**args.props, "seen": seen}, merged)

    return transform


def test_transforms_run_from_the_resource_up_to_the_stack():
    def program():
        pulumi.runtime.register_resource_transform(labelled("stack", protect=True))
        parent = pulumi.ComponentResource(
            "a:b:C", "c", {}, pulumi.ResourceOptions(transforms=[labelled("parent")])
        )
        other = pulumi.CustomResource("v:m:Other", "o", {"x": None})
        pulumi.CustomResource(
            "v:m:T",
            "t",
            {"key": pulumi.Output.secret("hush"), "later": other.x},
            pulumi.ResourceOptions(
                parent=parent,
                transforms=[labelled("own", ignore_changes=["key"], retain_on_delete=True)],
            ),
        )

    resources = by_name(program)
    thing = resources["t"]
    assert thing.inputs["seen"] == ["own", "parent", "stack"]
    assert (thing.inputs["key"], thing.inputs["later"]) == (Secret("hush"), UNKNOWN)
    assert thing.dependencies == (resources["o"].urn,)
    assert (thing.ignore_changes, thing.retain_on_delete) == (("key",), True)
    assert (thing.protect, resources["c"].protect) == (True, True)
    assert resources["c"].inputs == {"seen": ["parent", "stack"]}


def test_a_transform_that_fails_is_one_finding():
    def transform(_args):
        raise ValueError("no")

    def program():
        options = pulumi.ResourceOptions(transforms=[transform])
        pulumi.CustomResource("v:m:T", "t", {}, options)

    (finding,) = construct(program, HERE).findings
    assert finding.rule == "AIF-PLN-001"
    assert "ValueError: no" in finding.message


def test_hooks_are_accepted_and_never_run():
    def hook(_args):
        raise AssertionError("a plan runs no hook")

    def program():
        binding = pulumi.ResourceHookBinding(before_create=[hook])
        pulumi.CustomResource("v:m:T", "t", {}, pulumi.ResourceOptions(hooks=binding))

    assert sorted(by_name(program)) == ["t"]


def test_stack_outputs_are_captured_with_unknowns_and_secrets():
    def program():
        rack = Rack("r1", 1)
        pulumi.export("node", rack.nodes[0].id)
        pulumi.export("size", 1)
        pulumi.export("password", pulumi.Output.secret("hush"))

    construction = construct(program, HERE)
    assert construction.outputs == {"node": UNKNOWN, "password": Secret("hush"), "size": 1}
    assert construction.component_outputs == {RACK: {"size": 1}}


def test_a_second_resource_of_the_same_urn_is_a_finding_and_the_rest_goes_on():
    def program():
        pulumi.CustomResource("v:m:T", "t", {"a": 1})
        pulumi.CustomResource("v:m:T", "t", {"a": 2})
        pulumi.CustomResource("v:m:T", "u", {})

    construction = construct(program, HERE)
    assert [finding.rule for finding in construction.findings] == ["AIF-PLN-004"]
    assert f"{PREFIX}v:m:T::t" in construction.findings[0].message
    assert [resource.name for resource in construction.resources] == ["t", "u"]
    assert construction.complete


def test_an_exception_is_a_finding_without_secrets_and_never_a_traceback():
    def program():
        pulumi.CustomResource("v:m:T", "t", {"key": pulumi.Output.secret("hush-hush")})
        raise ValueError("bad key hush-hush")

    construction = construct(program, HERE)
    (finding,) = construction.findings
    assert finding.rule == "AIF-PLN-001"
    assert finding.severity is Severity.CRITICAL
    assert finding.message.startswith(
        "The program of unit `fra1/compute` raised ValueError: bad key [secret] (in program, "
    )
    assert not construction.complete
    assert [resource.name for resource in construction.resources] == ["t"]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(lambda: exec("import sys; sys.exit(3)"), id="exit"),
        pytest.param(lambda: pulumi.Output.from_input(1).apply(lambda v: v / 0), id="apply"),
        pytest.param(lambda: pulumi.CustomResource("v:m:T", "", {}), id="no name"),
        pytest.param(lambda: aws.get_caller_identity().account_id, id="look-up"),
        pytest.param(lambda: pulumi.Config().require("absent"), id="config"),
    ],
)
def test_however_a_program_fails_it_is_one_finding(broken):
    construction = construct(lambda: broken() and None, HERE)
    assert [finding.rule for finding in construction.findings] == ["AIF-PLN-001"]


def test_a_program_that_waits_for_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(loop, "PATIENCE", 0.05)

    def program():
        never = pulumi.Output(set(), asyncio.Future(), asyncio.Future())
        pulumi.CustomResource("v:m:T", "t", {"a": never})

    (finding,) = construct(program, HERE).findings
    assert finding.rule == "AIF-PLN-001"
    assert "it waits for a value that nothing will give" in finding.message


def test_a_program_may_take_its_time():
    async def program():
        await asyncio.sleep(0.05)
        pulumi.CustomResource("v:m:T", "t", {"a": 1})

    assert by_name(program)["t"].inputs == {"a": 1}


def test_a_failed_program_prints_nothing(capfd):
    def program():
        first = pulumi.CustomResource("v:m:T", "a", {"x": None})
        broken = pulumi.Output.from_input(1).apply(lambda value: value / 0)
        for index in range(3):
            options = pulumi.ResourceOptions(depends_on=[first])
            pulumi.CustomResource("v:m:T", f"t{index}", {"x": broken, "y": first.x}, options)
        raise KeyError("missing")

    construct(program, HERE)
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_a_look_up_that_only_the_world_can_answer_is_named_in_the_hint():
    construction = construct(lambda: aws.get_caller_identity().account_id and None, HERE)
    assert construction.invoked == ("aws:index/getCallerIdentity:getCallerIdentity",)
    assert "aws:index/getCallerIdentity:getCallerIdentity" in construction.findings[0].hint


def test_an_output_form_look_up_is_unknown():
    def program():
        zones = aws.get_availability_zones_output()
        pulumi.CustomResource("v:m:T", "t", {"zone": zones.names[0]})

    assert by_name(program)["t"].inputs == {"zone": UNKNOWN}


def test_a_resource_that_is_only_read_is_not_planned():
    def program():
        vpc = aws.ec2.Vpc.get("shared", "vpc-123")
        aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.0.0.0/24")

    construction = construct(program, HERE)
    assert [(resource.name, resource.inputs) for resource in construction.resources] == [
        ("s", {"cidrBlock": "10.0.0.0/24", "vpcId": "vpc-123"})
    ]
    assert [(read.name, read.id) for read in construction.reads] == [("shared", "vpc-123")]


def test_a_remote_component_arrives_as_one_resource():
    def program():
        k8s.helm.v4.Chart("gpu", chart="gpu-operator")

    chart = by_name(program)["gpu"]
    assert (chart.type, chart.remote, chart.custom) == ("kubernetes:helm.sh/v4:Chart", True, False)


def test_config_is_passed_in_with_its_secrets():
    def program():
        config = pulumi.Config("net")
        pulumi.CustomResource(
            "v:m:T", "t", {"mtu": config.require_int("mtu"), "key": config.require_secret("key")}
        )

    setting = Setting(
        "factory", "dev", config={"net:mtu": "9000", "net:key": "k"}, config_secrets={"net:key"}
    )
    assert by_name(program, setting)["t"].inputs == {"mtu": 9000, "key": Secret("k")}


def test_warnings_of_the_program_are_findings():
    construction = construct(lambda: pulumi.log.warn("mind the gap"), HERE)
    assert [(f.rule, f.severity, f.message) for f in construction.findings] == [
        (
            "AIF-PLN-002",
            Severity.LOW,
            "The program of unit `fra1/compute` warns: mind the gap.",
        )
    ]


def test_errors_that_the_program_only_reports_are_findings():
    construction = construct(lambda: pulumi.log.error("the gap is open!"), HERE)
    assert [(f.rule, f.severity, f.message) for f in construction.findings] == [
        (
            "AIF-PLN-003",
            Severity.HIGH,
            "The program of unit `fra1/compute` reports an error: the gap is open!",
        )
    ]
    assert construction.complete


def test_secrets_are_taken_out_of_what_the_program_says():
    def program():
        pulumi.CustomResource("v:m:T", "t", {"key": pulumi.Output.secret('two\nlines "x"')})
        key = 'two\nlines "x"'
        pulumi.log.warn(f"odd: {key!r} and {key}")

    (finding,) = construct(program, HERE).findings
    assert finding.message == (
        "The program of unit `fra1/compute` warns: odd: '[secret]' and [secret]."
    )


def test_origins_reach_every_resource_below_the_construction():
    setting = Setting("factory", "dev", origins={"r1": ("compute", "train")})
    resources = by_name(lambda: Rack("r1", 1) and None, setting)
    assert resources["r1"].origin == resources["r1-0"].origin == ("compute", "train")


AMBIENT = {
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_PROFILE": "someone",
    "KUBECONFIG": "somewhere",
    "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY": "false",
    "PULUMI_K8S_CLIENT_QPS": "1",
    "PULUMI_CONFIG": '{"aws:region": "us-east-1"}',
    "PULUMI_CONFIG_AWS_REGION": "us-east-1",
}


def test_the_environment_changes_nothing(monkeypatch):
    def program():
        aws.Provider("a")
        k8s.Provider("k")
        pulumi.CustomResource("v:m:T", "t", {"region": aws.config.region or "none"})

    for name in AMBIENT:
        monkeypatch.delenv(name, raising=False)
    bare = construct(program, HERE)
    for name, value in AMBIENT.items():
        monkeypatch.setenv(name, value)
    before = dict(os.environ)
    assert construct(program, HERE) == bare
    assert dict(os.environ) == before


def test_runs_leave_no_trace_and_repeat_within_a_running_event_loop():
    def program():
        Rack("r1", 2)
        pulumi.export("x", 1)

    async def notebook():
        return construct(program, HERE)

    first = construct(program, HERE)
    assert asyncio.run(notebook()) == first == construct(program, HERE)
    assert pulumi.runtime.settings.ROOT.get() is None
    assert pulumi.runtime.settings.get_monitor() is None
    assert pulumi.get_stack() == "stack"


def test_the_places_of_the_sdk_that_are_replaced_for_speed_still_exist():
    from pulumi import log
    from pulumi.runtime import resource, stack

    assert callable(stack.wait_for_rpcs)
    assert callable(resource._get_stack_trace)
    assert callable(log.debug)

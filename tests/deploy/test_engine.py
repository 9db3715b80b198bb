"""The planner against Pulumi's own engine: the same states, the same names, the same operations.

The engine runs against a provider that creates nothing (`benchmarks/echo_provider.py`). Where
there is no `pulumi` on PATH that half is skipped; the other reads a checkpoint of an engine.
"""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from aifactory_iac.deploy import Deployment, FileBackend, Op, load_state, plan_units
from aifactory_iac.program.planned import Secret
from aifactory_iac.program.unit import Unit

HERE = Path(__file__).parent
PASSPHRASE = "a passphrase of the tests"
UNIT = Unit("echo", "all", (), (), ())
PLACE = Deployment("factory", "dev")
STACK = "dev.echo.all"


def first():
    fra = aws.Provider("fra", region="eu-central-1")
    rack("old", 2)
    opts = pulumi.ResourceOptions(provider=fra)
    vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", tags={"a": "1"}, opts=opts)
    aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.0.0.0/24", tags={"vpc": vpc.arn})
    aws.ec2.Subnet("gone", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
    k8s.core.v1.Secret("sec", string_data={"key": pulumi.Output.secret("hush")})
    aws.ec2.Vpc("big", cidr_block="10.9.0.0/16", tags={"a": "1", "b": "1"})
    pulumi.export("vpc", vpc.id)
    pulumi.export("key", pulumi.Output.secret("hush"))


def rack(name, nodes, **options):
    parent = pulumi.ComponentResource("a:b:Rack", name, {"n": 2}, pulumi.ResourceOptions(**options))
    for index in range(nodes):
        child = pulumi.ResourceOptions(parent=parent)
        aws.ec2.Instance(f"{name}-{index}", ami="ami-1", instance_type="p5.48xlarge", opts=child)
    parent.register_outputs({})


def changed():
    """Of everything one: update, rename with children, replacement, deletion, creation, secret."""
    fra = aws.Provider("fra", region="eu-central-1")
    rack("new", 3, aliases=[pulumi.Alias(name="old")])
    opts = pulumi.ResourceOptions(provider=fra)
    vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", tags={"a": "2"}, opts=opts)
    aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.0.0.0/24", tags={"vpc": vpc.arn})
    k8s.core.v1.Secret("sec", string_data={"key": pulumi.Output.secret("other")})
    ignore = pulumi.ResourceOptions(ignore_changes=["tags"])
    big = aws.ec2.Vpc("big", cidr_block="10.8.0.0/16", tags={"b": "2"}, opts=ignore)
    aws.ec2.Subnet("on-big", vpc_id=big.id, cidr_block="10.8.0.0/24")
    pulumi.export("vpc", vpc.id)


def ignoring():
    """Nothing changes that is not ignored, and a replacement is asked for by option."""
    fra = aws.Provider("fra", region="eu-central-1")
    rack("old", 2)
    opts = pulumi.ResourceOptions(provider=fra, replace_on_changes=["tags"])
    vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", tags={"a": "2"}, opts=opts)
    aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block="10.0.0.0/24", tags={"vpc": vpc.arn})
    aws.ec2.Subnet("gone", vpc_id=vpc.id, cidr_block="10.0.1.0/24")
    k8s.core.v1.Secret("sec", string_data={"key": pulumi.Output.secret("hush")})
    ignore = pulumi.ResourceOptions(ignore_changes=["tags.a"])
    aws.ec2.Vpc("big", cidr_block="10.9.0.0/16", tags={"a": "3", "b": "1"}, opts=ignore)


def ours(program, state):
    (unit,) = plan_units((UNIT,), PLACE, {UNIT.name: state}, lambda _unit, _ports: program())
    assert unit.findings == ()
    return {change.urn: change.op for change in unit.changes}


# --- with an engine ----------------------------------------------------------------------------

engine = pytest.mark.skipif(shutil.which("pulumi") is None, reason="no pulumi CLI on PATH")


@pytest.fixture
def echo():
    path = HERE.parent.parent / "benchmarks" / "echo_provider.py"
    spec = importlib.util.spec_from_file_location("echo_provider", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.serving() as port:
        yield f"aws:{port},kubernetes:{port}"


@pytest.fixture
def engine_stack(tmp_path, echo):
    from pulumi import automation

    (tmp_path / "work").mkdir()
    variables = {
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DEBUG_PROVIDERS": echo,
    }
    options = automation.LocalWorkspaceOptions(
        env_vars=variables, work_dir=str(tmp_path / "work"), secrets_provider="passphrase"
    )
    return automation.create_or_select_stack(
        STACK, project_name="factory", program=first, opts=options
    )


def engines_own(stack, program):
    """Operations by URN, without the stack itself and the providers that the engine makes."""
    seen = {}

    def event(each):
        step = each.resource_pre_event
        if step is not None:
            seen.setdefault(step.metadata.urn, set()).add(step.metadata.op.value)

    stack.workspace.program = program
    stack.preview(on_event=event)
    return {
        urn: "replace" if len(steps) > 1 or "replace" in "".join(steps) else steps.pop()
        for urn, steps in seen.items()
        if "pulumi:pulumi:Stack" not in urn and "::default_" not in urn
    }


POSSIBLE = {
    Op.UPDATE_MAYBE: {"same", "update", "replace"},
    Op.REPLACE_MAYBE: {"same", "update", "replace"},
}


@engine
@pytest.mark.engine
def test_every_operation_is_the_engines_own(engine_stack, tmp_path):
    from aifactory_iac.deploy.state import NEVER_APPLIED

    never = ours(first, NEVER_APPLIED)
    assert {urn: op.value for urn, op in never.items()} == engines_own(engine_stack, first)

    engine_stack.workspace.program = first
    engine_stack.up()
    state = FileBackend(tmp_path, PASSPHRASE).load("factory", STACK)
    assert set(ours(first, state).values()) == {Op.SAME}
    assert state.outputs == {"key": Secret("hush"), "vpc": "id-v"}

    for program in (changed, ignoring):
        planned, previewed = ours(program, state), engines_own(engine_stack, program)
        assert sorted(planned) == sorted(previewed)
        wrong = {
            urn: (op.value, previewed[urn])
            for urn, op in planned.items()
            if previewed[urn] not in POSSIBLE.get(op, {op.value})
        }
        assert wrong == {}


# --- with what an engine wrote -----------------------------------------------------------------


def test_the_checkpoint_of_an_engine_is_read_and_nothing_changes():
    state = load_state(HERE / "data" / "engine-3.260.0.json", PASSPHRASE)
    assert state.findings == ()
    assert set(ours(first, state).values()) == {Op.SAME}
    assert state.outputs == {"key": Secret("hush"), "vpc": "id-v"}


def test_a_changed_program_against_it_is_classed_resource_by_resource():
    state = load_state(HERE / "data" / "engine-3.260.0.json", PASSPHRASE)
    named = {urn.rsplit("::", 1)[1]: op.value for urn, op in ours(changed, state).items()}
    assert named == {
        "big": "replace",
        "fra": "same",
        "gone": "delete",
        "new": "same",
        "new-0": "same",
        "new-1": "same",
        "new-2": "create",
        "on-big": "create",
        "s": "same",
        "sec": "replace",
        "v": "update",
    }

"""Planning speed changes no plan: the SDK as it is, and as it is held for a run, say the same."""

from __future__ import annotations

import contextlib
import gc

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from aifactory_iac.deploy import Setting, construct, construction
from aifactory_iac.deploy.speed import planning_speed

HERE = Setting(project="factory", stack="dev")


def tour():
    """Every way in which values travel between resources."""
    provider = aws.Provider("fra", region="eu-central-1")
    site = pulumi.ComponentResource(
        "a:b:Site", "site", {"n": 1}, pulumi.ResourceOptions(protect=True, providers=[provider])
    )
    vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16", opts=pulumi.ResourceOptions(parent=site))
    subnet = aws.ec2.Subnet("s", vpc_id=vpc.id, cidr_block=vpc.cidr_block.apply(lambda c: c[:-2]))
    secret = pulumi.Output.all(subnet.arn, pulumi.Output.secret("hush")).apply(lambda each: each)
    key = aws.kms.Key("k", description=pulumi.Output.concat("for ", vpc.cidr_block))
    k8s.core.v1.Secret("sec", string_data={"a": secret, "b": pulumi.Output.secret("x")})
    k8s.apps.v1.Deployment(
        "d",
        metadata={"labels": {"zone": aws.get_availability_zones_output().names[0]}},
        spec={
            "selector": {"match_labels": {"a": "b"}},
            "template": {"spec": {"containers": [{"name": "c", "image": "i"}]}},
        },
        opts=pulumi.ResourceOptions(depends_on=[site, key]),
    )
    raw = pulumi.CustomResource("v:m:T", "raw", {"given": 1, "later": None})
    pulumi.CustomResource("v:m:T", "next", {"a": raw.later, "b": raw.given, "c": [raw.urn]})
    site.register_outputs({"vpc": vpc.id, "text": vpc.cidr_block})
    pulumi.export("all", {"vpc": vpc.id, "known": vpc.cidr_block, "secret": secret})


def broken():
    aws.ec2.Vpc("v", cidr_block=pulumi.Output.from_input(1).apply(lambda n: str(n / 0)))
    pulumi.export("x", 1)


def plainly(program, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(construction, "planning_speed", contextlib.nullcontext)
        return construct(program, HERE)


def test_a_plan_is_the_same_with_the_sdk_as_it_is(monkeypatch):
    fast = construct(tour, HERE)
    assert fast.findings == ()
    assert fast == plainly(tour, monkeypatch)


def test_so_is_a_failure(monkeypatch):
    fast, slow = construct(broken, HERE), plainly(broken, monkeypatch)
    assert [finding.rule for finding in fast.findings] == ["AIF-PLN-001"]
    assert fast.resources == slow.resources
    assert [finding.rule for finding in fast.findings] == [
        finding.rule for finding in slow.findings
    ]


def test_everything_is_put_back():
    def held():
        from pulumi import Output, log
        from pulumi.runtime import resource, rpc, stack

        return (
            stack.wait_for_rpcs,
            resource._get_stack_trace,
            log.debug,
            rpc.transfer_properties,
            Output._track,
            gc.isenabled(),
        )

    before = held()
    with contextlib.suppress(ZeroDivisionError), planning_speed():
        assert all(now is not then for now, then in zip(held()[:5], before[:5], strict=True))
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert held() == before

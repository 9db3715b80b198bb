"""Typed wiring: what fits, what does not, and the order that follows."""

from __future__ import annotations

from typing import Any

from aifactory_iac.findings import Finding, Severity
from aifactory_iac.program.ports import output_name, port, takes, wire
from aifactory_iac.program.unit import Call, Give, Options, ProviderCall, Ref, Take, Unit

ORIGIN = ("storage", "tiers", "lake")


def unit(layer: str, *, gives: tuple[Give, ...] = (), **args: Any) -> Unit:
    call = Call("aws.bucket:Bucket", "thing", args, origin=ORIGIN)
    return Unit("aws-fra", layer, (), (call,), gives)


def give(name: str, kind: Any) -> Give:
    return Give(name, kind, Ref("thing", name))


def says(rule: str, message: str, hint: str, path: Any = ORIGIN) -> Finding:
    return Finding(rule, Severity.HIGH, message, path, hint)


def test_a_unit_comes_after_those_that_it_takes_from_and_equals_go_by_name() -> None:
    network = unit("network", gives=(give("vpc_id", "VpcId"),))
    keys = unit("keys", gives=(give("key_arn", "KeyArn"),))
    storage = unit(
        "storage",
        key=Take("aws-fra/keys.key_arn", "KeyArn"),
        nested={"deep": ({"vpc": Take("aws-fra/network.vpc_id", "VpcId")},)},
    )
    wiring = wire([storage, network, keys])
    assert [item.name for item in wiring.units] == [
        "aws-fra/keys",
        "aws-fra/network",
        "aws-fra/storage",
    ]
    assert wiring.needs == {
        "aws-fra/keys": (),
        "aws-fra/network": (),
        "aws-fra/storage": ("aws-fra/keys", "aws-fra/network"),
    }
    assert wiring.findings == ()


def test_the_order_does_not_depend_on_how_the_units_were_listed() -> None:
    units = [unit(layer) for layer in ("c", "a", "b")]
    assert wire(units) == wire(reversed(units))


def test_a_take_that_nobody_gives_names_what_there_is_of_its_type() -> None:
    network = unit("network", gives=(give("vpc_id", "VpcId"),))
    storage = unit("storage", vpc=Take("aws-fra/network.vpc", "VpcId"))
    assert wire([network, storage]).findings == (
        says(
            "AIF-PRG-005",
            "Unit `aws-fra/storage` takes `aws-fra/network.vpc`, which no unit gives.",
            "ports of type VpcId at the site: `aws-fra/network.vpc_id`",
        ),
    )


def test_a_take_of_another_type_says_both_types() -> None:
    network = unit("network", gives=(give("vpc_id", "VpcId"),))
    storage = unit("storage", vpc=Take("aws-fra/network.vpc_id", "SubnetIds"))
    assert wire([network, storage]).findings == (
        says(
            "AIF-PRG-006",
            "Unit `aws-fra/storage` takes `aws-fra/network.vpc_id` as SubnetIds, but it is VpcId.",
            "take it as VpcId, or take another port",
        ),
    )


def test_two_candidates_are_an_error_that_lists_both() -> None:
    twin = unit("network", gives=(give("vpc_id", "VpcId"),))
    storage = unit("storage", vpc=Take("aws-fra/network.vpc_id", "VpcId"))
    assert wire([twin, storage, twin]).findings == (
        says(
            "AIF-PRG-001",
            "2 units are named `aws-fra/network`.",
            "give each its own site or layer",
            (),
        ),
        says(
            "AIF-PRG-007",
            "Unit `aws-fra/storage` takes `aws-fra/network.vpc_id`, which more than one unit "
            "gives: `aws-fra/network` and `aws-fra/network`.",
            "let one of them give it",
        ),
    )


def test_units_that_need_each_other_are_named_in_a_loop_and_kept() -> None:
    one = unit("one", gives=(give("a", "Text"),), x=Take("aws-fra/two.b", "Text"))
    two = unit("two", gives=(give("b", "Text"),), x=Take("aws-fra/one.a", "Text"))
    free = unit("zero")
    wiring = wire([two, one, free])
    assert wiring.findings == (
        says(
            "AIF-PRG-008",
            "Units need each other: `aws-fra/one` -> `aws-fra/two` -> `aws-fra/one`.",
            "move what one of them takes into a unit of its own",
            (),
        ),
    )
    assert [item.name for item in wiring.units] == ["aws-fra/zero", "aws-fra/one", "aws-fra/two"]


def test_names_inside_a_unit_are_checked() -> None:
    calls = (
        Call("aws.bucket:Bucket", "lake", {"key": Ref("kye", "key_arn")}, origin=ORIGIN),
        Call("aws.bucket:Bucket", "lake", {}, Options(depends_on=("none",)), ORIGIN),
    )
    gives = (
        Give("bucket", "BucketName", Ref("lak", "bucket_name")),
        Give("bucket", "BucketName", Ref("lake", "bucket_name")),
    )
    assert wire([Unit("s", "storage", (), calls, gives)]).findings == (
        says(
            "AIF-PRG-002",
            "Unit `s/storage` has 2 components named `lake`.",
            "give each a name of its own",
        ),
        says(
            "AIF-PRG-003",
            "Unit `s/storage` gives `bucket` 2 times.",
            "give each output a name of its own",
            (),
        ),
        says(
            "AIF-PRG-004",
            "Output `bucket` of unit `s/storage` refers to `lak`, which the unit does not have.",
            "components of the unit: `lake`",
            (),
        ),
        says(
            "AIF-PRG-004",
            "Component `lake` of unit `s/storage` refers to `kye`, which the unit does not have.",
            "components of the unit: `lake`",
        ),
        says(
            "AIF-PRG-004",
            "Component `lake` of unit `s/storage` refers to `none`, which the unit does not have.",
            "components of the unit: `lake`",
        ),
    )


def test_providers_take_too() -> None:
    kubeconfig = Take("s/cluster.eks_kubeconfig", "Kubeconfig")
    provider = ProviderCall("k", "kubernetes", {"kubeconfig": kubeconfig})
    assert takes(Unit("s", "platform", (provider,), (), ())) == (((), kubeconfig),)


def test_names_of_ports() -> None:
    assert port("aws-fra", "network", "vpc_id") == "aws-fra/network.vpc_id"
    assert output_name("burst-scratch", "dns_name") == "burst_scratch_dns_name"

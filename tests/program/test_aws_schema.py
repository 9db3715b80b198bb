"""Every input that the AWS components send is one that the provider knows, at any depth.

The typed classes take nested blocks as dictionaries and pass on keys that they do not know, so a
misspelt one would surface only when applying. The installed SDK's own types are the reference.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi_aws
import pytest
from pulumi import _types

from aifactory_iac.program import Lowered, Unit
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

Document = dict[str, Any]


def inner(annotation: Any) -> type | None:
    """The input type inside `Input[Optional[Sequence[Input[X]]]]`, if there is one."""
    if isinstance(annotation, type) and _types.is_input_type(annotation):
        return annotation
    for part in typing.get_args(annotation):
        found = inner(part)
        if found is not None:
            return found
    return None


def kinds(annotation: Any) -> set[str]:
    """Whether a value of the type is a `list`, a `map` or a `scalar`; empty where it may be any."""
    origin = typing.get_origin(annotation)
    if origin is not None and isinstance(origin, type):
        if issubclass(origin, Mapping):
            return {"map"}
        if issubclass(origin, Sequence):
            return {"list"}
    if annotation in (str, int, float, bool):
        return {"scalar"}
    if origin in (typing.Union, types.UnionType):
        return {kind for part in typing.get_args(annotation) for kind in kinds(part)}
    return set()


def kind_of(value: Any) -> str:
    if isinstance(value, list):
        return "list"
    return "map" if isinstance(value, Mapping) else "scalar"


def unknown_keys(value: Any, known: type, where: str) -> list[str]:
    """Paths of keys that the input type does not have, or whose values have another shape."""
    if isinstance(value, list):
        return [bad for item in value for bad in unknown_keys(item, known, where)]
    if not isinstance(value, Mapping):
        return []
    python_names = {
        wire: name for name, wire in _types.input_type_py_to_pulumi_names(known).items()
    }
    annotations = known.__init__.__annotations__
    namespace = vars(__import__(known.__module__, fromlist=["_"]))
    bad = []
    for key, item in value.items():
        if key not in python_names:
            bad.append(f"{where}.{key}")
            continue
        annotation = annotations[python_names[key]]
        if isinstance(annotation, str):
            annotation = eval(annotation, namespace)
        allowed = kinds(annotation)
        nested = _nested(annotation, namespace)
        if nested is not None and isinstance(item, Mapping):
            allowed = set()  # a dictionary stands for the nested type, which is no plain kind
        if item is not UNKNOWN and allowed and kind_of(item) not in allowed:
            bad.append(f"{where}.{key}: {kind_of(item)} instead of {sorted(allowed)}")
        if nested is not None:
            bad += unknown_keys(item, nested, f"{where}.{key}")
    return bad


def _nested(annotation: Any, namespace: dict[str, Any]) -> type | None:
    """As `inner`, with names in quotes looked up in the module that wrote them."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        short = annotation.rsplit(".", 1)[-1]
        candidate = namespace.get(short) or getattr(namespace.get("_inputs"), short, None)
        return inner(candidate)
    found = inner(annotation)
    if found is not None:
        return found
    for part in typing.get_args(annotation):
        nested = _nested(part, namespace)
        if nested is not None:
            return nested
    return None


def arguments(token: str) -> type:
    """`aws:eks/nodeGroup:NodeGroup` as the SDK's class of its arguments.

    Where a nested block has the resource's own name, the SDK calls the resource's `InitArgs`.
    """
    _, module, name = token.split(":")
    package = getattr(pulumi_aws, module.split("/")[0])
    return typing.cast(
        "type", getattr(package, f"{name}InitArgs", None) or getattr(package, f"{name}Args")
    )


@pytest.fixture
def everything(cloud: Document) -> Document:
    """A site that uses every component and every option of it."""
    cloud["sites"].append({**cloud["sites"][0], "name": "copy", "region": "eu-west-1"})
    cloud["compute"] += [
        {
            "name": "block",
            "site": "cloud",
            "instance": "p5en.48xlarge",
            "count": 2,
            "purchase": {"capacity_block": {"start": "2027-02-01T11:30:00Z", "duration": "14 d"}},
        }
    ]
    cloud["fabric"][0]["serves"].append("block")
    cluster = cloud["orchestration"]["clusters"][0]
    cluster["pools"].append("block")
    cluster["endpoint"] = {"public": True, "allowed": ["203.0.113.0/24"]}
    cloud["storage"]["tiers"] += [
        {"name": "copy", "site": "copy", "kind": "object"},
        {"name": "audit", "site": "cloud", "kind": "object", "retain": "1 y", "object_lock": True},
    ]
    cloud["storage"]["tiers"][0]["replicate_to"] = ["copy"]
    cloud["governance"] |= {
        "environment": "production",
        "budget": {"opex": "1 kUSD/month"},
        "audit": {"sink": {"tier": "audit"}, "retain": "1 y"},
        "roles": [{"name": "o", "members": ["arn:aws:iam::123456789012:role/o"], "may": ["admin"]}],
    }
    return cloud


def test_the_check_itself_finds_a_misspelt_key() -> None:
    template = arguments("aws:ec2/launchTemplate:LaunchTemplate")
    inputs = {
        "metadataOptions": {"httpTokens": "required", "hopLimit": 1},
        "networkInterfaces": [{"deviceIndex": 0}, {"card": 1}],
        "imdsv2": True,
        "description": ["a", "list"],
        "vpcSecurityGroupIds": "sg-1",
    }
    assert unknown_keys(inputs, template, "template") == [
        "template.metadataOptions.hopLimit",
        "template.networkInterfaces.card",
        "template.imdsv2",
        "template.description: list instead of ['scalar']",
        "template.vpcSecurityGroupIds: scalar instead of ['list']",
    ]


def test_the_provider_knows_every_input(
    everything: Document,
    lowered: Callable[[Document], Lowered],
    applied: Callable[[Unit], Mapping[str, PlannedResource]],
) -> None:
    units = [unit for unit in lowered(everything).units if unit.layer != "platform"]
    tokens = set()
    bad: list[str] = []
    for unit in units:
        for item in applied(unit).values():
            if item.type.startswith("aws:"):
                tokens.add(item.type)
                bad += unknown_keys(dict(item.inputs), arguments(item.type), item.name)
                required = [key for key, value in item.inputs.items() if value is None]
                assert required == [], item.urn
    assert bad == []
    assert len(tokens) == 43

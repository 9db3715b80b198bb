"""What a security group admits reads the same in all three ways of writing it."""

from __future__ import annotations

import pytest

from aifactory_iac.policy import UNKNOWN, Resources, openings, texts, value, within
from aifactory_iac.policy.example import Case, Reference, planned
from aifactory_iac.program.planned import Secret

GROUP = "aws:ec2/securityGroup:SecurityGroup"
INLINE = [
    {
        "type": GROUP,
        "name": "nodes",
        "inputs": {
            "ingress": [
                {"protocol": "tcp", "fromPort": 22, "toPort": 25, "cidrBlocks": ["10.0.0.0/8"]}
            ]
        },
    }
]
RULE = [
    {"type": GROUP, "name": "nodes"},
    {
        "type": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "name": "in",
        "inputs": {
            "securityGroupId": Reference("nodes"),
            "ipProtocol": "tcp",
            "fromPort": 22,
            "toPort": 25,
            "cidrIpv4": "10.0.0.0/8",
        },
    },
]
CLASSIC = [
    {"type": GROUP, "name": "nodes"},
    {
        "type": "aws:ec2/securityGroupRule:SecurityGroupRule",
        "name": "in",
        "inputs": {
            "type": "ingress",
            "securityGroupId": Reference("nodes"),
            "protocol": "tcp",
            "fromPort": 22,
            "toPort": 25,
            "cidrBlocks": ["10.0.0.0/8"],
        },
    },
]


def resources(items):
    return Resources.of_plan(planned(Case.model_validate({"resources": items})))


@pytest.mark.parametrize("items", [INLINE, RULE, CLASSIC], ids=["inline", "rule", "classic"])
def test_the_three_ways_say_the_same(items):
    ((opening,),) = openings(resources(items)).values()
    assert (opening.way, opening.protocol, opening.first, opening.last) == ("in", "tcp", 22, 25)
    assert (opening.networks, opening.peers, opening.itself) == (("10.0.0.0/8",), (), False)
    assert [port for port in (21, 22, 25, 26) if opening.covers(port)] == [22, 25]
    assert opening.wider_than(8) == ()
    assert opening.wider_than(9) == ("10.0.0.0/8",)


def test_a_group_that_admits_nothing_is_there_and_empty():
    assert list(openings(resources([{"type": GROUP, "name": "closed"}])).values()) == [()]


def test_a_peer_is_followed_though_its_id_is_unknown():
    items = [
        {"type": GROUP, "name": "files"},
        {"type": GROUP, "name": "nodes"},
        {
            "type": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
            "name": "out",
            "inputs": {
                "securityGroupId": Reference("nodes"),
                "referencedSecurityGroupId": Reference("files"),
                "ipProtocol": "-1",
            },
        },
    ]
    opened = {urn.rsplit("::", 1)[-1]: found for urn, found in openings(resources(items)).items()}
    assert opened["files"] == ()
    (opening,) = opened["nodes"]
    assert (opening.way, opening.everything, opening.itself) == ("out", True, False)
    assert [urn.rsplit("::", 1)[-1] for urn in opening.peers] == ["files"]
    assert opening.covers(988)


def test_a_network_that_is_unknown_or_none_is_not_one():
    items = [
        {
            "type": GROUP,
            "name": "nodes",
            "inputs": {"ingress": [{"protocol": "tcp", "cidrBlocks": ["10.0.0.0/99", UNKNOWN]}]},
        }
    ]
    ((opening,),) = openings(resources(items)).values()
    assert opening.networks == ()
    assert opening.covers(22)


def test_values_are_read_through_unknowns_and_secrets():
    inputs = {"a": {"b": [1, {"c": Secret("x")}]}, "later": UNKNOWN}
    assert value(inputs, "a", "b", 1, "c") == "x"
    assert value(inputs, "later", "anything", 3) is UNKNOWN
    assert value(inputs, "a", "b", 7) is None
    assert value(inputs, "a", "none", "deeper") is None
    assert value("text", 0) is None


def test_texts_leave_out_what_is_marked_secret():
    inputs = {"a": ["x", {"b": "y"}], "c": Secret("hidden"), "d": 3, "e": UNKNOWN}
    assert list(texts(inputs)) == [(("a", 0), "x"), (("a", 1, "b"), "y")]


@pytest.mark.parametrize(
    ("country", "places", "inside"),
    [
        ("DE", ["DE"], True),
        ("DE", ["EU"], True),
        ("NO", ["EU"], False),
        ("NO", ["EEA"], True),
        ("GB", ["EU", "EEA"], False),
        ("US", ["ANY"], True),
        ("US", [], False),
    ],
)
def test_countries_and_groups_of_countries(country, places, inside):
    assert within(country, places) is inside

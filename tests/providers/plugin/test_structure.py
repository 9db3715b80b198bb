"""Inputs against the schema: everything that does not fit, at once, with the way out."""

from __future__ import annotations

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.plugin import structure
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.schema import choices_of, package_schema

GROUP = "aifactory:metal:NodeGroup"
GOOD = {
    "site": "fra1",
    "pool": "training",
    "scalableUnit": 1,
    "system": "dgx-h100",
    "domain": "fra1.example",
    "boot": {"method": "http", "secure": True},
    "disks": {"wipe": "never", "encrypt": True},
    "rollout": {"unavailable": 2, "drain": True},
    "machines": {
        "gpu0001": {"rack": "r1", "unit": 1, "slot": 1, "bmc": "10.0.0.1", "address": "10.1.0.1"}
    },
}
MACHINE = GOOD["machines"]["gpu0001"]


def said(inputs, token=GROUP):
    found = structure.checked(structure.inputs_of(token), inputs)
    return {failure.property: failure.reason for failure in found.failures}


def test_good_inputs_pass_as_they_are():
    found = structure.checked(structure.inputs_of(GROUP), GOOD)
    assert found.failures == []
    assert found.inputs == GOOD


def test_the_schema_says_what_is_secret_and_which_types_there_are():
    assert structure.secret_outputs("aifactory:metal:Cluster") == {("kubeconfig",)}
    assert structure.secret_outputs(GROUP) == frozenset()
    assert structure.inputs_of("aifactory:metal:Nothing") is None
    assert GROUP in structure.tokens()


@pytest.mark.parametrize(
    ("change", "property_", "reason"),
    [
        ({"siet": "x"}, "siet", "is no property of it; did you mean `site`?"),
        (
            {"boot": {**GOOD["boot"], "zzz": 1}},
            "boot.zzz",
            "is no property of it; known are `method`, `secure`",
        ),
        (
            {"machines": {"gpu.1": {**MACHINE, "BMC": "x"}}},
            'machines["gpu.1"].BMC',
            "is no property of it; did you mean `bmc`?",
        ),
        ({"site": 7}, "site", "is a whole number; it has to be a text"),
        ({"scalableUnit": "1"}, "scalableUnit", "is a text; it has to be a whole number"),
        ({"scalableUnit": 1.5}, "scalableUnit", "is a number; it has to be a whole number"),
        ({"scalableUnit": True}, "scalableUnit", "is a truth value; it has to be a whole number"),
        ({"boot": []}, "boot", "is a list; it has to be an object"),
        ({"machines": "all"}, "machines", "is a text; it has to be an object"),
        ({"machines": {"n": None}}, "machines.n", "is nothing; it has to be an object"),
        (
            {"machines": {"n": {**MACHINE, "macs": "aa"}}},
            "machines.n.macs",
            "is a text; it has to be a list",
        ),
        (
            {"machines": {"n": {**MACHINE, "macs": ["aa", 1]}}},
            "machines.n.macs[1]",
            "is a whole number; it has to be a text",
        ),
        (
            {"disks": {"wipe": "Full", "encrypt": True}},
            "disks.wipe",
            "is none of `never`, `metadata`, `full`; did you mean `full`?",
        ),
        (
            {"disks": {"wipe": "hammer", "encrypt": True}},
            "disks.wipe",
            "is none of `never`, `metadata`, `full`",
        ),
        ({"disks": {"wipe": "never"}}, "disks.encrypt", "is missing"),
    ],
)
def test_what_does_not_fit(change, property_, reason):
    assert said({**GOOD, **change}) == {property_: reason}


def test_everything_is_said_at_once():
    known = ", ".join(f"`{name}`" for name in sorted(structure.inputs_of(GROUP).properties))
    assert said({"site": 1, "boot": {"method": "floppy"}, "zzz": {}}) == {
        "site": "is a whole number; it has to be a text",
        "boot.method": "is none of `http`, `media`, `pxe`",
        "boot.secure": "is missing",
        "zzz": f"is no property of it; known are {known}",
        **dict.fromkeys(
            ("pool", "scalableUnit", "system", "machines", "disks", "rollout", "domain"),
            "is missing",
        ),
    }


def test_what_is_unknown_fits_everywhere():
    unknown = dict.fromkeys(GOOD, UNKNOWN)
    assert said(unknown) == {}
    assert said({**GOOD, "machines": {"n": {**MACHINE, "unit": UNKNOWN}}}) == {}


def test_what_is_null_was_not_given():
    inputs = {**GOOD, "image": None, "disks": {**GOOD["disks"], "root": None}}
    found = structure.checked(structure.inputs_of(GROUP), inputs)
    assert found.failures == []
    assert found.inputs == GOOD
    assert said({**GOOD, "site": None}) == {"site": "is missing"}


def test_a_tree_of_anything_is_left_alone():
    token = "aifactory:metal:SwitchConfig"
    tree = {"interface": {"swp1": {"type": None, "mtu": 9216}}}
    found = structure.checked(structure.inputs_of(token), {"config": tree})
    assert found.inputs == {"config": tree}
    assert "config" not in {failure.property for failure in found.failures}


def json_schema(field):
    """The same demands as a JSON Schema, by a way of its own."""
    if "$ref" in field:
        body = package_schema()["types"].get(field["$ref"].removeprefix("#/types/"))
        return closed(body["properties"], body["required"]) if body else {}
    if field["type"] == "array":
        return {"type": "array", "items": json_schema(field["items"])}
    if field["type"] == "object":
        return {
            "type": "object",
            "additionalProperties": json_schema(field["additionalProperties"]),
        }
    choices = choices_of(field.get("description", ""))
    return {"type": field["type"], **({"enum": list(choices)} if choices else {})}


def closed(properties, required):
    return {
        "type": "object",
        "properties": {name: json_schema(field) for name, field in properties.items()},
        "required": list(required),
        "additionalProperties": False,
    }


WITNESS = jsonschema.Draft202012Validator(
    closed(
        package_schema()["resources"][GROUP]["inputProperties"],
        package_schema()["resources"][GROUP]["requiredInputs"],
    )
)
ODD = st.sampled_from(
    ["http", "never", "x", 1, 1.5, True, [], ["a"], {}, {"os": "ubuntu"}, MACHINE]
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "image", "bmc", "typo"]), ODD), st.booleans())
def test_a_json_schema_validator_comes_to_the_same_verdict(change, nested):
    inputs = {**GOOD, **({"boot": change} if nested else change)}
    assert bool(said(inputs)) is not WITNESS.is_valid(inputs)

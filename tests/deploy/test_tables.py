"""The tables on resource types: sourced, well formed, and about types that our programs emit."""

from __future__ import annotations

import importlib
import re
from importlib import resources
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from aifactory_iac import deploy
from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import property_path, tables
from aifactory_iac.providers.schema import package_schema


def read(name):
    text = resources.files("aifactory_iac.deploy").joinpath("data", name).read_text("utf-8")
    return YAML(typ="safe").load(text)


REPLACEMENT, IMPACT, OUTPUTS = read("replacement.yaml"), read("impact.yaml"), read("outputs.yaml")


@pytest.mark.parametrize("type_", sorted(REPLACEMENT["types"]))
def test_every_entry_names_a_source_and_lists_patterns_in_order(type_):
    entry = REPLACEMENT["types"][type_]
    assert entry["source"] in REPLACEMENT["sources"]
    assert set(entry) <= {"source", "complete", "replaces", "may_replace", "unless"}
    for part in ("replaces", "may_replace"):
        patterns = entry.get(part, [])
        assert patterns == sorted(set(patterns))
        assert all(property_path.render(property_path.parse(each)) == each for each in patterns)
    lifted = {each for patterns in entry.get("unless", {}).values() for each in patterns}
    assert lifted <= set(entry.get("replaces", []))


@pytest.mark.parametrize("type_", sorted(IMPACT["types"]))
def test_every_impact_is_one_and_data_loss_says_why(type_):
    entry = IMPACT["types"][type_]
    assert set(entry) <= {"gone", "reason", "updates"}
    gone = Impact(entry.get("gone", "replace"))
    if gone in (Impact.DATA_LOSS,):
        assert entry["reason"]
    for update in entry.get("updates", []):
        assert Impact(update["impact"])
        assert update.get("when", "any") in ("any", "remove", "shrink")


@pytest.mark.parametrize("type_", sorted(OUTPUTS["types"]))
def test_every_stable_output_has_a_source_and_is_an_output(type_):
    entry = OUTPUTS["types"][type_]
    assert set(entry) == {"source", "stable"}
    assert entry["source"] in OUTPUTS["sources"]
    assert entry["stable"] == sorted(set(entry["stable"]))
    paths = [property_path.parse(each) for each in entry["stable"]]
    assert [property_path.render(path) for path in paths] == entry["stable"]
    if type_.startswith("aws:") and "/" in type_:
        module, name = re.fullmatch(r"aws:(\w+)/\w+:(\w+)", type_).groups()
        resource = getattr(importlib.import_module(f"pulumi_aws.{module}"), name)
        for path in paths:
            assert hasattr(resource, _snake(str(path[0]))), path


def _snake(name):
    return re.sub(r"(?<=[a-z])[A-Z]", lambda match: f"_{match.group()}", name).lower()


def test_stable_outputs_add_up_from_all_types_to_one():
    everywhere = (("arn",), ("id",), ("name",), ("urn",))
    assert tables.stable_outputs("v:m:T") == everywhere
    assert tables.stable_outputs("aws:x/y:Z") == (*everywhere, ("ownerId",), ("region",))
    assert tables.stable_outputs("aws:kms/key:Key")[-1] == ("keyId",)


def test_stable_outputs_of_our_own_provider_are_in_its_schema():
    for type_, resource in package_schema()["resources"].items():
        listed = OUTPUTS["types"].get(type_, {"stable": []})["stable"]
        assert set(listed) <= set(resource["properties"]) - set(resource["inputProperties"])


def test_an_unlisted_type_promises_nothing_and_a_package_stands_in_for_its_types():
    assert tables.replacement_of("v:m:T") == tables.UNLISTED
    assert tables.replacement_of("kubernetes:x/v1:Y").complete
    assert tables.replacement_of("aws:x/y:Z").replaces == (("region",),)
    assert tables.impact_of("v:m:T") == tables.ORDINARY


def test_properties_of_our_own_provider_are_in_its_schema():
    schema = package_schema()["resources"]
    assert set(schema) <= set(REPLACEMENT["types"])
    for type_, resource in schema.items():
        known = set(resource["inputProperties"])
        named = {property_path.parse(each)[0] for each in REPLACEMENT["types"][type_]["replaces"]}
        named |= {
            property_path.parse(update["property"])[0]
            for update in IMPACT["types"].get(type_, {}).get("updates", [])
        }
        assert named <= known, type_


def test_every_type_of_our_components_has_an_entry():
    """A component that emits a new type has to say what replaces it, or stay `update?`."""
    components = Path(deploy.__file__).parent.parent / "program" / "components"
    used = {
        match.group(1)
        for file in components.rglob("*.py")
        for match in re.finditer(r"\baws\.([a-z0-9]+\.[A-Z]\w+)\(", file.read_text("utf-8"))
        if not match.group(1).endswith("Args")
    }
    listed = {
        f"{module}.{name}"
        for module, name in (
            re.fullmatch(r"aws:(\w+)/\w+:(\w+)", type_).groups()
            for type_ in REPLACEMENT["types"]
            if type_.startswith("aws:") and "/" in type_
        )
    }
    assert sorted(used - listed) == []


def test_the_digest_of_the_tables_is_stable_within_a_run():
    assert tables.digest() == tables.digest()
    assert re.fullmatch(r"[0-9a-f]{64}", tables.digest())

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


OWN = package_schema()
RESOURCES = OWN["resources"]


@pytest.mark.parametrize("table", [REPLACEMENT, IMPACT], ids=["replacement", "impact"])
def test_every_type_of_our_own_provider_has_an_entry_and_no_other(table):
    listed = {type_ for type_ in table["types"] if type_.startswith("aifactory:metal:")}
    assert listed == set(RESOURCES)


@pytest.mark.parametrize("type_", sorted(RESOURCES))
def test_patterns_of_our_own_provider_name_real_inputs(type_):
    updates = [each["property"] for each in IMPACT["types"][type_].get("updates", [])]
    named = [*REPLACEMENT["types"][type_]["replaces"], *updates]
    body = {"properties": RESOURCES[type_]["inputProperties"]}
    assert [each for each in named if not leads_somewhere(property_path.parse(each), body)] == []


def leads_somewhere(path, body):
    """Whether a pattern leads through the types of the schema to a property of theirs."""
    if not path:
        return True
    field = body["properties"].get(path[0])
    if field is None:
        return False
    rest = path[1:]
    while rest and "$ref" not in field and ("additionalProperties" in field or "items" in field):
        field = field.get("additionalProperties") or field["items"]
        rest = rest[1:]
    if not rest or "$ref" not in field:
        return not rest
    name = field["$ref"].rpartition("/")[2]
    return name in OWN["types"] and leads_somewhere(rest, OWN["types"][name])


def test_a_pattern_that_leads_nowhere_would_be_seen():
    group = {"properties": RESOURCES["aifactory:metal:NodeGroup"]["inputProperties"]}
    for text, real in (
        ("machines.*.rack", True),
        ("image.digest", True),
        ("install.config.autoinstall.users", True),
        ("image.digset", False),
        ("machines.*.rank", False),
        ("watts.each", False),
        ("nothing", False),
    ):
        assert leads_somewhere(property_path.parse(text), group) is real, text


def test_what_destroys_a_root_disk_is_said_so():
    group = {
        rule.pattern: rule.impact for rule in tables.impact_of("aifactory:metal:NodeGroup").updates
    }
    for text in ("image.digest", "install.config", "disks.root"):
        assert group[property_path.parse(text)] is Impact.DATA_LOSS
    assert group[("bios",)] is group[("firmware",)] is group[("power",)] is Impact.DRAIN


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

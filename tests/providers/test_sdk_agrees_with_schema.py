"""The SDK classes and the published schema say the same about every field."""

from __future__ import annotations

import inspect
import re
import typing
from pathlib import Path

import pulumi
import pytest

import aifactory_iac
from aifactory_iac.providers import metal
from aifactory_iac.providers.schema import choices_of, package_schema

SCHEMA = package_schema()
RESOURCES = {token.rsplit(":", 1)[1]: body for token, body in SCHEMA["resources"].items()}
TYPES = {token.rsplit(":", 1)[1]: body for token, body in SCHEMA["types"].items()}
SDK_TYPES = {
    name: kind
    for name, kind in vars(metal).items()
    if typing.is_typeddict(kind) and not name.startswith("_")
}
SDK_RESOURCES = {
    name: kind
    for name, kind in vars(metal).items()
    if inspect.isclass(kind)
    and issubclass(kind, pulumi.CustomResource)
    and kind is not metal.Provider
}


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def parameters(kind: type) -> dict[str, inspect.Parameter]:
    found = dict(inspect.signature(kind.__init__).parameters)
    for own in ("self", "resource_name", "opts"):
        found.pop(own)
    return {camel(name): parameter for name, parameter in found.items()}


def test_the_schema_and_the_sdk_hold_the_same_types():
    assert sorted(SDK_RESOURCES) == sorted(RESOURCES)
    assert sorted(SDK_TYPES) == sorted(TYPES)


def test_the_package_is_named_and_versioned_once():
    assert SCHEMA["name"] == metal.PACKAGE == "aifactory"
    assert SCHEMA["version"] == metal.VERSION == aifactory_iac.__version__


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_inputs_of_a_resource(name: str):
    found = parameters(SDK_RESOURCES[name])
    assert list(found) == list(RESOURCES[name]["inputProperties"])
    required = [key for key, value in found.items() if value.default is inspect.Parameter.empty]
    assert required == RESOURCES[name]["requiredInputs"]


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_outputs_of_a_resource(name: str):
    body = RESOURCES[name]
    only_outputs = [key for key in body["properties"] if key not in body["inputProperties"]]
    getters = [
        key for key, value in vars(SDK_RESOURCES[name]).items() if isinstance(value, property)
    ]
    assert getters == only_outputs


@pytest.mark.parametrize("name", sorted(TYPES))
def test_fields_of_a_nested_type(name: str):
    kind = SDK_TYPES[name]
    assert list(typing.get_type_hints(kind)) == list(TYPES[name]["properties"])
    # `__required_keys__` cannot see through postponed annotations; the hints can.
    hints = typing.get_type_hints(kind, include_extras=True)
    required = [
        key for key, hint in hints.items() if typing.get_origin(hint) is not typing.NotRequired
    ]
    assert required == TYPES[name]["required"]


@pytest.mark.parametrize("name", sorted(TYPES))
def test_choices_of_a_nested_type_are_written_in_its_schema(name: str):
    for field, hint in typing.get_type_hints(SDK_TYPES[name]).items():
        if typing.get_origin(hint) is typing.Literal:
            described = TYPES[name]["properties"][field]["description"]
            listed = ", ".join(f"`{choice}`" for choice in typing.get_args(hint))
            assert described.endswith(f"One of: {listed}.")
            assert choices_of(described) == typing.get_args(hint)


def test_settings_of_the_provider():
    settings = SCHEMA["config"]["variables"]
    assert list(parameters(metal.Provider)) == list(settings)
    assert SCHEMA["provider"]["inputProperties"] == settings
    variables = {
        name: field["defaultInfo"]["environment"]
        for name, field in settings.items()
        if not field.get("secret")
    }
    assert variables["stateDir"] == ["AIFACTORY_STATE_DIR"]
    assert variables["siteCa"] == ["AIFACTORY_SITE_CA"]
    assert set(settings) - set(variables) == {"secrets"}


def test_a_description_without_choices_has_none():
    assert choices_of("One of: these. Not at the end.") == ()
    assert choices_of("Operating system: `nvue` or `sonic`.") == ()


def test_every_reference_in_the_schema_resolves():
    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if "$ref" in value else []
            return own + [found for item in value.values() for found in references(item)]
        if isinstance(value, list):
            return [found for item in value for found in references(item)]
        return []

    local = {found for found in references(SCHEMA) if found.startswith("#/types/")}
    assert {f"#/types/{token}" for token in SCHEMA["types"]} == local


def test_every_field_is_described():
    for body in [*SCHEMA["types"].values(), *SCHEMA["resources"].values()]:
        for field in body.get("inputProperties", body["properties"]).values():
            assert field["description"].endswith(".")


def test_the_kubeconfig_is_secret():
    assert SCHEMA["resources"]["aifactory:metal:Cluster"]["properties"]["kubeconfig"]["secret"]


def test_the_reference_page_lists_every_resource():
    page = Path(__file__).parents[2] / "docs" / "reference" / "bare-metal-types.md"
    listed = re.findall(r"^\| `(aifactory:metal:\w+)`", page.read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(SCHEMA["resources"])


def test_the_reference_page_lists_every_setting_with_its_variable():
    page = Path(__file__).parents[2] / "docs" / "reference" / "bare-metal-types.md"
    listed = re.findall(r"^\| `(\w+)` \| `(AIFACTORY_\w+)` \|", page.read_text(), re.MULTILINE)
    assert listed == [
        (name, *field["defaultInfo"]["environment"])
        for name, field in SCHEMA["config"]["variables"].items()
        if "defaultInfo" in field
    ]

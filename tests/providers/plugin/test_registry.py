"""Schema, SDK and registry hold the same resource types."""

from __future__ import annotations

import inspect

import pulumi
import pytest

from aifactory_iac.providers import metal
from aifactory_iac.providers.plugin.registry import MODULES, resource_type
from aifactory_iac.providers.resource import ProviderError
from aifactory_iac.providers.schema import package_schema

SDK = {
    f"aifactory:metal:{name}"
    for name, kind in vars(metal).items()
    if inspect.isclass(kind)
    and issubclass(kind, pulumi.CustomResource)
    and not issubclass(kind, pulumi.ProviderResource)
}


def test_every_type_is_in_the_registry_the_schema_and_the_sdk():
    assert sorted(MODULES) == sorted(package_schema()["resources"]) == sorted(SDK)


@pytest.mark.parametrize("token", sorted(MODULES))
def test_a_type_goes_by_its_token(token):
    assert resource_type(token).token == token


def test_an_unknown_type_is_refused_with_what_was_meant():
    with pytest.raises(ProviderError) as refused:
        resource_type("aifactory:metal:NodeGroups")
    assert str(refused.value) == (
        "this version of aifactory has no resource type `aifactory:metal:NodeGroups`; "
        "did you mean `aifactory:metal:NodeGroup`?"
    )

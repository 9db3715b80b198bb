"""Names: Pulumi projects and stacks, URNs, former URNs, property paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy.aliases import Alias, expand
from aifactory_iac.deploy.naming import LONGEST, project_name, stack_name
from aifactory_iac.deploy.property_path import covers, parse, render, touches
from aifactory_iac.program.unit import Unit

STACK = "urn:pulumi:dev::factory::pulumi:pulumi:Stack::factory-dev"
RACK = "urn:pulumi:dev::factory::a:b:Rack::new"


def named(site: str, layer: str, stack: str = "prod") -> str:
    return stack_name(Unit(site, layer, (), (), ()), stack)


def test_a_project_is_the_blueprint_and_a_stack_is_one_unit_of_one_deployment():
    assert project_name("regulated-hybrid") == "regulated-hybrid"
    assert named("aws-fra", "network") == "prod.aws-fra.network"
    assert named("aws-fra", "cluster/cloud") == "prod.aws-fra.cluster-cloud"


def test_a_name_over_pulumis_limit_keeps_its_start_and_stays_unique():
    first, second = named("s" * 60, "l" * 60), named("s" * 60, "l" * 59 + "m")
    assert len(first) == len(second) == LONGEST
    assert first != second
    assert first.startswith("prod." + "s" * 60)


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_name_is_one_that_pulumi_takes(site, layer):
    import re

    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", named(site, layer))


def test_the_stacks_own_type_is_not_part_of_a_qualified_type():
    below_stack = urns.build("dev", "factory", "a:b:Rack", "new", STACK)
    assert below_stack == RACK == urns.build("dev", "factory", "a:b:Rack", "new", None)
    child = urns.build("dev", "factory", "c:d:Node", "n::1", RACK)
    assert child == "urn:pulumi:dev::factory::a:b:Rack$c:d:Node::n::1"
    assert (urns.type_of(child), urns.name_of(child)) == ("c:d:Node", "n::1")
    assert (urns.stack_of(child), urns.project_of(child)) == ("dev", "factory")


@pytest.mark.parametrize(
    ("urn", "made_by_engine"),
    [
        ("urn:pulumi:dev::p::pulumi:providers:aws::default", True),
        ("urn:pulumi:dev::p::pulumi:providers:aws::default_7_51_1", True),
        ("urn:pulumi:dev::p::pulumi:providers:aws::fra", False),
        ("urn:pulumi:dev::p::a:b:C::default", False),
    ],
)
def test_default_providers_are_told_by_type_and_name(urn, made_by_engine):
    assert urns.is_default_provider(urn) is made_by_engine


def former(urn: str, parent: str | None, *written: Alias, inherited: tuple[str, ...] = ()):
    return expand(urn, parent, written, inherited, {})


def test_an_alias_keeps_what_it_does_not_name():
    assert former(RACK, None, Alias(name="old")) == ("urn:pulumi:dev::factory::a:b:Rack::old",)
    assert former(RACK, None, Alias(type="a:b:Shelf")) == (
        "urn:pulumi:dev::factory::a:b:Shelf::new",
    )
    assert former(RACK, None, Alias(stack="test", project="p")) == (
        "urn:pulumi:test::p::a:b:Rack::new",
    )


def test_a_child_without_a_parent_before_says_so():
    child = "urn:pulumi:dev::factory::a:b:Rack$c:d:Node::n"
    assert former(child, RACK, Alias(no_parent=True)) == ("urn:pulumi:dev::factory::c:d:Node::n",)


def test_a_child_inherits_its_parents_former_name_and_type():
    child = "urn:pulumi:dev::factory::a:b:Rack$c:d:Node::new-1"
    parents = ("urn:pulumi:dev::factory::a:b:Shelf::old",)
    assert former(child, RACK, inherited=parents) == (
        "urn:pulumi:dev::factory::a:b:Shelf$c:d:Node::old-1",
    )


def test_own_and_inherited_aliases_multiply():
    child = "urn:pulumi:dev::factory::a:b:Rack$c:d:Node::new-1"
    parents = ("urn:pulumi:dev::factory::a:b:Rack::old",)
    assert former(child, RACK, Alias(name="one"), Alias(type="c:d:Blade"), inherited=parents) == (
        "urn:pulumi:dev::factory::a:b:Rack$c:d:Node::one",
        "urn:pulumi:dev::factory::a:b:Rack$c:d:Blade::new-1",
        "urn:pulumi:dev::factory::a:b:Rack$c:d:Node::old-1",
        "urn:pulumi:dev::factory::a:b:Rack$c:d:Blade::old-1",
    )


def test_a_resource_is_never_its_own_alias():
    assert former(RACK, None, Alias(name="new"), Alias(urn=RACK)) == ()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tags", ("tags",)),
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ('tags["a.b"]', ("tags", "a.b")),
        ('["a.b"].c', ("a.b", "c")),
        ("spec.containers[*].env", ("spec", "containers", "*", "env")),
        ("*", ("*",)),
    ],
)
def test_property_paths_read_and_write_as_pulumi_does(text, path):
    assert parse(text) == path
    if "*" not in path:
        assert render(path) == text


@given(st.lists(st.integers(0, 99) | st.text(min_size=1), min_size=1).map(tuple))
def test_every_path_survives_being_written_down(path):
    assert parse(render(path)) == path


def test_a_pattern_covers_what_is_below_and_touches_what_is_above():
    pattern = parse("spec.template")
    assert covers(pattern, ("spec", "template", "metadata"))
    assert not covers(pattern, ("spec",))
    assert touches(pattern, ("spec",))
    assert not touches(pattern, ("spec", "replicas"))
    assert covers(parse("machines.*.rack"), ("machines", "n1", "rack"))


def test_the_package_is_imported_without_pulumi():
    import subprocess
    import sys

    code = (
        "import sys, aifactory_iac.deploy; from aifactory_iac.deploy import naming, sealing, state"
    )
    check = f"{code}; assert not {{'pulumi', 'grpc'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)

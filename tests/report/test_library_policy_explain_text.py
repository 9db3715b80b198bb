"""The library, the rules and the explanation of a value on a terminal and as JSON."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import jsonschema
import pytest

from aifactory_iac.api import explain, load
from aifactory_iac.blueprint.explain import Explanation, Step
from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.findings import Severity, Span
from aifactory_iac.library import Volume, volumes
from aifactory_iac.policy import Rule, load_rules
from aifactory_iac.policy.gate import DataProblem
from aifactory_iac.policy.load import BrokenRule
from aifactory_iac.report.explain_text import explanation_document, explanation_text
from aifactory_iac.report.library_text import (
    blueprint_document,
    blueprint_view,
    library_document,
    library_view,
)
from aifactory_iac.report.policy_text import (
    policies_document,
    policies_view,
    policy_document,
    policy_view,
)
from aifactory_iac.report.schemas import schema
from aifactory_iac.report.tables import rendered

BLUEPRINT = """\
apiVersion: aifactory/v1
kind: Blueprint
metadata:
  name: tiny
  version: 1.0.0
  title: A tiny hall
  description: "One pool,\\nand [nothing] \\e[2J else."
parameters:
  nodes: {type: integer, minimum: 1, maximum: 8, default: 4, description: How many nodes}
  least: {type: integer, minimum: 1, default: 1, description: At least}
  most: {type: integer, maximum: 9, default: 1, description: At most}
  country: {enum: [DE, FR], description: Where it stands}
  envelope: {type: string, default: 1 MW, description: Facility power}
  flag: {default: true, description: Anything}
sites:
  - name: hall
    kind: on-prem
    location: {country: DE}
    facility: {envelope: "${envelope}"}
compute:
  - {name: train, site: hall, system: dgx-h100, count: "${nodes}"}
"""


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "blueprint.yaml").write_text(BLUEPRINT)
    return Volume("tiny", folder)


@pytest.fixture
def factory(volume):
    return load(str(volume.document), parameters={"country": "DE"})


def test_a_blueprint_says_what_it_is_what_it_asks_and_what_it_holds(factory):
    assert (
        rendered(blueprint_view(factory), colour=False)
        == """
tiny 1.0.0
A tiny hall

One pool,
and [nothing] ␛[2J else.

Parameters
parameter  default   allowed    what it is
country    required  DE | FR    Where it stands
envelope   1 MW      string     Facility power
flag       true      any        Anything
least      1         1 or more  At least
most       1         9 or less  At most
nodes      4         1 to 8     How many nodes

Layers
sites    hall (on-prem)
compute  train (dgx-h100)
"""
    )


def test_a_blueprint_without_title_and_parameters(tmp_path):
    file = tmp_path / "blueprint.yaml"
    file.write_text(
        "apiVersion: aifactory/v1\nkind: Blueprint\nmetadata: {name: bare, version: 1.0.0}\n"
        "sites:\n  - {name: hall, kind: on-prem, location: {country: DE}, "
        "facility: {envelope: 1 MW}}\n"
        "compute:\n  - {name: train, site: hall, system: dgx-h100, count: 4}\n"
    )
    text = rendered(blueprint_view(load(str(file))), colour=False)
    assert text == ("\nbare 1.0.0\n\nLayers\nsites    hall (on-prem)\ncompute  train (dgx-h100)\n")


def test_a_blueprint_as_json(factory):
    document = blueprint_document(factory)
    assert document["kind"] == "BlueprintSummary"
    assert list(document["parameters"]) == sorted(document["parameters"])
    assert document["layers"] == {"sites": "hall (on-prem)", "compute": "train (dgx-h100)"}


def test_the_library_is_a_line_a_blueprint_valid_or_not(volume, factory):
    (volume.directory / "odd.yaml").write_text(BLUEPRINT + "extra: 1\n")
    broken = load(str(volume.directory / "odd.yaml"))
    opened = [(volume, factory), (Volume("ghost", volume.directory), broken)]
    assert rendered(library_view(opened), colour=False, width=140) == (
        "blueprint  version  what it is\n"
        "tiny       1.0.0    A tiny hall\n"
        f"ghost      -        invalid: {broken.findings[0].message}\n"
    )
    document = library_document(opened)
    assert document["blueprints"] == [
        {"name": "tiny", "valid": True, "version": "1.0.0", "title": "A tiny hall"},
        {"name": "ghost", "valid": False, "version": None, "title": None},
    ]
    jsonschema.Draft202012Validator(schema("library")).validate(document)


@pytest.fixture(scope="module")
def rules():
    return load_rules(())


def test_the_rules_are_a_line_each_with_the_profiles_below(rules):
    lines = rendered(policies_view(rules), colour=False, width=80).splitlines()
    assert lines[0].split() == ["rule", "severity", "layer", "holds", "that"]
    assert [line.split()[0] for line in lines if line.startswith("AIF-")] == sorted(rules.rules)
    assert "Profiles" in lines
    assert "Cannot be used; the gate will not pass" not in lines
    assert not [line for line in lines if line.endswith("…")]


def test_what_of_the_rules_is_broken_is_named(rules):
    broken = replace(
        rules,
        broken=(BrokenRule("compute/odd.py", "SyntaxError: odd"),),
        problems=(DataProblem("pack:odd", "there is no rule X"),),
    )
    text = rendered(policies_view(broken), colour=False)
    assert text.endswith(
        "\nCannot be used; the gate will not pass\n"
        "compute/odd.py  SyntaxError: odd\n"
        "pack:odd        there is no rule X\n"
    )


def test_a_rule_says_why_it_is_and_what_it_supports(rules):
    rule = Rule(
        "OUR-CMP-001", "Nodes hold", Severity.HIGH, lambda _: (), ("soc2:CC6.1",), ("design",),
        zone="compute", parameters={"most": {"type": "integer", "default": 3,
                                             "description": "How many"}},
        description="Why it is.", layer="compute", file="compute/nodes.py",
    )  # fmt: skip
    assert (
        rendered(policy_view(rule, rules, (2, 1)), colour=False)
        == """
OUR-CMP-001  Nodes hold

Why it is.

severity  high
layer     compute
reads     design
packs     none
file      compute/nodes.py
examples  2 good, 1 bad; `aifactory policy test OUR-CMP-001` proves them
zone      compute

Parameters
most  How many (default 3)

Controls it supports
soc2:CC6.1  no rationale
"""
    )
    document = policy_document(rule, rules)
    assert (document["id"], document["zone"]) == ("OUR-CMP-001", "compute")
    assert document["controls"] == {"soc2:CC6.1": None}


def test_the_rules_as_json_have_a_published_schema(rules):
    document = policies_document(rules)
    jsonschema.Draft202012Validator(schema("policies")).validate(document)
    assert [each["id"] for each in document["rules"]] == sorted(rules.rules)


EXPLAINED = Explanation(
    path="compute.train.count",
    value=4,
    written=True,
    unit="W",
    doc="Number of nodes.",
    type="a whole number",
    required=True,
    impact=Impact.ROLLING,
    shrink=Impact.DRAIN,
    allowed=("0 or more", "9 or less"),
    refers_to="sites",
    catalog="systems",
    chain=(
        Step("default", "not given"),
        Step("blueprint", "${nodes}", Span("f.yaml", 9, 3), "refers to `parameters.nodes`"),
        Step("command line", "x" * 40, Span("<command line>", 1, 1)),
        Step("parent", "y" * 300, None, "`parameters.nodes`"),
    ),
)


def test_an_explanation_is_value_meaning_consequence_and_origin():
    assert click.unstyle(explanation_text(EXPLAINED)) == (
        "compute.train.count = 4\n"
        "\n"
        "  Number of nodes.\n"
        "\n"
        "  type            a whole number, required\n"
        "  unit            W\n"
        "  allowed         0 or more, 9 or less\n"
        "  names one of    sites\n"
        "  in the catalog  systems\n"
        "  a change        rolling: nodes are updated one wave after the other\n"
        "  a decrease      drain: nodes are drained first\n"
        "\n"
        "  where it comes from, the last one wins:\n"
        "    default       not given\n"
        "    blueprint     ${nodes}   f.yaml:9  (refers to `parameters.nodes`)\n"
        f"    command line  {'x' * 40}  <command line>:1\n"
        f"    parent        {'y' * 197}...  (`parameters.nodes`)\n"
    )


@pytest.mark.parametrize("impact", Impact)
def test_every_impact_is_said_in_words(impact):
    text = click.unstyle(explanation_text(replace(EXPLAINED, impact=impact, shrink=None)))
    assert f"  a change        {impact.value}: " in text
    assert "a decrease" not in text


def test_an_explanation_without_origin_doc_or_bounds():
    bare = Explanation("metadata", value={"name": "x"}, type="a mapping")
    assert click.unstyle(explanation_text(bare)) == (
        'metadata = {"name": "x"}\n\n  type            a mapping\n'
        "  a change        none: nothing in the running factory\n"
    )


def test_a_long_value_is_cut_and_hostile_text_shows_itself():
    odd = replace(
        EXPLAINED, path="a\x1b", value="\x1b[2J" * 100, doc="\x07",
        chain=(Step("blueprint", "\x1b[2J\nx", Span("\x1b.yaml", 1, 1), "\x1b"),),
    )  # fmt: skip
    text = click.unstyle(explanation_text(odd))
    assert "\x1b" not in text
    assert text.splitlines()[0] == "a␛ = " + ("␛[2J" * 100)[:197] + "..."
    assert text.splitlines()[-1] == "    blueprint     ␛[2J x  ␛.yaml:1  (␛)"


def test_an_explanation_as_json_has_a_published_schema():
    document = explanation_document(EXPLAINED)
    jsonschema.Draft202012Validator(schema("explain")).validate(document)
    assert document["chain"][1] == {
        "layer": "blueprint", "text": "${nodes}", "file": "f.yaml", "line": 9,
        "note": "refers to `parameters.nodes`",
    }  # fmt: skip
    assert document["chain"][0]["file"] is None


def test_values_of_any_kind_become_json():
    import datetime as dt

    document = explanation_document(
        replace(EXPLAINED, value={1: (dt.date(2026, 1, 2), None, True)}, shrink=None)
    )
    assert document["value"] == {"1": ["2026-01-02", None, True]}
    assert document["shrink"] is None


@pytest.mark.parametrize("name", [volume.name for volume in volumes()])
def test_every_top_level_section_can_be_explained(name):
    factory = load(name)
    for section in ("sites", "compute", "fabric", "storage", "governance", "metadata"):
        assert explanation_text(explain(factory, section)).startswith("\x1b[1m" + section)

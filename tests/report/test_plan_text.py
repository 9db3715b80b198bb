"""The plan on a terminal and in a pull request: figures, changes by unit, what to look at twice."""

from __future__ import annotations

import pytest

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import Plan, UnitPlan
from aifactory_iac.deploy.change import Change, Op
from aifactory_iac.deploy.diff import Kind, PropertyChange
from aifactory_iac.program.planned import Secret
from aifactory_iac.report.plan_markdown import MOST_CHANGES, plan_markdown
from aifactory_iac.report.plan_text import counts_line, plan_view, short_type
from aifactory_iac.report.tables import rendered


def change(op: Op, type_: str, name: str, impact: Impact = Impact.NONE, **others) -> Change:
    return Change("dc1/fabric", f"urn:{type_}::{name}", type_, name, op, impact, **others)


def unit(name: str, *changes: Change) -> UnitPlan:
    site, _, layer = name.partition("/")
    return UnitPlan(name, site, layer, f"dev.{site}.{layer}", (), False, True, "", (), changes, {},
                    ())  # fmt: skip


@pytest.fixture
def plan() -> Plan:
    return Plan(
        "factory",
        "prod",
        {"name": "tiny", "version": "1.0.0"},
        (
            unit(
                "dc1/fabric",
                *(change(Op.CREATE, "aifactory:metal:SwitchConfig", f"leaf-{number}")
                  for number in range(1, 15)),
                change(Op.CREATE, "aws:ec2/vpc:Vpc", "network"),
                change(Op.UPDATE, "aws:ec2/subnet:Subnet", "private-a", Impact.IN_PLACE,
                       properties=(
                           PropertyChange(("tags", "owner.of"), Kind.CHANGE, "a", "b" * 80),
                           PropertyChange(("key",), Kind.ADD, None, "x", secret=True),
                           PropertyChange(("list", 0), Kind.ADD, None, {"a": Secret("no")}),
                           PropertyChange(("gone",), Kind.REMOVE, 1),
                           PropertyChange(("arn",), Kind.UNKNOWN),
                       )),
                change(Op.REPLACE, "aws:fsx/lustreFileSystem:LustreFileSystem", "scratch",
                       Impact.DATA_LOSS, reasons=("Its capacity shrinks.",)),
                change(Op.DELETE, "aws:s3/bucket:Bucket", "old", Impact.DATA_LOSS),
                change(Op.UPDATE_MAYBE, "kubernetes:core/v1:Namespace", "team", Impact.ROLLING),
                change(Op.SAME, "aws:kms/key:Key", "disks"),
            ),
            unit("dc1/compute", change(Op.SAME, "aws:kms/key:Key", "logs")),
        ),
    )  # fmt: skip


def test_the_whole_plan_at_eighty_columns(plan, tiny_design):
    assert (
        rendered(plan_view(plan, tiny_design, verbose=False), colour=False, width=80)
        == """
tiny 1.0.0, deployment prod
nodes               4
GPUs                8,032
racks               1
power               ~43.8 kW IT, ~56.94 kW facility
capital cost        ~$56.8M ($47.1M to $67.8M)
cost of a GPU-hour  $1.77 ($1.47 to $2.24)
~ stands before a figure that rests on a fact no source proves; `aifactory
estimate -v` shows which.

dc1/fabric
  +   14  aifactory:metal:SwitchConfig  leaf-1, leaf-2, leaf-3, leaf-4, leaf-5,…
  +    1  aws:ec2:Vpc                   network
  ~    1  aws:ec2:Subnet                private-a
  ±    1  aws:fsx:LustreFileSystem      scratch
  -    1  aws:s3:Bucket                 old
  ~?   1  kubernetes:core/v1:Namespace  team

Units
unit         create  update  replace  delete  same  uncertain  impact
dc1/fabric       15       1        1       1     1          1  data-loss
dc1/compute       0       0        0       0     1          0  none

15 to create, 1 to update, 1 to replace, 1 to delete, 2 unchanged, 1 that only a
provider can tell

Look twice at
   resource            impact     why
±  dc1/fabric scratch  data-loss  Its capacity shrinks.
-  dc1/fabric old      data-loss  aws:s3:Bucket
"""
    )


def test_every_resource_and_property_when_asked_for(plan, tiny_design):
    text = rendered(plan_view(plan, tiny_design, verbose=True), colour=False, width=120)
    assert text.count("  + aifactory:metal:SwitchConfig  leaf-") == 14
    assert (
        """
  ~ aws:ec2:Subnet  private-a
      change tags["owner.of"]: "a" -> "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb…
      add key: secret
      add list[0]: {"a": {"secret": true}}
      remove gone: 1
      unknown arn
  ± aws:fsx:LustreFileSystem  scratch
      Its capacity shrinks.
"""
        in text
    )


def test_nothing_to_do_is_said_shortly(tiny_design):
    same = Plan("f", "prod", {}, (unit("dc1/fabric", change(Op.SAME, "a:b:C", "c")),))
    text = rendered(plan_view(same, tiny_design, verbose=False), colour=False)
    assert text.endswith(
        "\nUnits\n"
        "unit        create  update  replace  delete  same  impact\n"
        "dc1/fabric       0       0        0       0     1  none\n"
        "\n"
        "0 to create, 0 to update, 0 to replace, 0 to delete, 1 unchanged\n"
    )


def test_a_factory_of_nothing_has_no_units(tiny_design):
    text = rendered(plan_view(Plan("f", "prod", {}, ()), tiny_design, verbose=False), colour=False)
    assert "Units" not in text
    assert text.endswith("0 to create, 0 to update, 0 to replace, 0 to delete\n")


def test_thousands_are_grouped(tiny_design):
    many = unit("dc1/fabric", *(change(Op.CREATE, "a:b:C", f"c{each}") for each in range(1200)))
    plan = Plan("f", "prod", {}, (many,))
    assert counts_line(plan) == "1,200 to create, 0 to update, 0 to replace, 0 to delete"
    assert "  +  1,200  a:b:C  c0, c1, c2," in rendered(
        plan_view(plan, tiny_design, verbose=False), colour=False
    )


@pytest.mark.parametrize(
    ("token", "short"),
    [
        ("aws:ec2/vpc:Vpc", "aws:ec2:Vpc"),
        ("aws:s3/bucketV2:BucketV2", "aws:s3:BucketV2"),
        ("aws:ec2/other:Vpc", "aws:ec2/other:Vpc"),
        ("kubernetes:core/v1:Namespace", "kubernetes:core/v1:Namespace"),
        ("aifactory:metal:Cluster", "aifactory:metal:Cluster"),
        ("pulumi:providers:aws", "pulumi:providers:aws"),
        ("odd", "odd"),
    ],
)
def test_types_are_written_as_pulumi_writes_them(token, short):
    assert short_type(token) == short


def test_colours_go_with_the_signs(plan, tiny_design):
    text = rendered(plan_view(plan, tiny_design, verbose=False), colour=True)
    assert "\x1b[32m  + \x1b[0m" in text
    assert "\x1b[31m  ± \x1b[0m" in text


def test_a_plan_for_a_pull_request(plan, tiny_design, every_fate):
    text = plan_markdown(plan, tiny_design, every_fate)
    assert text.startswith(
        "## Plan of tiny 1.0.0 (prod)\n"
        "\n"
        "**15 to create, 1 to update, 1 to replace, 1 to delete, 2 unchanged, "
        "1 that only a provider can tell**; worst impact: data-loss\n"
        "\n"
        "| | |\n"
        "|---|---|\n"
        "| nodes | 4 |\n"
        "| GPUs | 8,032 |\n"
        "| racks | 1 |\n"
        "| power | \\~43.8 kW IT, \\~56.94 kW facility |\n"
        "| capital cost | \\~$56.8M ($47.1M to $67.8M) |\n"
        "| cost of a GPU-hour | $1.77 ($1.47 to $2.24) |\n"
        "\n"
        "\\~ stands before a figure that rests on a fact no source proves.\n"
        "\n"
        "| unit | create | update | replace | delete | same | update? | impact |\n"
        "|---|--:|--:|--:|--:|--:|--:|---|\n"
        "| `dc1/fabric` | 15 | 1 | 1 | 1 | 1 | 1 | data-loss |\n"
        "| `dc1/compute` | 0 | 0 | 0 | 0 | 1 | 0 | none |\n"
        "\n"
        "<details><summary>19 changes</summary>\n"
        "\n"
        "```diff\n"
        "+ create dc1/fabric aifactory:metal:SwitchConfig leaf-1\n"
    )
    assert "! replace dc1/fabric aws:fsx/lustreFileSystem:LustreFileSystem scratch\n" in text
    assert "- delete dc1/fabric aws:s3/bucket:Bucket old\n" in text
    assert "# update? dc1/fabric kubernetes:core/v1:Namespace team\n```\n\n</details>\n" in text
    assert text.partition("</details>\n\n")[2].startswith("## ❌ Policy gate: fail\n")


def test_a_pull_request_without_changes_has_no_fold(tiny_design, make_verdict):
    plan = Plan("f", "prod", {}, (unit("dc1/fabric", change(Op.SAME, "a:b:C", "c")),))
    text = plan_markdown(plan, tiny_design, make_verdict(outcome="pass"))
    assert "<details>" not in text
    assert text.endswith("## ✅ Policy gate: pass\n\nProfile `standard`, 0 rules.\n")


def test_a_comment_does_not_outgrow_what_github_takes(tiny_design, make_verdict):
    many = unit("dc1/fabric", *(change(Op.CREATE, "a:b:C", f"c{each}") for each in range(9000)))
    text = plan_markdown(Plan("f", "p", {}, (many,)), tiny_design, make_verdict(outcome="pass"))
    assert f"# and {9000 - MOST_CHANGES:,} more\n```" in text
    assert len(text) < 65_536


def test_a_name_cannot_close_the_fence_or_begin_a_line(tiny_design, make_verdict):
    hostile = unit("dc1/fabric", change(Op.CREATE, "a:b:C", "x\n```\n<img src=x>"))
    text = plan_markdown(Plan("f", "p", {}, (hostile,)), tiny_design, make_verdict(outcome="pass"))
    assert "+ create dc1/fabric a:b:C x ''' <img src=x>\n```\n" in text

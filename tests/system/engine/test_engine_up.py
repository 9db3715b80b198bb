"""What the engine applied is what our planner reads back: a second plan is empty.

Each unit is brought up by the engine, previewed again and, after a change of parameters, previewed
once more, all on the real state in a file backend: some two seconds each, for twenty-four units.
"""

from __future__ import annotations

from collections import Counter

import pytest

from aifactory_iac.deploy import Op
from aifactory_iac.deploy.document import redacted

pytestmark = [pytest.mark.engine, pytest.mark.slow]

VALUES = {"AWS_ACCOUNT_ID": "123456789012", "AIFACTORY_CAPACITY_BLOCK_BURST": "cr-0123456789"}
"""What the library's blueprints defer to the environment."""

FIRST = {"superpod-h100": {"scalable_units": "3"}}
"""Parameters that a factory is brought up with; the others have their defaults."""

CHANGES = {
    "superpod-h100": {"scalable_units": "4"},
    "startup-cloud": {"nodes": "2", "monthly_budget": "80 kUSD/month"},
    "regulated-hybrid": {"scalable_units": "2", "burst_nodes": "4"},
}
POSSIBLE = {
    Op.UPDATE_MAYBE: {"same", "update", "replace"},
    Op.REPLACE_MAYBE: {"same", "update", "replace"},
}


@pytest.fixture(scope="module", params=list(CHANGES))
def applied(request, engine, export_to, tmp_path_factory):
    """A factory that is up: its blueprint, the engine, and the folder of its project."""
    name = request.param
    pulumi = engine(**VALUES)
    folder = tmp_path_factory.mktemp("project") / name
    project = export_to(folder, name, **FIRST.get(name, {}))
    readme = (project / "README.md").read_text()
    commands = [line.split() for line in readme.splitlines() if line.startswith("pulumi up ")]
    stacks = [command[-1] for command in commands]
    pulumi.init(project, stacks)
    for stack in stacks:
        pulumi.up(project, stack)
    return name, pulumi, project


def test_a_second_plan_is_empty(applied, plan_of):
    name, pulumi, _ = applied
    plan = plan_of(name, pulumi.backend, **FIRST.get(name, {}))
    assert [change for change in plan.changes if change.op is not Op.SAME] == []
    assert plan.empty
    assert all(unit.applied and unit.complete for unit in plan.units)
    assert len(plan.changes) == len(plan.resources)
    assert {each.rule for each in plan.findings if each.rule.startswith("plan/")} <= {
        "plan/environment-assumed"
    }


def test_a_second_preview_of_the_engine_sends_what_our_plan_says(applied, plan_of, differences):
    name, pulumi, project = applied
    pulumi.world.forget()
    for unit in plan_of(name, pulumi.backend, **FIRST.get(name, {})).units:
        preview = pulumi.preview(project, unit.stack)
        assert set(preview.operations().values()) == {"same"}, unit.name
        ours = {resource.urn: redacted(resource.inputs) for resource in unit.resources}
        assert sorted(preview.sent) == sorted(ours)
        for urn, inputs in ours.items():
            assert list(differences(preview.sent[urn], inputs)) == [], urn
    assert pulumi.world.written == []


def test_a_change_of_parameters_means_the_same_to_both(applied, plan_of, export_to):
    name, pulumi, project = applied
    export_to(project, name, **CHANGES[name])
    plan = plan_of(name, pulumi.backend, **CHANGES[name])
    engines, certain = Counter(), Counter()
    for unit in plan.units:
        theirs = pulumi.preview(project, unit.stack).operations()
        ours = {change.urn: change.op for change in unit.changes}
        assert sorted(theirs) == sorted(ours), unit.name
        for urn, op in ours.items():
            assert theirs[urn] in POSSIBLE.get(op, {op.value}), f"{op} {theirs[urn]} {urn}"
        engines.update(theirs.values())
        certain.update(op.value for op in ours.values())
    print(name, engines, certain)
    assert not plan.empty

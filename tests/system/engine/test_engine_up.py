"""What the engine applied is what our planner reads back: a second plan is empty.

Each unit is brought up by the engine, previewed again and, after a change of parameters, previewed
once more, all on the real state in a file backend: some two seconds each, for twenty-four units.
"""

from __future__ import annotations

from collections import Counter

import pytest

from aifactory_iac.deploy import Op
from aifactory_iac.deploy.document import redacted
from aifactory_iac.findings import Severity

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
    state = "".join(path.read_text() for path in pulumi.backend.rglob("*.json"))
    assert "kubeconfig of cluster" not in state
    severities = {finding.severity for unit in plan.units for finding in unit.findings}
    assert severities <= {Severity.INFO}


@pytest.mark.parametrize("applied", ["superpod-h100", "startup-cloud"], indirect=True)
def test_a_second_preview_of_the_engine_sends_what_our_plan_says(applied, plan_of, differences):
    name, pulumi, project = applied
    pulumi.world.forget()
    plan = plan_of(name, pulumi.backend, **FIRST.get(name, {}))
    previews = pulumi.previews(project, [unit.stack for unit in plan.units])
    for unit in plan.units:
        preview = previews[unit.stack]
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
    pulumi.world.forget()
    engines, own = Counter(), Counter()
    previews = pulumi.previews(project, [unit.stack for unit in plan.units])
    for unit in plan.units:
        theirs = previews[unit.stack].operations()
        ours = {change.urn: change.op for change in unit.changes}
        assert sorted(theirs) == sorted(ours), unit.name
        differing = {urn: (theirs[urn], op) for urn, op in ours.items() if theirs[urn] != op}
        assert differing == {}, unit.name
        engines.update(theirs.values())
        own.update(op.value for op in ours.values())
    assert engines == own
    assert plan.counts["update"] + plan.counts["create"] > 0
    assert pulumi.world.written == []


@pytest.mark.parametrize("applied", ["superpod-h100"], indirect=True)
def test_what_is_protected_stops_both(applied, plan_of, export_to):
    """Fewer scalable units need fewer switches: our plan says so before the engine refuses."""
    name, pulumi, project = applied
    export_to(project, name, scalable_units="2")
    plan = plan_of(name, pulumi.backend, scalable_units="2")
    fabric = next(unit for unit in plan.units if unit.layer == "fabric")
    said = pulumi(project, "preview", "--stack", fabric.stack, ok=False)
    refused = {line.split('"')[1] for line in said.splitlines() if "cannot be deleted" in line}
    deleted = {change.urn for change in fabric.changes if change.op is Op.DELETE}
    assert len(refused) > 0
    assert refused == deleted
    high = [each.message for each in fabric.findings if each.severity is Severity.HIGH]
    assert len(high) == len(deleted)
    assert all(any(urn in message for message in high) for urn in deleted)

"""An update of the engine stops, with a word to the user, where a preview goes on with unknowns."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.engine

UP = ("up", "--yes", "--skip-preview", "--stack")


def test_an_update_stops_without_a_variable_that_the_blueprint_defers_to(
    engine, export_to, tmp_path
):
    pulumi = engine()
    project = export_to(tmp_path / "project", "startup-cloud")
    pulumi.init(project, ["dev.cloud.keys"])
    pulumi.world.forget()
    said = pulumi(project, *UP, "dev.cloud.keys", ok=False)
    assert "environment variable AWS_ACCOUNT_ID is not set" in said
    assert "Traceback" not in said
    assert pulumi.world.written == []


def test_an_update_stops_before_the_units_that_it_builds_on(engine, export_to, tmp_path):
    """Above all it does not go on with a cluster's credentials left out: those of the machine
    would take their place."""
    pulumi = engine()
    project = export_to(tmp_path / "project", "superpod-h100")
    pulumi.init(project, ["dev.dc1.cluster", "dev.dc1.platform"])
    pulumi.world.forget()
    said = pulumi(project, *UP, "dev.dc1.platform", ok=False)
    upstream = "organization/superpod-h100/dev.dc1.cluster"
    assert f"stack {upstream} has no output metal_kubeconfig: bring it up first" in said
    assert "Traceback" not in said
    assert pulumi.world.written == []


def test_a_stack_that_names_no_unit_is_told_which_there_are(engine, export_to, tmp_path):
    pulumi = engine()
    project = export_to(tmp_path / "project", "superpod-h100")
    pulumi.init(project, ["dev"])
    said = pulumi(project, "preview", "--stack", "dev", ok=False)
    assert "stack dev names no unit; there are: dc1.fabric, dc1.provisioning" in said
    assert "Traceback" not in said

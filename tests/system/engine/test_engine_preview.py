"""What the engine previews of an exported project is what our own offline plan says.

Each preview is a process of the engine and one of its language host, a second and a half together;
regulated-hybrid alone has twelve units.
"""

from __future__ import annotations

import hashlib

import pytest

pytestmark = [pytest.mark.engine, pytest.mark.slow]

VALUES = {"AWS_ACCOUNT_ID": "123456789012", "AIFACTORY_CAPACITY_BLOCK_BURST": "cr-0123456789"}
"""What the library's blueprints defer to the environment."""

KNOWN_TO_THE_ENGINE = {
    "aifactory:aws:Bucket account_id",
    "aifactory:aws:BudgetAlerts account_id",
    "aifactory:aws:Key account_id",
    "aws:ec2/launchTemplate:LaunchTemplate placement.groupName",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment role",
    "aws:kms/key:Key policy",
    "pulumi:providers:aws allowedAccountIds",
}
"""What our first plan leaves unknown: the account, and names that a provider makes up."""

KNOWN_TO_US = {
    "aifactory:aws:NodeGroup cluster_name",
    "aifactory:kubernetes:TenantQueue namespace",
    "aifactory:onprem:MetalCluster groups.dgx",
    "aifactory:onprem:MetalCluster groups.train",
    "aws:eks/nodeGroup:NodeGroup clusterName",
    "kubernetes:kueue.x-k8s.io/v1beta2:LocalQueue metadata.namespace",
}
"""What the engine's first preview leaves unknown: outputs of units that have not been applied, and
those that repeat an input of a resource whose provider is not configured yet."""


def read_only(urns):
    """Dependencies without stack references: our plan has the values, not the reference."""
    return sorted(urn for urn in urns if "pulumi:pulumi:StackReference" not in urn)


def provider_of(resource):
    """The explicit provider, without its id."""
    urn = resource.get("provider", "").rpartition("::")[0]
    return None if "::default" in urn or not urn else urn


def wiring_of_engine(resource):
    return {
        "type": resource["type"],
        "custom": resource["custom"],
        "parent": None if "pulumi:pulumi:Stack::" in resource["parent"] else resource["parent"],
        "protect": resource.get("protect", False),
        "provider": provider_of(resource),
        "dependencies": read_only(resource.get("dependencies", ())),
        "property dependencies": {
            key: read_only(urns)
            for key, urns in resource.get("propertyDependencies", {}).items()
            if read_only(urns)
        },
        "secret outputs": sorted(resource.get("additionalSecretOutputs", ())),
        "deleted with": resource.get("deletedWith", ""),
        "retained": resource.get("retainOnDelete", False),
    }


def wiring_of_ours(resource):
    return {
        "type": resource.type,
        "custom": resource.custom,
        "parent": resource.parent,
        "protect": resource.protect,
        "provider": resource.provider,
        "dependencies": list(resource.dependencies),
        "property dependencies": {
            key: list(urns) for key, urns in resource.property_dependencies.items()
        },
        "secret outputs": list(resource.additional_secret_outputs),
        "deleted with": resource.deleted_with,
        "retained": resource.retain_on_delete,
    }


def content(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("name", ["superpod-h100", "startup-cloud", "regulated-hybrid"])
def test_every_unit_previews_as_planned_before_anything_is_applied(
    name, engine, plan_of, export_to, differences, tmp_path
):
    pulumi = engine(**VALUES)
    project = export_to(tmp_path / name, name)
    plan = plan_of(name)
    pulumi.init(project, [unit.stack for unit in plan.units])
    before = content(pulumi.backend)
    pulumi.world.forget()
    document = plan.document()
    engine_alone, we_alone = set(), set()
    previews = pulumi.previews(project, [unit.stack for unit in plan.units])
    for unit in plan.units:
        preview = previews[unit.stack]
        assert preview.diagnostics == ()
        assert set(preview.operations().values()) == {"create"}
        theirs = preview.resources()
        planned = {each["urn"]: each for each in document["changes"] if each["unit"] == unit.name}
        assert sorted(theirs) == sorted(planned), unit.name
        for urn, resource in theirs.items():
            for path, known, own in differences(preview.sent[urn], planned[urn]["inputs"]):
                place = f"{resource['type']} {path}"
                if own == {"secret": True} and known == {"unknown": True}:
                    continue  # a value to come, of which our plan knows that it will be a secret
                if own in ({"unknown": True}, {"secret": True}):
                    engine_alone.add(place)
                else:
                    assert known == {"unknown": True}, (urn, path, known, own)
                    we_alone.add(place)
        for resource in unit.resources:
            assert wiring_of_engine(theirs[resource.urn]) == wiring_of_ours(resource), resource.urn
    assert engine_alone <= KNOWN_TO_THE_ENGINE
    assert we_alone <= KNOWN_TO_US
    assert pulumi.world.written == []
    assert pulumi.world.invoked == []
    assert content(pulumi.backend) == before


SURROUNDINGS = {
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_DEFAULT_REGION": "eu-north-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    "AWS_PROFILE": "other",
    "AWS_REGION": "eu-north-1",
    "KUBECONFIG": "/nowhere/kubeconfig",
}


def test_the_environment_of_the_engine_does_not_change_a_preview(engine, export_to, tmp_path):
    stacks = ["dev.cloud.keys", "dev.cloud.cluster", "dev.cloud.platform"]
    seen = []
    for name, values in (("bare", {}), ("furnished", SURROUNDINGS)):
        project = export_to(tmp_path / name, "startup-cloud")
        pulumi = engine(**values)
        pulumi.init(project, stacks)
        previews = pulumi.previews(project, [stacks[0], stacks[-1]])
        seen.append({stack: preview.sent for stack, preview in previews.items()})
    assert seen[0] == seen[1]
    assert all(seen[0].values())

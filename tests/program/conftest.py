"""A small cloud factory, and what its units register, for the tests of this folder."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.deploy import Change, Op, State, plan_units
from aifactory_iac.deploy.monitor import Known
from aifactory_iac.deploy.offline import Deployment, construct_units, planned_resources
from aifactory_iac.deploy.state import StateResource
from aifactory_iac.design import design
from aifactory_iac.program import Lowered, Unit, lower
from aifactory_iac.program.planned import PlannedResource
from aifactory_iac.program.ports import takes

Document = dict[str, Any]

CLOUD: Document = {
    "apiVersion": "aifactory/v1",
    "kind": "Blueprint",
    "metadata": {"name": "small-cloud", "owner": "platform"},
    "sites": [
        {
            "name": "cloud",
            "kind": "aws",
            "region": "eu-central-1",
            "account": "${env:AWS_ACCOUNT_ID}",
            "availability_zones": ["b", "a"],
        }
    ],
    "compute": [
        {
            "name": "train",
            "site": "cloud",
            "instance": "p5.48xlarge",
            "count": 4,
            "purchase": {"on_demand": True},
        },
        {
            "name": "serve",
            "site": "cloud",
            "instance": "g6.xlarge",
            "count": 2,
            "purchase": {"spot": True},
            "autoscale": True,
        },
    ],
    "fabric": [{"name": "efa", "serves": ["train"], "technology": "efa"}],
    "storage": {
        "tiers": [
            {"name": "lake", "site": "cloud", "kind": "object", "versions": "90 d"},
            {
                "name": "scratch",
                "site": "cloud",
                "kind": "fsx-lustre",
                "capacity": "38400 GiB",
                "throughput_tier": 125,
                "imports": "lake",
            },
        ],
        "datasets": [
            {"name": "corpus", "class": "confidential", "lives_on": "lake", "size": "1 TB"}
        ],
    },
    "orchestration": {
        "clusters": [
            {"name": "eks", "site": "cloud", "version": "1.34", "pools": ["train", "serve"]}
        ]
    },
    "governance": {"tags": {"cost-center": "42"}},
}
"""Four EFA nodes, two spot nodes, a bucket and a file system in front of it, one EKS cluster."""


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.shipped()


@pytest.fixture(scope="session")
def cloud_document() -> Document:
    """`CLOUD`, for properties that take many copies; not to be changed."""
    return CLOUD


@pytest.fixture
def cloud() -> Document:
    """A copy of `CLOUD` that a test may change."""
    return copy.deepcopy(CLOUD)


@pytest.fixture(scope="session")
def lowered(catalog: Catalog) -> Callable[[Document], Lowered]:
    """Lowers a blueprint document."""

    def from_document(document: Document) -> Lowered:
        blueprint = Blueprint.model_validate(document)
        return lower(blueprint, design(blueprint, catalog), catalog)

    return from_document


@pytest.fixture(scope="session")
def registered() -> Callable[..., Mapping[str, PlannedResource]]:
    """What units register, by `<type token>::<name>` without the stack and provider resources."""

    def of(*units: Unit) -> Mapping[str, PlannedResource]:
        resources, findings = planned_resources(units, Deployment(project="test"))
        assert findings == ()
        return {f"{resource.type}::{resource.name}": resource for resource in resources}

    return of


MADE: Mapping[str, Mapping[str, Any]] = {
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
    "aws:eks/cluster:Cluster": {
        "certificateAuthority": {"data": "Q0E="},
        "endpoint": "https://eks.example",
        "identities": [{"oidcs": [{"issuer": "https://oidc.example"}]}],
        "vpcConfig": {"clusterSecurityGroupId": "sg-own", "publicAccessCidrs": ["0.0.0.0/0"]},
    },
    "aws:fsx/lustreFileSystem:LustreFileSystem": {"dnsName": "fs.example", "mountName": "m"},
}
"""What AWS computes, as far as our components use it; every resource has an ARN beside."""


class _World:
    """Makes everything that a unit registers, and remembers it as the engine would."""

    def __init__(self) -> None:
        self.rows: dict[str, StateResource] = {}

    def answer(self, resource: PlannedResource) -> Known | None:
        identifier = f"id-{resource.name}" if resource.custom else ""
        made = {"arn": f"arn:aws:::{resource.name}", "name": resource.name}
        outputs = {**made, **resource.inputs}
        for name, value in MADE.get(resource.type, {}).items():
            given = resource.inputs.get(name)
            outputs[name] = {**given, **value} if isinstance(given, dict) else value
        self.rows[resource.urn] = StateResource(
            urn=resource.urn,
            type=resource.type,
            custom=resource.custom,
            id=identifier,
            inputs=resource.inputs,
            outputs=outputs if resource.custom else {},
            parent=resource.parent,
            provider=resource.provider,
            protect=resource.protect,
        )
        return Known(id=identifier, outputs=outputs if resource.custom else {})


@pytest.fixture(scope="session")
def applied() -> Callable[[Unit], Mapping[str, PlannedResource]]:
    """As `registered`, for a unit that was applied before: ids, ARNs and takes are known."""

    def of(unit: Unit) -> Mapping[str, PlannedResource]:
        ports = {
            take.port: ["a", "b"] if take.type == "SubnetIds" else take.port.rpartition(".")[2]
            for _, take in takes(unit)
        }
        (done,) = construct_units(
            [unit], Deployment(project="test"), priors={unit.name: _World()}, known_ports=ports
        )
        assert [item.message for item in done.construction.findings] == []
        return {f"{item.type}::{item.name}": item for item in done.construction.resources}

    return of


@pytest.fixture(scope="session")
def states() -> Callable[..., Mapping[str, State]]:
    """Applies units in their order; gives their last states by name of the unit."""

    def of(*units: Unit) -> Mapping[str, State]:
        worlds = {unit.name: _World() for unit in units}
        environment = {"AWS_ACCOUNT_ID": "123456789012"}
        constructed = construct_units(
            units, Deployment(project="test"), priors=worlds, environment=environment
        )
        assert [each for done in constructed for each in done.construction.findings] == []
        return {
            done.unit.name: State(
                resources=worlds[done.unit.name].rows,
                outputs=done.construction.outputs,
                digest="applied",
            )
            for done in constructed
        }

    return of


@pytest.fixture(scope="session")
def planned_anew(states: Any) -> Callable[[Lowered, Lowered], Mapping[str, Change]]:
    """What would change in an applied factory, by `<type token>::<name>`; the rest is the same."""

    def of(before: Lowered, now: Lowered) -> Mapping[str, Change]:
        plans = plan_units(now.units, Deployment(project="test"), states(*before.units))
        return {
            f"{change.type}::{change.name}": change
            for plan in plans
            for change in plan.changes
            if change.op is not Op.SAME
        }

    return of

"""One blueprint with machines, a cloud and tenants of both kinds, lowered and constructed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.deploy import Setting, construct
from aifactory_iac.deploy.offline import Deployment, planned_resources
from aifactory_iac.design import Design, design
from aifactory_iac.program import Unit, lower
from aifactory_iac.program.planned import UNKNOWN, PlannedResource
from aifactory_iac.program.run import run_unit
from aifactory_iac.providers.plugin import structure
from aifactory_iac.providers.plugin.registry import resource_type
from aifactory_iac.providers.resource import UNKNOWN as NOT_KNOWN

DOCUMENT: Mapping[str, Any] = {
    "apiVersion": "aifactory/v1",
    "kind": "Blueprint",
    "metadata": {"name": "hybrid", "version": "1.2.3", "title": "Metal and a burst"},
    "sites": [
        {
            "name": "fra1",
            "kind": "on-prem",
            "location": {"country": "DE"},
            "facility": {
                "envelope": "4 MW",
                "cooling": ["contained-air", "rear-door"],
                "racks": {"model": "standard-48u", "limit": "44 kW"},
            },
            "addresses": "10.0.0.0/12",
        },
        {
            "name": "aws-fra",
            "kind": "aws",
            "region": "eu-central-1",
            "account": "${env:AWS_ACCOUNT_ID}",
        },
    ],
    "compute": [
        {
            "name": "train",
            "site": "fra1",
            "system": "dgx-h100",
            "scalable_units": 4,
            "spares": {"count": 3},
            "image": {"os": "ubuntu-24.04", "driver": 580},
            "bmc": {"credentials": {"secret": "file", "path": "secrets/bmc.age"}},
        },
        {"name": "burst", "site": "aws-fra", "instance": "p5.48xlarge", "count": 4},
    ],
    "fabric": [
        {
            "name": "compute",
            "serves": ["train"],
            "technology": "infiniband-ndr",
            "subnet_manager": "ufm",
        },
        {"name": "storage", "serves": ["train"], "technology": "ethernet-roce", "switch": "SN5600"},
        {"name": "in-band", "serves": ["train"], "technology": "ethernet", "switch": "SN4600C"},
        {"name": "efa", "serves": ["burst"]},
    ],
    "orchestration": {
        "clusters": [
            {"name": "metal", "site": "fra1", "pools": ["train"], "version": "1.34"},
            {"name": "cloud", "site": "aws-fra", "pools": ["burst"], "version": "1.34"},
        ],
        "services": ["gpu", "network", "topology", "metrics", "certificates", "logs"],
    },
    "governance": {
        "environment": "production",
        "tenants": [
            {"name": "research", "quota": {"gpus": 192}, "borrows": True},
            {
                "name": "clinic",
                "quota": {"gpus": 64},
                "isolation": "dedicated-nodes",
                "on": ["metal"],
            },
        ],
        "roles": [
            {"name": "operators", "members": ["group:platform"], "may": ["plan", "apply"]},
            {"name": "auditors", "members": ["group:audit", "user:eve"], "may": ["read"]},
            {"name": "owners", "members": ["group:owners"], "may": ["admin"], "on": ["fra1"]},
            {"name": "board", "members": ["group:board"], "may": ["approve"]},
        ],
    },
}


def change(document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A deep copy with values set by dotted path; `compute__0__scalable_units=2`."""
    copied: dict[str, Any] = copy.deepcopy(dict(document))
    for path, value in changes.items():
        *way, last = (int(key) if key.isdigit() else key for key in path.split("__"))
        target: Any = copied
        for key in way:
            target = target[key]
        target[last] = value
    return copied


@pytest.fixture(scope="session")
def document() -> Mapping[str, Any]:
    return DOCUMENT


@pytest.fixture(scope="session")
def changed() -> Callable[..., dict[str, Any]]:
    return lambda **changes: change(DOCUMENT, **changes)


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return Catalog.shipped()


@pytest.fixture(scope="session")
def engineer(catalog: Catalog) -> Callable[[Mapping[str, Any]], tuple[Blueprint, Design]]:
    def engineered(document: Mapping[str, Any]) -> tuple[Blueprint, Design]:
        blueprint = Blueprint.model_validate(document)
        return blueprint, design(blueprint, catalog)

    return engineered


@pytest.fixture(scope="session")
def lowered(engineer: Any, catalog: Catalog) -> Callable[[Mapping[str, Any]], Any]:
    return lambda document: lower(*engineer(document), catalog)


@pytest.fixture(scope="session")
def units(lowered: Any) -> Callable[[Mapping[str, Any]], dict[str, Unit]]:
    return lambda document: {unit.name: unit for unit in lowered(document).units}


@pytest.fixture(scope="session")
def resources(units: Any) -> Callable[..., dict[str, Any]]:
    """Planned resources of one unit by `<last part of the type>:<name>`; nothing may go wrong."""

    def planned(document: Mapping[str, Any], unit: str) -> dict[str, Any]:
        found = units(document)[unit]
        construction = construct(
            lambda: run_unit(found, {}), Setting(project="hybrid", stack=f"dev.{unit}", unit=unit)
        )
        assert construction.findings == ()
        return {f"{item.type.split(':')[-1]}:{item.name}": item for item in construction.resources}

    return planned


@pytest.fixture(scope="session")
def metal(resources: Any) -> Callable[[str], dict[str, Any]]:
    """Resources of a layer of the site `fra1`, of the document as it stands."""
    cached: dict[str, dict[str, Any]] = {}

    def layer(name: str) -> dict[str, Any]:
        if name not in cached:
            cached[name] = resources(DOCUMENT, f"fra1/{name}")
        return cached[name]

    return layer


def _as_told(value: Any) -> Any:
    """Inputs as the engine sends them to the provider."""
    if value is UNKNOWN:
        return NOT_KNOWN
    if isinstance(value, Mapping):
        return {key: _as_told(item) for key, item in value.items()}
    return [_as_told(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.fixture(scope="session")
def told() -> Callable[..., list[PlannedResource]]:
    """Every resource of units that our own provider is told of."""

    def of(*units: Unit) -> list[PlannedResource]:
        resources, findings = planned_resources(units, Deployment(project="test"))
        assert findings == ()
        return [each for each in resources if each.type.startswith("aifactory:metal:")]

    return of


@pytest.fixture(scope="session")
def refused() -> Callable[[PlannedResource], list[tuple[str, str, str]]]:
    """What the provider finds wrong with a resource: its name, the property and the reason."""

    def of(resource: PlannedResource) -> list[tuple[str, str, str]]:
        shape = structure.inputs_of(resource.type)
        assert shape is not None
        fits = structure.checked(shape, _as_told(resource.inputs))
        meant = resource_type(resource.type).check(None, fits.inputs)
        return [
            (resource.name, each.property, each.reason)
            for each in (*fits.failures, *meant.failures)
        ]

    return of

"""What we send, against the definitions that the projects publish, where those are present."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

REFERENCE = Path(__file__).parents[4] / "shared" / "reference"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the reference files stand beside the repository"
)

_KUEUE = "kueue@v0.19.2/config/components/crd/bases/kueue.x-k8s.io_"
CRDS = {
    "ClusterQueue": f"{_KUEUE}clusterqueues.yaml",
    "LocalQueue": f"{_KUEUE}localqueues.yaml",
    "ResourceFlavor": f"{_KUEUE}resourceflavors.yaml",
    "Topology": f"{_KUEUE}topologies.yaml",
    "WorkloadPriorityClass": f"{_KUEUE}workloadpriorityclasses.yaml",
    "NVIDIADriver": (
        "gpu-operator@v26.7.0/deployments/gpu-operator/crds/nvidia.com_nvidiadrivers.yaml"
    ),
    "NicClusterPolicy": (
        "network-operator@v26.4.1/deployment/network-operator/crds/"
        "mellanox.com_nicclusterpolicies.yaml"
    ),
}
CHARTS = {
    "gpu-operator": "gpu-operator@v26.7.0/deployments/gpu-operator/values.yaml",
    "network-operator": "network-operator@v26.4.1/deployment/network-operator/values.yaml",
    "kueue": "kueue@v0.19.2/charts/kueue/values.yaml",
    "topograph": "topograph@v1.0.0/charts/topograph/values.yaml",
}
KEPT = {
    "type",
    "enum",
    "required",
    "pattern",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
}
FREE = {"gpu-operator": {"devicePlugin.config.data"}}
"""Maps of a chart whose keys are the user's own."""


def read(path):
    return YAML(typ="safe").load((REFERENCE / path).read_text(encoding="utf-8"))


def closed(schema):
    """A CRD's schema as JSON Schema that refuses what the API server would prune."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept = {key: value for key, value in schema.items() if key in KEPT}
    if "properties" in schema:
        kept["properties"] = {name: closed(field) for name, field in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            kept["additionalProperties"] = False
    if isinstance(schema.get("additionalProperties"), dict):
        kept["additionalProperties"] = closed(schema["additionalProperties"])
    if "items" in schema:
        kept["items"] = closed(schema["items"])
    return kept


@pytest.fixture(scope="module")
def sent(metal, resources, document):
    return [*metal("platform").values(), *resources(document, "aws-fra/platform").values()]


@pytest.mark.parametrize("kind", sorted(CRDS))
def test_a_custom_resource_fits_its_definition(sent, kind):
    crd = read(CRDS[kind])["spec"]
    stored = next(version for version in crd["versions"] if version["storage"])
    schema = closed(stored["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    found = [item for item in sent if item.type.endswith(f":{kind}")]
    assert found
    for item in found:
        assert item.inputs["apiVersion"] == f"{crd['group']}/{stored['name']}"
        assert ("namespace" in item.inputs["metadata"]) == (crd["scope"] == "Namespaced")
        jsonschema.Draft202012Validator(schema).validate(item.inputs)


@pytest.mark.parametrize("chart", sorted(CHARTS))
def test_every_value_is_one_that_the_chart_knows(sent, chart):
    known = read(CHARTS[chart])
    releases = [
        item for item in sent if item.type.endswith(":Release") and item.inputs["name"] == chart
    ]
    assert releases
    for release in releases:
        assert _unknown(release.inputs["values"], known, FREE.get(chart, set())) == []


def _unknown(values, known, free, path=""):
    dead = []
    for key, value in values.items():
        here = f"{path}.{key}".lstrip(".")
        if not isinstance(known, dict) or key not in known:
            dead.append(here)
        elif isinstance(value, dict) and here not in free:
            dead += _unknown(value, known[key], free, here)
    return dead


def test_kueues_own_configuration_keeps_what_its_chart_sets(sent):
    published = YAML(typ="safe").load(
        read(CHARTS["kueue"])["managerConfig"]["controllerManagerConfigYaml"]
    )
    release = next(
        item for item in sent if item.type.endswith(":Release") and item.inputs["name"] == "kueue"
    )
    ours = json.loads(release.inputs["values"]["managerConfig"]["controllerManagerConfigYaml"])
    for key in ("apiVersion", "kind", "health", "metrics", "webhook", "leaderElection"):
        assert ours[key] == published[key]
    assert set(ours["integrations"]["frameworks"]) <= set(published["integrations"]["frameworks"])


def test_the_default_driver_is_the_pinned_charts(sent):
    from aifactory_iac.program.lower.platform import charts

    assert read(CHARTS["gpu-operator"])["driver"]["version"] == charts.GPU_DRIVER


def test_the_network_operators_images_exist_under_our_tag():
    from aifactory_iac.program.lower.platform import charts

    text = (REFERENCE / CHARTS["network-operator"]).read_text(encoding="utf-8")
    assert f":{charts.NETWORK_OPERANDS}" in text

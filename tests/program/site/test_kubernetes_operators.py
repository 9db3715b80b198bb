"""Operators and services: who owns the driver, which links carry RDMA, in which versions."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def platform(metal):
    return metal("platform")


@pytest.fixture(scope="module")
def cloud(resources, document):
    return resources(document, "aws-fra/platform")


def releases(found):
    return {
        item.inputs["name"]: (item.inputs["version"], item.inputs["namespace"])
        for item in found.values()
        if item.type.endswith(":Release")
    }


def test_charts_on_machines_of_ones_own(platform):
    assert releases(platform) == {
        "cert-manager": ("v1.20.2", "cert-manager"),
        "gpu-operator": ("v26.7.0", "gpu-operator"),
        "kube-prometheus-stack": ("84.4.0", "monitoring"),
        "kueue": ("0.19.2", "kueue-system"),
        "network-operator": ("26.4.1", "network-operator"),
        "topograph": ("1.0.0", "topograph"),
    }


def test_charts_on_eks(cloud):
    assert releases(cloud) == {
        "aws-efa-k8s-device-plugin": ("v0.5.29", "kube-system"),
        "cert-manager": ("v1.20.2", "cert-manager"),
        "gpu-operator": ("v26.7.0", "gpu-operator"),
        "kube-prometheus-stack": ("84.4.0", "monitoring"),
        "kueue": ("0.19.2", "kueue-system"),
        "topograph": ("1.0.0", "topograph"),
    }


def test_the_operator_installs_the_driver_branch_of_a_plain_image(platform):
    assert platform["Release:metal-gpu-operator"].inputs["values"] == {
        "driver": {
            "enabled": True,
            "nvidiaDriverCRD": {"enabled": True, "deployDefaultCR": False},
        },
        "toolkit": {
            "enabled": True,
            "env": [{"name": "CONTAINERD_SOCKET", "value": "/run/k3s/containerd/containerd.sock"}],
        },
        "mig": {"strategy": "single"},
        "dcgmExporter": {"serviceMonitor": {"enabled": True}},
        "ccManager": {"enabled": False},
    }
    driver = platform["NVIDIADriver:metal-gpu-operator.driver.train"]
    assert driver.type == "kubernetes:nvidia.com/v1alpha1:NVIDIADriver"
    assert driver.inputs["spec"] == {
        "default": False,
        "driverType": "gpu",
        "repository": "nvcr.io/nvidia",
        "image": "driver",
        "version": "580",
        "usePrecompiled": True,
        "kernelModuleType": "auto",
        "rdma": {"enabled": True},
        "nodeSelector": {"aifactory/pool": "train"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }


def test_kubeadm_keeps_containerd_in_its_usual_place(units, changed):
    document = changed(orchestration__clusters__0__distribution="kubeadm")
    call = next(c for c in units(document)["fra1/platform"].calls if "gpu-operator" in c.name)
    assert call.args["containerd_socket"] is None


def test_an_image_pinned_by_digest_brings_its_driver(resources, changed):
    image = {"os": "ubuntu-24.04", "driver": 580, "digest": "sha256:" + "0" * 64}
    found = resources(changed(compute__0__image=image), "fra1/platform")
    assert found["Release:metal-gpu-operator"].inputs["values"]["driver"]["enabled"] is False
    assert not any(key.startswith("NVIDIADriver:") for key in found)
    assert (
        "ofedDriver" not in found["NicClusterPolicy:metal-network-operator.policy"].inputs["spec"]
    )


def test_a_pool_that_names_no_driver_gets_the_charts_own(units, changed):
    document = changed(compute__0__image={"os": "ubuntu-24.04"})
    call = next(c for c in units(document)["fra1/platform"].calls if "gpu-operator" in c.name)
    assert call.args["drivers"] == {
        "train": {"version": "595.91.07", "precompiled": False, "rdma": True}
    }


def test_eks_images_bring_driver_and_toolkit(cloud):
    values = cloud["Release:cloud-gpu-operator"].inputs["values"]
    assert values["driver"]["enabled"] is False
    assert values["toolkit"]["enabled"] is False


def test_sharing_is_a_device_plugin_configuration_that_nodes_choose_by_label(units, changed):
    from aifactory_iac.program.components.kubernetes.gpu_operator import GpuOperatorArgs, _values

    document = changed(compute__0__sharing="time-slicing")
    call = next(c for c in units(document)["fra1/platform"].calls if "gpu-operator" in c.name)
    config = _values(GpuOperatorArgs(**call.args))["devicePlugin"]["config"]
    assert config["default"] == "none"
    assert json.loads(config["data"]["time-slicing"]) == {
        "version": "v1",
        "sharing": {"timeSlicing": {"resources": [{"name": "nvidia.com/gpu", "replicas": 4}]}},
    }


def test_one_node_feature_discovery_a_cluster(units, platform, changed):
    assert platform["Release:metal-network-operator"].inputs["values"] == {
        "nfd": {"enabled": False}
    }
    alone = changed(orchestration__services=["network"])
    call = next(c for c in units(alone)["fra1/platform"].calls if "network-operator" in c.name)
    assert call.args["own_discovery"] is True


def test_rdma_over_the_compute_fabric(platform):
    spec = platform["NicClusterPolicy:metal-network-operator.policy"].inputs["spec"]
    assert json.loads(spec["rdmaSharedDevicePlugin"]["config"]) == {
        "configList": [
            {
                "resourceName": "rdma_shared_device",
                "rdmaHcaMax": 63,
                "selectors": {"vendors": ["15b3"], "linkTypes": ["infiniband"]},
            }
        ]
    }
    assert spec["ofedDriver"]["version"] == "doca3.4.1-26.04-1.1.0.0-1"


def test_topograph_reads_the_fabric_that_is_there(platform, cloud):
    assert platform["Release:metal-topograph"].inputs["values"]["provider"] == {
        "name": "infiniband-k8s"
    }
    assert cloud["Release:cloud-topograph"].inputs["values"]["provider"] == {"name": "aws"}


def test_operators_come_after_what_they_need(units, document):
    after = {call.name: call.options.depends_on for call in units(document)["fra1/platform"].calls}
    assert after["metal-gpu-operator"] == ("metal-metrics",)
    assert after["metal-network-operator"] == ("metal-gpu-operator",)
    assert after["metal.research.queue"] == ("metal-queueing", "metal.research")


def test_custom_resources_come_after_the_release_that_defines_them(platform):
    release = platform["Release:metal-gpu-operator"].urn
    assert release in platform["NVIDIADriver:metal-gpu-operator.driver.train"].dependencies
    kueue = platform["Release:metal-queueing"].urn
    for kind in ("Topology", "ResourceFlavor", "WorkloadPriorityClass"):
        found = [item for item in platform.values() if item.type.endswith(f":{kind}")]
        assert found
        assert all(kueue in item.dependencies for item in found)


def test_every_resource_goes_through_the_clusters_own_provider(platform):
    providers = {item.provider for item in platform.values() if item.custom}
    (own,) = providers - {None}
    assert own.endswith("::pulumi:providers:kubernetes::metal")


def test_what_is_left_to_people_is_said(lowered, document):
    found = [(f.rule, f.message) for f in lowered(document).findings if f.rule > "AIF-PRG-080"]
    assert found == [
        ("AIF-PRG-082", "These programs do not install service `logs` on cluster `cloud`."),
        ("AIF-PRG-082", "These programs do not install service `logs` on cluster `metal`."),
    ]


def test_amd_pools_have_no_gpu_operator(lowered, changed):
    document = changed(compute__0__system="hgx-mi300x-8", compute__0__count=32)
    del document["compute"][0]["scalable_units"]
    found = lowered(document)
    names = {call.name for call in found.unit("fra1/platform").calls}
    assert "metal-gpu-operator" not in names
    (said,) = [finding for finding in found.findings if finding.rule == "AIF-PRG-083"]
    assert said.message == (
        "These programs do not install the device plugin of pool `train` (`amd.com/gpu`) on "
        "cluster `metal`: they install only NVIDIA's GPU operator."
    )


@pytest.mark.parametrize("scheduler", ["kai", "slurm", "default"])
def test_another_scheduler_has_no_queues(lowered, changed, scheduler):
    found = lowered(changed(orchestration__clusters__0__scheduler=scheduler))
    names = {call.name for call in found.unit("fra1/platform").calls}
    assert "metal-queueing" not in names
    assert "metal.research" in names
    said = [finding.rule for finding in found.findings if finding.rule == "AIF-PRG-080"]
    assert len(said) == (0 if scheduler == "default" else 1)


def test_reserved_nodes_are_not_kept_in_a_cloud(lowered, changed):
    found = lowered(changed(governance__tenants__1__on=["cloud"]))
    assert [finding.path for finding in found.findings if finding.rule == "AIF-PRG-081"] == [
        ("governance", "tenants", "clinic", "isolation")
    ]


def test_topology_that_no_fabric_tells_is_said(lowered, changed):
    document = changed()
    document["fabric"] = [item for item in document["fabric"] if item["name"] != "compute"]
    (said,) = [item for item in lowered(document).findings if item.rule == "AIF-PRG-084"]
    assert said.message == (
        "The topology of cluster `metal` comes from rack labels alone: topograph reads "
        "InfiniBand and AWS."
    )

"""The compute layer: one managed node group for every pool of an EKS cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.orchestration import Cluster
from aifactory_iac.catalog.facts import Instance
from aifactory_iac.program.lower import labels
from aifactory_iac.program.lower.aws.site import SiteView
from aifactory_iac.program.ports import output_name
from aifactory_iac.program.unit import Call, FromEnvironment, Give, Options, Ref, Unit


def compute_unit(view: SiteView) -> Unit:
    """The pools of the site's EKS clusters, each with its own launch template and node group."""
    calls = []
    gives = []
    for cluster in view.clusters:
        for pool in view.pools:
            if pool.name in cluster.pools:
                calls.append(
                    Call(
                        component="aws.nodes:NodeGroup",
                        name=pool.name,
                        args=_arguments(view, cluster, pool),
                        options=Options(provider=view.name),
                        origin=("compute", pool.name),
                    )
                )
                gives.append(
                    Give(
                        output_name(pool.name, "node_group_name"),
                        "Text",
                        Ref(pool.name, "node_group_name"),
                    )
                )
    return Unit(
        site=view.name,
        layer="compute",
        providers=(view.provider(),),
        calls=tuple(sorted(calls, key=lambda call: call.name)),
        gives=tuple(sorted(gives, key=lambda give: give.name)),
    )


def reservation_variable(pool: Pool) -> str:
    """Environment variable that holds the id of a pool's capacity block once it is bought."""
    return f"AIFACTORY_CAPACITY_BLOCK_{pool.name.replace('-', '_').upper()}"


def interfaces(instance: Instance) -> tuple[Mapping[str, Any], ...]:
    """Network interfaces that use all of a type's EFA adapters and one address.

    The primary one (card 0, device 0) is plain ENA. EFA-only interfaces sit on device 0 of the
    other cards, and on device 1 of card 0 where that card has EFA too; where a type has more cards
    than adapters, card 0 has none and the adapters are spread evenly over the rest (p6-b300: cards
    1 to 16 of 17; p6e-gb200: 1, 3 and so on to 15). Source: EC2 User Guide, "Maximize network
    bandwidth on instances with multiple network cards"; catalog facts `efa`.
    """
    primary = {"network_card_index": 0, "device_index": 0, "interface_type": "interface"}
    cards = max(instance.network_cards, instance.efa)
    step = cards // instance.efa
    first = 0 if cards == instance.efa else 1
    chosen = range(first, first + step * instance.efa, step)
    return (
        primary,
        *(
            {
                "network_card_index": card,
                "device_index": 1 if card == 0 else 0,
                "interface_type": "efa-only",
            }
            for card in chosen
        ),
    )


def taints(instance: Instance) -> tuple[Mapping[str, str], ...]:
    """Keeps pods without a claim on accelerators away from nodes that have them."""
    if instance.accelerator is None:
        return ()
    nvidia = instance.accelerator.startswith("nvidia")
    key = "nvidia.com/gpu" if nvidia else "aws.amazon.com/neuron"
    return ({"key": key, "value": "present", "effect": "NO_SCHEDULE"},)


def image(instance: Instance) -> str:
    """EKS image type: the catalog's for accelerated types, the plain one of its architecture."""
    plain = "AL2023_ARM_64_STANDARD" if instance.arch == "arm64" else "AL2023_x86_64_STANDARD"
    return instance.eks_ami or plain


def _capacity(pool: Pool) -> dict[str, Any]:
    """How EKS buys the nodes, and what they are launched into."""
    purchase = pool.purchase
    if purchase is None:
        return {"capacity_type": "ON_DEMAND"}
    if purchase.capacity_block is not None:
        return {
            "capacity_type": "CAPACITY_BLOCK",
            "reservation_id": FromEnvironment(reservation_variable(pool)),
        }
    if purchase.spot:
        return {"capacity_type": "SPOT"}
    return {"capacity_type": "ON_DEMAND", "reservation_id": purchase.reservation}


def _arguments(view: SiteView, cluster: Cluster, pool: Pool) -> Mapping[str, Any]:
    instance = view.instance(pool)
    nodes = view.design.pools[pool.name].nodes
    efa = view.efa(pool)
    capacity = _capacity(pool)
    reserved = capacity.get("reservation_id") is not None
    # EFA does not cross zones; a reservation is in one zone and places its nodes itself.
    subnets = "first_zone_subnet_ids" if efa or reserved else "private_subnet_ids"
    group = output_name(f"pool-{pool.name}", "security_group_id")
    return {
        "cluster_name": view.take(
            "cluster", output_name(cluster.name, "cluster_name"), "ClusterName"
        ),
        "node_role_arn": view.take(
            "cluster", output_name(cluster.name, "node_role_arn"), "RoleArn"
        ),
        "subnet_ids": view.take("network", subnets, "SubnetIds"),
        "security_group_ids": (
            view.take("cluster", output_name(cluster.name, "security_group_id"), "SecurityGroupId"),
            view.take("network", group, "SecurityGroupId"),
        ),
        "instance_type": instance.id,
        "ami_type": image(instance),
        "min_size": 0 if pool.autoscale else nodes,
        "desired_size": nodes,
        "max_size": nodes,
        "disk_key_arn": view.take("keys", "disks_key_arn", "KeyArn"),
        "labels": {labels.POOL: pool.name},
        "taints": taints(instance),
        "interfaces": interfaces(instance) if efa else (),
        "placement_group": efa and not reserved,
        "local_storage": bool(instance.nvme_gb),
        "autoscaled": pool.autoscale,
        "tags": view.tags(pool.zone),
        **capacity,
    }

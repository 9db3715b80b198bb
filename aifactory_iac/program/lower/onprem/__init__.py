"""Units of sites with machines of one's own: provisioning, fabric, compute, cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.base import SecretRef
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.model.sites import AwsSite, EdgeSite, OnPremSite
from aifactory_iac.design.model import Design, NetworkDesign
from aifactory_iac.program.lower.onprem.cluster import cluster_unit
from aifactory_iac.program.lower.onprem.machines import groups, machines, pools_of
from aifactory_iac.program.lower.onprem.switches import operating_system, partition_keys, tiers
from aifactory_iac.program.lower.quotas import Shares, shares
from aifactory_iac.program.ports import output_name, port
from aifactory_iac.program.unit import Call, Give, Options, Ref, Take, Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

FacilitySite = OnPremSite | EdgeSite

ALONE = "dedicated-nodes"
"""Isolation of a tenant that shares no node."""


def units(blueprint: Blueprint, design: Design, catalog: Catalog) -> tuple[Unit, ...]:
    """Units of every on-prem and edge site, by site; a layer without anything in it is left out."""
    spread = shares(blueprint, design)
    return tuple(
        unit
        for site in sorted(blueprint.sites, key=lambda site: site.name)
        if not isinstance(site, AwsSite)
        for unit in (
            _provisioning(site, blueprint, design),
            _fabric(site, blueprint, design, catalog, spread),
            _compute(site, blueprint, design),
            cluster_unit(site, blueprint, design, catalog, spread),
        )
        if unit.calls
    )


def domain(site: FacilitySite) -> str:
    """DNS domain of the site's hosts."""
    return site.domain or f"{site.name}.internal"


def _provisioning(site: FacilitySite, blueprint: Blueprint, design: Design) -> Unit:
    asked = {pool.name: pool for pool in blueprint.compute}
    pools = pools_of(design, site.name)
    if not pools:
        return Unit(site.name, "provisioning", (), (), ())
    images = {name: _image(asked[name]) for name in pools}
    call = Call(
        component="onprem.provisioning:Provisioning",
        name=f"{site.name}-provisioning",
        args={
            "site": site.name,
            "domain": domain(site),
            "subnets": {
                subnet.purpose: {"cidr": subnet.cidr}
                for subnet in sorted(design.subnets, key=lambda item: item.purpose)
                if subnet.site == site.name and subnet.purpose in ("in-band", "out-of-band")
            },
            "images": {
                name: {key: image[key] for key in ("os", "digest", "url") if key in image}
                for name, image in images.items()
                if image is not None
            },
        },
        origin=("sites", site.name),
    )
    gives = (
        Give("server_id", "Text", Ref(call.name, "server_id")),
        Give("boot_url", "EndpointUrl", Ref(call.name, "url")),
    )
    return Unit(site.name, "provisioning", (), (call,), gives)


def _fabric(
    site: FacilitySite, blueprint: Blueprint, design: Design, catalog: Catalog, spread: Shares
) -> Unit:
    asked = {network.name: network for network in blueprint.fabric}
    calls = tuple(
        _network(network, asked[network.name], blueprint, design, catalog, spread)
        for network in sorted(design.networks.values(), key=lambda item: item.name)
        if network.site == site.name and network.switch is not None and network.switch_names
    )
    return Unit(site.name, "fabric", (), calls, ())


def _network(
    network: NetworkDesign,
    asked: Network,
    blueprint: Blueprint,
    design: Design,
    catalog: Catalog,
    spread: Shares,
) -> Call:
    switch = catalog.switches[str(network.switch)]
    args: dict[str, Any] = {
        "site": network.site,
        "network": network.name,
        "model": switch.id,
        "os": operating_system(switch),
        "tiers": tiers(network, switch),
        "tls": {"trust": "site-ca"},
    }
    if switch.fabric == "infiniband":
        args["subnet_manager"] = {
            "manager": asked.subnet_manager or "switch",
            "routing": "ftree",
            "partitions": _partitions(network, blueprint, design, spread),
        }
    return Call(
        component="onprem.site_network:SiteNetwork",
        name=f"{network.site}-{network.name}",
        args=args,
        options=_protection(blueprint),
        origin=("fabric", network.name),
    )


def _partitions(
    network: NetworkDesign, blueprint: Blueprint, design: Design, spread: Shares
) -> dict[str, dict[str, Any]]:
    """The default partition, and one for each tenant with nodes of its own on this network."""
    apart = [each.name for each in blueprint.governance.tenants if each.isolation == ALONE]
    keys = partition_keys(apart)
    alone: dict[str, dict[str, Any]] = {}
    for tenant in sorted(apart):
        nodes = dict(reserved_nodes(tenant, blueprint, design, spread, network.pools))
        if nodes:
            alone[f"tenant-{tenant}"] = {
                "pkey": keys[tenant],
                "membership": "full",
                "tenant": tenant,
                "nodes": nodes,
            }
    default = {"pkey": "0x7fff", "membership": "limited" if alone else "full"}
    return {"default": default, **alone}


def reserved_nodes(
    tenant: str, blueprint: Blueprint, design: Design, spread: Shares, pools: tuple[str, ...]
) -> Iterator[tuple[str, int]]:
    """Whole nodes that hold a tenant's guaranteed GPUs, by pool."""
    for cluster in sorted(blueprint.orchestration.clusters, key=lambda item: item.name):
        for share in spread.of(cluster.name, tenant):
            if share.pool in pools and share.gpus:
                yield share.pool, -(-share.gpus // design.pools[share.pool].gpus_per_node)


def _compute(site: FacilitySite, blueprint: Blueprint, design: Design) -> Unit:
    asked = {pool.name: pool for pool in blueprint.compute}
    calls = tuple(
        _pool(asked[name], site, blueprint, design) for name in pools_of(design, site.name)
    )
    gives = tuple(
        Give(output_name(call.args["pool"], "groups"), "NodeGroups", Ref(call.name, "group_ids"))
        for call in calls
    )
    return Unit(site.name, "compute", (), calls, gives)


def _pool(pool: Pool, site: FacilitySite, blueprint: Blueprint, design: Design) -> Call:
    found = design.pools[pool.name]
    args: dict[str, Any] = {
        "site": site.name,
        "pool": pool.name,
        "system": found.system,
        "domain": domain(site),
        "units": {
            group.name: {"number": group.number, "machines": machines(design, group.rows)}
            for group in groups(design, found)
        },
        "boot": {"method": "http", "secure": pool.secure_boot},
        "disks": {"wipe": "never", "encrypt": pool.encrypt_local_nvme},
        "rollout": {"unavailable": 1, "drain": True},
        "provisioning_server": Take(port(site.name, "provisioning", "server_id"), "Text"),
    }
    image = _image(pool)
    if image is not None:
        args["image"] = image
    if pool.bmc is not None:
        args["bmc"] = {"credentials": _reference(pool.bmc.credentials), "tls": pool.bmc.tls}
    return Call(
        component="onprem.node_pool:NodePool",
        name=f"{site.name}-{pool.name}",
        args=args,
        options=_protection(blueprint),
        origin=("compute", pool.name),
    )


def _image(pool: Pool) -> dict[str, Any] | None:
    if pool.image is None:
        return None
    given = {
        "os": pool.image.os,
        "driver": pool.image.driver,
        "digest": pool.image.digest,
        "url": pool.image.url,
    }
    return {key: value for key, value in given.items() if value is not None}


def _reference(secret: SecretRef) -> dict[str, str]:
    return {"store": secret.secret, "path": secret.path}


def _protection(blueprint: Blueprint) -> Options:
    """What production runs on is not deleted by accident."""
    return Options(protect=blueprint.governance.environment == "production")

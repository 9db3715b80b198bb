"""The fabric unit of a site: a configuration for every switch, and InfiniBand partitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.design.model import Design, NetworkDesign
from aifactory_iac.program.lower.onprem.site import (
    FacilitySite,
    domain,
    present,
    protection,
    reference,
)
from aifactory_iac.program.lower.onprem.switches import operating_system, partition_keys, tiers
from aifactory_iac.program.lower.quotas import Shares
from aifactory_iac.program.unit import Call, Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

ALONE = "dedicated-nodes"
"""Isolation of a tenant that shares no node."""


def fabric_unit(
    site: FacilitySite, blueprint: Blueprint, design: Design, catalog: Catalog, spread: Shares
) -> Unit:
    """The unit of all switched networks of a site; without calls where there are none."""
    asked = {network.name: network for network in blueprint.fabric}
    calls = tuple(
        _network(site, network, asked[network.name], blueprint, design, catalog, spread)
        for network in sorted(design.networks.values(), key=lambda item: item.name)
        if network.site == site.name and network.switch is not None and network.switch_names
    )
    return Unit(site.name, "fabric", (), calls, ())


def _network(
    site: FacilitySite,
    network: NetworkDesign,
    asked: Network,
    blueprint: Blueprint,
    design: Design,
    catalog: Catalog,
    spread: Shares,
) -> Call:
    switch = catalog.switches[str(network.switch)]
    system = operating_system(switch)
    args: dict[str, Any] = {
        "site": network.site,
        "network": network.name,
        "domain": domain(site),
        "model": switch.id,
        "os": system,
        "tiers": tiers(network, switch),
        "tls": present(trust=asked.tls, exception=asked.exception),
    }
    if asked.credentials is not None:
        args["credentials"] = reference(asked.credentials)
    if asked.pins:
        args["pins"] = {
            name: _pin(asked.pins[name], ssh=system != "nvue")
            for name in network.switch_names
            if name in asked.pins
        }
    if switch.fabric == "infiniband":
        args["subnet_manager"] = {
            "manager": asked.subnet_manager or "switch",
            "routing": "ftree",
            "partitions": _partitions(network, blueprint, design, spread),
            **_manager(site, network, asked, args),
        }
    return Call(
        component="onprem.site_network:SiteNetwork",
        name=f"{network.site}-{network.name}",
        args=args,
        options=protection(blueprint),
        origin=("fabric", network.name),
    )


def _manager(
    site: FacilitySite, network: NetworkDesign, asked: Network, args: dict[str, Any]
) -> dict[str, Any]:
    """How the subnet manager is reached; nothing where nobody said it."""
    manager = asked.manager
    if manager is not None:
        pin = _pin(manager.pin, ssh=asked.subnet_manager != "ufm") if manager.pin else {}
        return {
            "address": manager.address,
            "credentials": reference(manager.credentials),
            "tls": {**present(trust=manager.tls, exception=manager.exception), **pin},
        }
    if asked.subnet_manager in ("ufm", "opensm") or "credentials" not in args:
        return {}
    # The first leaf: growth never takes it away, and a network of one switch has no other.
    first = network.switch_names[0]
    return {
        "address": f"{first}.{domain(site)}",
        "credentials": args["credentials"],
        "tls": {**args["tls"], **args.get("pins", {}).get(first, {})},
    }


def _pin(text: str, *, ssh: bool) -> dict[str, str]:
    return {"hostkey" if ssh else "fingerprint": text}


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

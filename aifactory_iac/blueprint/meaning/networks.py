"""Networks: one site, a technology that the site has, switches that speak it, room to grow."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.rules import found
from aifactory_iac.blueprint.suggest import listing
from aifactory_iac.findings import Finding, Path


def network_findings(view: View) -> Iterator[Finding]:
    """Findings on every network."""
    for network in view.blueprint.fabric:
        pools = [view.pools[name] for name in network.serves if name in view.pools]
        sites = sorted({pool.site for pool in pools})
        if len(sites) > 1:
            message = f"`{network.name}` serves pools of {len(sites)} sites: {listing(sites)}"
            hint = "make it one network a site, and join sites under `links`"
            yield found("110", message, _at(network, "serves"), hint=hint)
        elif sites:
            aws = view.is_aws(sites[0])
            yield from _technology(view, network, pools, sites[0], aws=aws)
        yield from _switches(view, network)
        yield from _growth(network, pools)


def _at(network: Network, *rest: str | int) -> Path:
    return ("fabric", network.name, *rest)


def _technology(
    view: View, network: Network, pools: list[Pool], site: str, *, aws: bool | None
) -> Iterator[Finding]:
    if aws is False and network.technology is None:
        message = f"`{network.name}` does not say its technology"
        hint = "add one, such as `technology: infiniband-ndr` or `ethernet-roce`"
        yield found("112", message, _at(network), hint=hint)
    if aws is False and network.technology == "efa":
        message = f"EFA is a network of AWS, and `{site}` is not an AWS site"
        hint = "use `infiniband-ndr`, `infiniband-xdr` or `ethernet-roce`"
        yield found("111", message, _at(network, "technology"), hint=hint)
    if aws and network.technology not in (None, "efa"):
        message = f"`{site}` is an AWS site, which has EFA and no `{network.technology}`"
        yield found("111", message, _at(network, "technology"), hint="drop the key")
    if not aws:
        return
    for pool in pools:
        instance = view.instance(pool)
        if instance is not None and instance.efa == 0:
            message = f"`{instance.id}` of pool `{pool.name}` has no EFA"
            path = _at(network, "serves", network.serves.index(pool.name))
            yield found("111", message, path, hint="take the pool off, or use a larger instance")


def _switches(view: View, network: Network) -> Iterator[Finding]:
    technology = network.technology
    switch = view.catalog.switches.get(network.switch) if network.switch is not None else None
    if switch is not None and technology is not None:
        family = technology.split("-")[0]
        if technology == "efa" or switch.fabric != family:
            message = (
                f"`{switch.id}` is an {switch.fabric} switch, and the network is `{technology}`"
            )
            hint = "drop the key, or name a switch of the technology"
            yield found("116", message, _at(network, "switch"), hint=hint)
    infiniband = technology is None or technology.startswith("infiniband")
    if network.subnet_manager is not None and not infiniband:
        message = f"a subnet manager is for InfiniBand, and the network is `{technology}`"
        yield found("116", message, _at(network, "subnet_manager"), hint="drop the key")
    if network.manager is not None and not infiniband:
        message = f"a subnet manager is for InfiniBand, and the network is `{technology}`"
        yield found("116", message, _at(network, "manager"), hint="drop the key")


def _growth(network: Network, pools: list[Pool]) -> Iterator[Finding]:
    growth = network.grows_to
    if growth is None:
        return
    for key, wanted in (
        ("scalable_units", growth.scalable_units),
        ("nodes", growth.nodes),
    ):
        sizes = [pool.scalable_units if key == "scalable_units" else pool.count for pool in pools]
        known = [size for size in sizes if size is not None]
        if wanted is not None and len(known) == len(sizes) and sum(known) > wanted:
            message = (
                f"`{network.name}` grows to {wanted}, less than the {sum(known)} it serves now"
            )
            path = _at(network, "grows_to", key)
            yield found("117", message, path, hint=f"give {sum(known)} or more")

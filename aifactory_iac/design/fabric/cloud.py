"""Networks of cloud sites: the provider's switches, our interfaces."""

from __future__ import annotations

from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.catalog import Catalog
from aifactory_iac.design.fabric.ports import usual_mtu
from aifactory_iac.design.fabric.roles import network_role
from aifactory_iac.design.fabric.served import Served, listed
from aifactory_iac.design.model import Cables, NetworkDesign, Switches
from aifactory_iac.design.rules import found
from aifactory_iac.findings import Finding


def cloud_network(
    network: Network, served: Served, catalog: Catalog, findings: list[Finding]
) -> NetworkDesign:
    """No switches of ours: endpoints are the nodes' EFA interfaces."""
    instances = [catalog.aws_instances[pool.system] for pool in served.pools]
    without = sorted({instance.id for instance in instances if not instance.efa})
    if without:
        text = f"{listed(without)} on network `{network.name}` has no EFA interface."
        hint = "Choose an instance type with EFA, or serve the pool by no network."
        findings.append(found("AIF-DSN-027", text, ("fabric", network.name, "serves"), hint=hint))
    interfaces = max((instance.efa for instance in instances), default=0)
    rate = min((int(i.network_gbps / i.efa) for i in instances if i.efa), default=0)
    pairs = zip(served.pools, instances, strict=True)
    return NetworkDesign(
        name=network.name,
        role=network_role(network),
        site=served.pools[0].site,
        technology=network.technology or "efa",
        switch=None,
        pools=tuple(pool.name for pool in served.pools),
        endpoints=sum(pool.nodes * instance.efa for pool, instance in pairs),
        rails=interfaces,
        planes=1,
        tiers=0,
        port_gbps=rate,
        leaf_down=0,
        leaf_up=0,
        switches=Switches(0, 0, 0),
        cables=Cables(0, 0, 0),
        oversubscription=1.0,
        designed_for_nodes=served.nodes,
        switch_names=(),
        subnets={},
        mtu=usual_mtu(network),
        power_kw=0.0,
        power_verified=True,
    )

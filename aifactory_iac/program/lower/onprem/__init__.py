"""Units of sites with machines of one's own: provisioning, fabric, compute, cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.design.model import Design
from aifactory_iac.program.lower.onprem.cluster import cluster_unit
from aifactory_iac.program.lower.onprem.fabric import fabric_unit
from aifactory_iac.program.lower.onprem.machines import pools_of
from aifactory_iac.program.lower.onprem.pools import compute_unit, image_of
from aifactory_iac.program.lower.onprem.site import FacilitySite, domain, provisioning_networks
from aifactory_iac.program.lower.quotas import shares
from aifactory_iac.program.unit import Call, Give, Ref, Unit

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

USUAL = ("http", "media")
"""Ways to boot that a site offers; iPXE only where a pool asks for it."""


def units(blueprint: Blueprint, design: Design, catalog: Catalog) -> tuple[Unit, ...]:
    """Units of every on-prem and edge site, by site; a layer without anything in it is left out."""
    spread = shares(blueprint, design)
    return tuple(
        unit
        for site in sorted(blueprint.sites, key=lambda site: site.name)
        if not isinstance(site, AwsSite)
        for unit in (
            _provisioning(site, blueprint, design),
            fabric_unit(site, blueprint, design, catalog, spread),
            compute_unit(site, blueprint, design),
            cluster_unit(site, blueprint, design, catalog, spread),
        )
        if unit.calls
    )


def _provisioning(site: FacilitySite, blueprint: Blueprint, design: Design) -> Unit:
    asked = {pool.name: pool for pool in blueprint.compute}
    pools = pools_of(design, site.name)
    if not pools:
        return Unit(site.name, "provisioning", (), (), ())
    images = {name: image_of(image) for name in pools if (image := asked[name].image) is not None}
    methods = {install.method for name in pools if (install := asked[name].install) is not None}
    call = Call(
        component="onprem.provisioning:Provisioning",
        name=f"{site.name}-provisioning",
        args={
            "site": site.name,
            "domain": domain(site),
            "subnets": {
                purpose: {"cidr": cidr}
                for purpose, cidr in provisioning_networks(site, design).items()
            },
            "images": {
                name: {key: image[key] for key in ("os", "digest", "url") if key in image}
                for name, image in images.items()
            },
            "boot_methods": tuple(sorted({*USUAL, *methods})),
        },
        origin=("sites", site.name),
    )
    gives = (
        Give("server_id", "Text", Ref(call.name, "server_id")),
        Give("boot_url", "EndpointUrl", Ref(call.name, "url")),
    )
    return Unit(site.name, "provisioning", (), (call,), gives)

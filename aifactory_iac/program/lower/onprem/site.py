"""What all units of a site with machines of one's own say alike."""

from __future__ import annotations

from typing import Any

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.model.base import SecretRef
from aifactory_iac.blueprint.model.sites import EdgeSite, OnPremSite
from aifactory_iac.design.model import Design
from aifactory_iac.program.unit import Options

FacilitySite = OnPremSite | EdgeSite

_BOOTED_IN = ("in-band", "out-of-band")


def domain(site: FacilitySite) -> str:
    """DNS domain of the site's hosts."""
    return site.domain or f"{site.name}.internal"


def provisioning_networks(site: FacilitySite, design: Design) -> dict[str, str]:
    """CIDR by purpose of the networks that machines boot in, by purpose."""
    return {
        subnet.purpose: subnet.cidr
        for subnet in sorted(design.subnets, key=lambda item: item.purpose)
        if subnet.site == site.name and subnet.purpose in _BOOTED_IN
    }


def reference(secret: SecretRef) -> dict[str, str]:
    """Where a secret is kept, in the shape of `aifactory:metal:SecretReference`."""
    return {"store": secret.secret, "path": secret.path}


def protection(blueprint: Blueprint) -> Options:
    """What production runs on is not deleted by accident."""
    return Options(protect=blueprint.governance.environment == "production")


def present(**values: Any) -> dict[str, Any]:
    """What was given: an input that is left out is not the same as one of nothing."""
    return {key: value for key, value in values.items() if value is not None}

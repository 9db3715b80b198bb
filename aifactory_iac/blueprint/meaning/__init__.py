"""What types cannot say and needs no design: checks over the typed blueprint, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aifactory_iac.blueprint.meaning.clusters import cluster_findings
from aifactory_iac.blueprint.meaning.governance import governance_findings
from aifactory_iac.blueprint.meaning.installations import installation_findings
from aifactory_iac.blueprint.meaning.networks import network_findings
from aifactory_iac.blueprint.meaning.pools import pool_findings
from aifactory_iac.blueprint.meaning.sites import site_findings
from aifactory_iac.blueprint.meaning.storage import storage_findings
from aifactory_iac.blueprint.meaning.trust import trust_findings
from aifactory_iac.blueprint.meaning.values import value_findings
from aifactory_iac.blueprint.meaning.view import View
from aifactory_iac.findings import Finding

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model import Blueprint
    from aifactory_iac.catalog import Catalog

_CHECKS = (
    site_findings,
    pool_findings,
    installation_findings,
    network_findings,
    trust_findings,
    storage_findings,
    cluster_findings,
    governance_findings,
    value_findings,
)


def meaning_findings(blueprint: Blueprint, catalog: Catalog) -> tuple[Finding, ...]:
    """Every semantic finding; the blueprint may be the sound part of a document only.

    A name that refers to nothing has its own finding, so the checks here pass over it.
    """
    view = View(blueprint, catalog)
    return tuple(finding for check in _CHECKS for finding in check(view))

"""What types cannot say and needs no design: checks over the typed blueprint, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aifactory_iac.findings import Finding

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model import Blueprint
    from aifactory_iac.catalog import Catalog


def meaning_findings(blueprint: Blueprint, catalog: Catalog) -> tuple[Finding, ...]:
    """Every semantic finding; the blueprint may be the sound part of a document only."""
    del blueprint, catalog
    return ()

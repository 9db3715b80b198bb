"""Sourced facts on accelerators, systems, switches, clouds, facilities and prices.

No number about hardware stands in code: it stands here, with who says so, when, and whether a
design may be gated on it.
"""

from aifactory_iac.catalog.catalog import Catalog
from aifactory_iac.catalog.tables import TABLES, Fact

__all__ = ["TABLES", "Catalog", "Fact"]

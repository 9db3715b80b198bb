"""The factory as one SVG: sites with their power, networks by tier, racks as elevations."""

from aifactory_iac.report.graph.factory import factory_svg

__all__ = ["factory_svg"]

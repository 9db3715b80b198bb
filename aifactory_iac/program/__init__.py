"""From a design to Pulumi: units as values, components that construct them, and the run itself.

Importing this package never imports Pulumi; `run`, `values` and `components` do.
"""

from aifactory_iac.program.lower import Lowered, lower
from aifactory_iac.program.unit import (
    Call,
    FromEnvironment,
    FromSecret,
    Give,
    Options,
    PortType,
    ProviderCall,
    Ref,
    Take,
    Unit,
)

__all__ = [
    "Call",
    "FromEnvironment",
    "FromSecret",
    "Give",
    "Lowered",
    "Options",
    "PortType",
    "ProviderCall",
    "Ref",
    "Take",
    "Unit",
    "lower",
]

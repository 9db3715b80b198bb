"""The blueprint language: from YAML text, parents and parameters to a typed document."""

from aifactory_iac.blueprint.load import Loaded, Request, declared_parameters, load
from aifactory_iac.blueprint.lookup import impact_of
from aifactory_iac.blueprint.origins import Origins
from aifactory_iac.blueprint.references import parse_path
from aifactory_iac.blueprint.rules import RULES

__all__ = [
    "RULES",
    "Loaded",
    "Origins",
    "Request",
    "declared_parameters",
    "impact_of",
    "load",
    "parse_path",
]

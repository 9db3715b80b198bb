"""The blueprint language: from YAML text, parents and parameters to a typed document."""

from aifactory_iac.blueprint.load import Loaded, Request, load
from aifactory_iac.blueprint.origins import Origins

__all__ = ["Loaded", "Origins", "Request", "load"]

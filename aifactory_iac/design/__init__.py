"""The engineered factory: `Blueprint` and catalog in, `Design` out, pure and deterministic."""

from aifactory_iac.design.assemble import design
from aifactory_iac.design.document import document
from aifactory_iac.design.model import Design

__all__ = ["Design", "design", "document"]

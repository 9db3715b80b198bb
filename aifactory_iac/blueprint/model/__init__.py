"""The typed model of a blueprint: one definition per field, one file per layer.

The files here do without postponed annotations: pydantic would compile each of seven hundred
strings anew at every start, a sixth of what `validate` may take.
"""

from aifactory_iac.blueprint.model.document import Backend, Blueprint, Metadata, Stack

__all__ = ["Backend", "Blueprint", "Metadata", "Stack"]

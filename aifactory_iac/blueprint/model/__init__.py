"""The typed model of a blueprint: one definition per field, one file per layer."""

from aifactory_iac.blueprint.model.document import Backend, Blueprint, Metadata, Stack

__all__ = ["Backend", "Blueprint", "Metadata", "Stack"]

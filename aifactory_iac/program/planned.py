"""The value type of a planned resource: one registration as the program made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from aifactory_iac.findings import Path


class Unknown:
    """The one value that stands for "known only after apply". Prints as `<unknown>`."""

    _instance: Self | None = None

    def __new__(cls) -> Self:
        """The one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "<unknown>"


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret input. The value is compared, never shown; its `repr` hides it."""

    value: Any = field(repr=False)

    def __repr__(self) -> str:
        return "<secret>"


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """A registration. `inputs` is plain data that may contain `UNKNOWN` and `Secret`.

    `urn` is the engine's own URN. `origin` is the blueprint path that asked for the component that
    the resource belongs to.
    """

    unit: str
    urn: str
    type: str
    name: str
    parent: str | None
    custom: bool
    inputs: Mapping[str, Any]
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    provider: str | None = None
    protect: bool = False
    aliases: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool = False
    retain_on_delete: bool = False
    additional_secret_outputs: tuple[str, ...] = ()
    version: str = ""
    import_id: str = ""
    deleted_with: str = ""
    replace_with: tuple[str, ...] = ()
    remote: bool = False
    origin: Path = ()

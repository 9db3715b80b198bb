"""A loaded factory: the document with the catalog that it was loaded against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aifactory_iac.blueprint import Loaded, Request
from aifactory_iac.blueprint import load as load_document
from aifactory_iac.catalog import Catalog
from aifactory_iac.findings import Finding, has_blocking, in_order

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model import Blueprint


class InvalidBlueprintError(ValueError):
    """The document is invalid, or what it asks for cannot be built; `findings` say why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """`findings` are located and in order."""
        super().__init__("; ".join(finding.message for finding in findings[:3]))
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Factory:
    """A loaded document with the catalog it was loaded against."""

    loaded: Loaded
    catalog: Catalog

    @property
    def valid(self) -> bool:
        """Whether the document, and every catalog overlay, can be worked with."""
        return self.loaded.blueprint is not None and not has_blocking(self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the loader and the catalog found, located, in order."""
        return in_order((*self.loaded.findings, *self.catalog.findings))

    @property
    def blueprint(self) -> Blueprint:
        """The typed blueprint; raises `InvalidBlueprintError` when there is none."""
        if self.loaded.blueprint is None or not self.valid:
            raise InvalidBlueprintError(self.findings)
        return self.loaded.blueprint

    def locate(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings with the source line that each path was written on, in order."""
        return self.loaded.locate(tuple(findings))


def load(
    target: str,
    *,
    parameters: Mapping[str, str] | None = None,
    values: Path | None = None,
    library: Sequence[Path] = (),
    catalog: Sequence[Path] = (),
) -> Factory:
    """Loads a blueprint or stack with all its layers.

    Args:
        target: A library name (`superpod-h100`, `superpod-h100@^1`), a folder, or a file.
        parameters: Values of parameters as text, read as YAML scalars; they win over all else.
        values: A YAML file of parameter values.
        library: Folders of blueprints to search before the shipped library.
        catalog: Overlay files with facts of your own, over those that the stack names.

    Returns:
        The factory, valid or not; `findings` say what is wrong and where. Nothing is raised for
        what a document says.
    """
    request = Request(target, dict(parameters or {}), values, tuple(library))
    facts = Catalog.shipped(tuple(catalog))
    loaded = load_document(request, facts)
    overlays = _overlays_of(loaded)
    if not overlays:
        return Factory(loaded, facts)
    facts = Catalog.shipped((*overlays, *catalog))
    return Factory(load_document(request, facts), facts)


def _overlays_of(loaded: Loaded) -> tuple[Path, ...]:
    """Catalog overlays that the stack names, relative to the stack file."""
    if loaded.stack is None or loaded.stack_path is None:
        return ()
    return tuple(loaded.stack_path.parent / name for name in loaded.stack.catalog)

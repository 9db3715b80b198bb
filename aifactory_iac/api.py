"""The Python API, for notebooks and other tools: `load`, `design`, `check`, `plan`, as values.

    from aifactory_iac import load, design, check, plan

    factory = load("superpod-h100", parameters={"scalable_units": "2"})
    print(design(factory).pools["dgx"].gpus)      # 504
    print(check(factory).outcome)                 # "pass"
    print(plan(factory).counts)

Nothing here prints, asks, or raises for what a document says: findings come back as values. What
needs a valid document raises `InvalidBlueprintError`, which carries them. Cloud SDKs are imported
only by `check` and `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aifactory_iac.blueprint import Loaded, Request
from aifactory_iac.blueprint import load as load_document
from aifactory_iac.catalog import Catalog
from aifactory_iac.findings import Finding, has_blocking, in_order

if TYPE_CHECKING:
    import datetime

    from aifactory_iac.blueprint.explain import Explanation
    from aifactory_iac.blueprint.model import Blueprint
    from aifactory_iac.deploy import Plan
    from aifactory_iac.design.model import Design
    from aifactory_iac.policy import Verdict


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
        return self.loaded.locate(findings)

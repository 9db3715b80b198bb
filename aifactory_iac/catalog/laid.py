"""What overlays add to the catalog: sound records, their sources, and findings on the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aifactory_iac.catalog.build import Record
from aifactory_iac.catalog.facts import Source
from aifactory_iac.findings import Finding


@dataclass(frozen=True)
class Laid:
    """A record of an overlay, merged with the shipped one where there is one."""

    record: Record
    layer: str
    own: frozenset[str]
    """The fields that the overlay gives."""
    sources: frozenset[str]
    """Keys of the overlay's own sources that the record rests on."""


@dataclass(frozen=True)
class Overlays:
    """All overlays together: sound records by table and id, their sources, and what is wrong."""

    records: Mapping[str, Mapping[str, Laid]] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

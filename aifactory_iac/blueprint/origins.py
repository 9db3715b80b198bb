"""Where every value of the resolved document came from, across all layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from aifactory_iac.blueprint.nodes import Node, Place, at
from aifactory_iac.blueprint.secrets import Redactions, redacted, without_secrets
from aifactory_iac.findings import Finding, Path, Span


@dataclass(frozen=True, slots=True)
class Origins:
    """Positions of all values of one resolved document; empty when none could be read.

    `parameters` are the values in force with their history, `hidden` the lines that hold secrets.
    """

    root: Node | None = None
    hidden: Redactions = field(default_factory=dict)
    parameters: Mapping[str, Node] = field(default_factory=dict)

    def node(self, path: Path) -> Node | None:
        """The value at the path with its history; `None` when the document does not write it."""
        return at(self.root, path) if self.root is not None else None

    def at(self, path: Path) -> Span | None:
        """Where the value stands: a scalar itself, a named item's name, otherwise its key."""
        node = self.node(path)
        return None if node is None else self.shown(node.where)

    def key(self, path: Path) -> Span | None:
        """Where the key that the value stands under was written."""
        node = self.node(path)
        return None if node is None or node.key is None else self.shown(node.key)

    def nearest(self, path: Path) -> Span | None:
        """Where the value stands, or the nearest value around it that was written."""
        for length in range(len(path), -1, -1):
            span = self.at(path[:length])
            if span is not None:
                return span
        return None

    def chain(self, path: Path) -> tuple[Span, ...]:
        """Where each layer wrote the value, the first layer first, the one in force last."""
        node = self.node(path)
        return (
            () if node is None else tuple(self.shown(each.where) for each in (*node.before, node))
        )

    def shown(self, place: Place) -> Span:
        """The place as a span whose source line hides what may be a secret."""
        return without_secrets(place.span(), self.hidden)

    def locate(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings with spans added where there is none, secrets masked."""
        located = (
            finding if finding.span else replace(finding, span=self.nearest(finding.path))
            for finding in findings
        )
        return redacted(located, self.hidden)

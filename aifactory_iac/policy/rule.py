"""A rule: a pure generator of checks with its metadata.

How strictly it is held is not its business. The level at which it counts, the packs it belongs to
and the reasons for its controls are data (`policies/profiles`, `policies/packs`,
`policies/controls`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aifactory_iac.blueprint.model.base import Zone
from aifactory_iac.findings import Severity
from aifactory_iac.policy.check import Checks

Need = Literal["blueprint", "design", "resources", "gate"]
"""What a rule reads. `gate` is the gate's own state: waivers and policy data."""

Judge = Callable[..., Checks]
"""`judge(context, **parameters)`."""

RULE_ID = re.compile(r"^[A-Z][A-Z0-9]{1,11}-[A-Z]{3}-\d{3}$")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `parameters` maps each parameter to its JSON Schema, which has a `default`."""

    id: str
    title: str
    severity: Severity
    judge: Judge
    controls: tuple[str, ...]
    needs: tuple[Need, ...]
    zone: Zone | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    description: str = ""
    layer: str = ""
    """Name of the folder the rule's file is in; set by the loader."""
    file: str = ""
    """`<layer>/<slug>.py`; set by the loader."""

    @property
    def defaults(self) -> dict[str, Any]:
        """The parameters as they are when no profile sets them."""
        return {name: schema["default"] for name, schema in self.parameters.items()}


def rule(
    *,
    id: str,  # noqa: A002 - the word that every reader of a rule looks for
    title: str,
    severity: Severity,
    controls: tuple[str, ...],
    needs: tuple[Need, ...],
    zone: Zone | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[Judge], Rule]:
    """Makes a rule of a generator function; its docstring becomes the rule's description.

    Raises `ValueError` for metadata that cannot stand; the loader reports a broken rule.
    """
    if not RULE_ID.match(id):
        raise ValueError(f"rule id `{id}` is not like `AIF-FAB-001`")
    schemas = dict(parameters or {})
    without = sorted(name for name, schema in schemas.items() if "default" not in schema)
    if without:
        raise ValueError(f"{id}: parameters without a default: {', '.join(without)}")

    def register(judge: Judge) -> Rule:
        return Rule(
            id=id,
            title=title,
            severity=severity,
            judge=judge,
            controls=controls,
            needs=needs,
            zone=zone,
            parameters=schemas,
            description=_paragraphs(judge.__doc__ or ""),
        )

    return register


def _paragraphs(docstring: str) -> str:
    blocks = re.split(r"\n\s*\n", docstring.strip())
    return "\n\n".join(" ".join(block.split()) for block in blocks)

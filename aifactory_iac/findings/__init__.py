"""What every check gives: findings as values, sorted, never raised and never printed."""

from aifactory_iac.findings.finding import (
    Finding,
    Path,
    Severity,
    Span,
    has_blocking,
    in_order,
    render_path,
)
from aifactory_iac.findings.rule import Rule, table

__all__ = [
    "Finding",
    "Path",
    "Rule",
    "Severity",
    "Span",
    "has_blocking",
    "in_order",
    "render_path",
    "table",
]

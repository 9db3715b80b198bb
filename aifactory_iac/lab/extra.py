"""The optional packages that a lab needs, and what to say when they are not there."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable

INSTALL = "pip install 'aifactory-iac[lab]'"
_PACKAGES = {
    "bmc": {"sushy_tools": "sushy-tools"},
    "aws": {"moto": "moto", "flask": "moto[server]"},
}


def lacking(kinds: Iterable[str]) -> tuple[str, ...]:
    """Distributions that are not installed and that these kinds of parts need."""
    return tuple(
        distribution
        for kind in kinds
        for module, distribution in _PACKAGES.get(kind, {}).items()
        if importlib.util.find_spec(module) is None
    )

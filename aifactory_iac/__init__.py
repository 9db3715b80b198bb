"""Declarative infrastructure as code for AI factories.

    from aifactory_iac import load, design, check, plan

See `aifactory_iac.api` for the functions; they are loaded when they are first used, so importing
the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aifactory_iac.api import (
        Factory,
        InvalidBlueprintError,
        check,
        design,
        explain,
        export,
        load,
        plan,
        results,
    )

__version__ = "0.1.0"

__all__ = [
    "Factory",
    "InvalidBlueprintError",
    "__version__",
    "check",
    "design",
    "explain",
    "export",
    "load",
    "plan",
    "results",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from aifactory_iac import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

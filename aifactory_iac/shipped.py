"""Where the folders that ship with the toolkit are: `blueprints/`, `policies/`, `stacks/`.

In a checkout they stand at the top level, where users look for them; in a wheel they are inside
the package. Nothing else may know the difference.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The shipped folder of that name, from the wheel if it is there, else from the checkout."""
    packaged = _PACKAGE / "_shipped" / name
    return packaged if packaged.is_dir() else _PACKAGE.parent / name

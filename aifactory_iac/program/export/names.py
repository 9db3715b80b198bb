"""Python names for what a blueprint names: readable, unique in one module, never reserved."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterable, Mapping

_RESERVED = frozenset({*dir(builtins), *keyword.kwlist, *keyword.softkwlist})


def variables(wanted: Mapping[str, str], taken: Iterable[str] = ()) -> Mapping[str, str]:
    """A variable for every key, after the name that it stands for.

    Names hold letters, digits, hyphens and dots, so only reserved words, names in `taken`
    and each other can stand in the way; whichever comes later by key gets an underscore at the end.
    """
    used = {*_RESERVED, *taken}
    found: dict[str, str] = {}
    for key, name in sorted(wanted.items()):
        variable = name.replace("-", "_").replace(".", "_")
        if not variable[:1].isalpha():
            variable = f"n{variable}"
        while variable in used:
            variable += "_"
        used.add(variable)
        found[key] = variable
    return found


def module(unit: str) -> str:
    """Module of a unit: `fra1/compute` is `fra1_compute`. Layers have no hyphens, so none meet."""
    written = unit.replace("-", "_").replace("/", "_")
    return written if written[:1].isalpha() else f"n{written}"

"""The blueprint library: what is on the shelf, and the facts that each blueprint promises."""

from aifactory_iac.library.promises import NOTHING, Case, Promise, Unkept, keep, read_cases
from aifactory_iac.library.shelf import Volume, shelves, volumes

__all__ = [
    "NOTHING",
    "Case",
    "Promise",
    "Unkept",
    "Volume",
    "keep",
    "read_cases",
    "shelves",
    "volumes",
]

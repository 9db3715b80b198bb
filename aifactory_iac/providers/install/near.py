"""Did you mean: the known name that a misspelt one is most like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_LISTED = 16


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant; None when nothing is alike."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in sorted(known):
        folded.setdefault(_fold(candidate), candidate)
    if _fold(name) in folded:
        return folded[_fold(name)]
    found = get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def hint(name: str, known: Iterable[str], elsewhere: Mapping[str, str] | None = None) -> str:
    """The way out of an unknown name: what it is called here, a near name, or all there are."""
    names = sorted(known)
    if elsewhere and name in elsewhere:
        return f"it is `{elsewhere[name]}` here"
    near = nearest(name, names)
    if near is not None:
        return f"did you mean `{near}`?"
    listed = ", ".join(f"`{known_name}`" for known_name in names[:_LISTED])
    return f"there are: {listed}" if len(names) <= _LISTED else f"there are: {listed} and more"


def _fold(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")

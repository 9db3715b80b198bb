"""Usage errors that name what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable

import click


def no_such(
    kind: str, name: str, known: Iterable[str], *, listed: bool = False
) -> click.UsageError:
    """`There is no rule `AIF-FAB-01`. Did you mean `AIF-FAB-001`?`, to be raised."""
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    text = f"There is no {kind} `{name}`"
    text += f"; there are {', '.join(names)}." if listed and names else "."
    return click.UsageError(f"{text} Did you mean `{near[0]}`?" if near else text)

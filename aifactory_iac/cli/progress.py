"""Progress of long work: on standard error, and only where a person is watching."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aifactory_iac.cli.options import Output
from aifactory_iac.cli.write import colour


@contextmanager
def working(what: str, output: Output) -> Iterator[None]:
    """A spinner with `what` while the block runs, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    plain = not colour(Output(colour=output.colour), sys.stderr)
    with Console(stderr=True, no_color=plain).status(what, spinner="dots"):
        yield

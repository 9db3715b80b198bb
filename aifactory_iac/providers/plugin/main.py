"""The command `pulumi-resource-aifactory`, which Pulumi's engine starts.

Its first and only line on standard output is the port that it serves on.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Serves until the engine is done."""
    engine = _parser().parse_known_args(arguments)[0].engine
    announce = _own_standard_output()
    from aifactory_iac.providers.plugin.serving import serve

    asyncio.run(serve(announce, engine))


def _parser() -> argparse.ArgumentParser:
    """What engines pass; of it only the engine's address matters here."""
    parser = argparse.ArgumentParser(
        prog="pulumi-resource-aifactory",
        description="Pulumi resource provider for machines, switches and clusters of one's own. "
        "The Pulumi engine starts it; its first line of output is its port.",
        allow_abbrev=False,
    )
    parser.add_argument("engine", nargs="?", default="", help="address of the engine's service")
    parser.add_argument("--logtostderr", action="store_true", help="taken, and without effect")
    parser.add_argument("-v", metavar="LEVEL", help="taken, and without effect")
    parser.add_argument("--tracing", metavar="ENDPOINT", help="taken, and without effect")
    return parser


def _own_standard_output() -> Callable[[int], None]:
    """Gives what announces the port; whatever else is printed from now on goes to stderr."""
    own = os.dup(1)
    os.dup2(2, 1)

    def announce(port: int) -> None:
        os.write(own, f"{port}\n".encode())

    return announce


if __name__ == "__main__":
    main()

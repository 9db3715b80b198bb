"""`aifactory graph`: the factory as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target


@click.command(
    epilog="""Examples:

\b
  aifactory graph superpod-h100 -o superpod.svg
  aifactory graph regulated-hybrid -o hybrid.svg
"""
)
@takes_target
@click.option(
    "-o",
    "--output",
    "picture",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Where to draw.",
)
@gives_output()
def command(asked: Asked, picture: Path, output: Output) -> None:
    """Draw TARGET: sites, networks by tier, and racks, as one SVG."""
    from aifactory_iac.cli.progress import working
    from aifactory_iac.cli.session import designed, opened
    from aifactory_iac.cli.write import say, write_file
    from aifactory_iac.report.graph import factory_svg

    if picture.suffix != ".svg":
        raise click.UsageError(f"only SVG is drawn; name the file {picture.with_suffix('.svg')}")
    factory = opened(asked, output)
    engineered = designed(factory, asked.target, output)
    with working("Drawing", output):
        drawn = factory_svg(factory.blueprint, engineered)
    write_file(picture, drawn)
    say(f"Wrote {picture}")

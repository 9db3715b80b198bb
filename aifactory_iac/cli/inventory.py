"""`aifactory inventory`: what an inventory of record says, against what is intended."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aifactory_iac.cli.options import Asked, Output, gives_output, takes_target

if TYPE_CHECKING:
    from aifactory_iac.providers.inventory.reading import Ask
    from aifactory_iac.providers.inventory.values import Inventory

DRIFTED = 5


@click.command(
    epilog="""Examples:

\b
  aifactory inventory superpod-h100 --netbox https://netbox.example.com --token env:NETBOX_TOKEN
  aifactory inventory prod/stack.yaml --nautobot https://nautobot.example.com --token file:token
  aifactory inventory prod/stack.yaml --netbox https://netbox.example.com --token vault:kv/netbox \\
      --site fra1 --format json --detailed-exitcode
"""
)
@takes_target
@click.option("--netbox", metavar="URL", help="Read this NetBox.")
@click.option("--nautobot", metavar="URL", help="Read this Nautobot.")
@click.option(
    "--token",
    metavar="STORE:PATH",
    help="Where its token is kept, such as env:NETBOX_TOKEN or file:token; never the token itself.",
)
@click.option(
    "--site", "sites", multiple=True, metavar="NAME", help="Read only this site; repeatable."
)
@click.option(
    "--ca",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Authority that its certificate is of, as PEM; the system's when not given.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long one page may take.",
)
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 5 when there is drift, instead of 0."
)
@gives_output("text", "json")
def command(
    asked: Asked,
    netbox: str | None,
    nautobot: str | None,
    token: str | None,
    sites: tuple[str, ...],
    ca: Path | None,
    timeout: float,
    detailed_exitcode: bool,  # noqa: FBT001 - click's
    output: Output,
) -> None:
    """Compare the machines of TARGET with an inventory, which is read and never written.

    Exit code 0, 1 when the inventory does not answer, 2 when the input is wrong or the token is
    refused, 5 with --detailed-exitcode when something differs.
    """
    from aifactory_iac.cli.session import opened, refuse
    from aifactory_iac.providers.inventory.drift import drift
    from aifactory_iac.providers.inventory.reading import Ask

    if (netbox is None) == (nautobot is None):
        raise click.UsageError("Name one inventory: --netbox URL or --nautobot URL.")
    ask = Ask(
        "netbox" if netbox else "nautobot",
        netbox or nautobot or "",
        _token(token),
        sites,
        str(ca or ""),
        timeout,
    )
    factory = opened(asked, output)
    from aifactory_iac.api import InvalidBlueprintError
    from aifactory_iac.api.machines import intended_machines

    try:
        intended = intended_machines(factory)
    except InvalidBlueprintError as error:
        refuse(asked.target, error.findings, output)
    if not intended:
        raise click.UsageError(f"{asked.target} has no machines on-prem to compare.")
    report = drift(_read(ask, output), intended)
    from aifactory_iac.cli.write import colour, width, write_result
    from aifactory_iac.report.canonical import to_json
    from aifactory_iac.report.inventory_text import inventory_document, inventory_view
    from aifactory_iac.report.tables import rendered

    if output.format == "json":
        write_result(to_json(inventory_document(report)), output)
    else:
        view = inventory_view(report, verbose=output.verbose > 0)
        write_result(rendered(view, colour=colour(output), width=width(output)), output)
    if report.drifts and detailed_exitcode:
        raise click.exceptions.Exit(DRIFTED)


def _token(reference: str | None) -> str:
    """The secret that a reference leads to; what is no reference is not printed."""
    from aifactory_iac.providers.secrets import SecretError, SecretReader, standard_stores

    if reference is None:
        return ""
    stores = standard_stores()
    store, colon, path = reference.partition(":")
    if not colon or store not in stores or not path:
        raise click.BadParameter(
            f"it is no reference STORE:PATH with a store of {', '.join(sorted(stores))}; a token "
            "itself would stay in the history of your shell",
            param_hint="--token",
        )
    try:
        return SecretReader(stores).text({"store": store, "path": path}).strip()
    except SecretError as error:
        raise click.BadParameter(str(error), param_hint="--token") from None


def _read(ask: Ask, output: Output) -> Inventory:
    from aifactory_iac.cli.progress import working
    from aifactory_iac.providers.inventory.reader import InventoryError
    from aifactory_iac.providers.inventory.reading import read_inventory

    try:
        with working(f"Reading {ask.url}", output):
            return asyncio.run(read_inventory(ask))
    except InventoryError as error:
        if error.wrong:
            raise click.UsageError(f"{error}.") from None
        raise click.ClickException(str(error)) from None

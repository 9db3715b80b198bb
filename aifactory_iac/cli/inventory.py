"""`aifactory inventory`: what an inventory of record says, against what is intended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aifactory_iac.cli.options import (
    DETAILED,
    SITES,
    Asked,
    Output,
    gives_output,
    takes_target,
)
from aifactory_iac.cli.write import colour, say, width, write_file, write_result

if TYPE_CHECKING:
    from aifactory_iac.providers.inventory.adopting import Adopted
    from aifactory_iac.providers.inventory.drift import DriftReport
    from aifactory_iac.providers.inventory.reading import Ask, Kind
    from aifactory_iac.providers.inventory.values import Intended, Inventory

DRIFTED = 5


@click.command(
    epilog="""Examples:

\b
  aifactory inventory superpod-h100 --netbox https://netbox.example.com --token env:NETBOX_TOKEN
  aifactory inventory prod/stack.yaml --nautobot https://nautobot.example.com --token file:token
  aifactory inventory prod/stack.yaml --netbox https://netbox.example.com --token vault:kv/netbox \\
      --site fra1 --format json --detailed-exitcode
  aifactory inventory prod/stack.yaml --netbox https://netbox.example.com --token file:token \\
      --controllers env:BMC --adopt machines.yaml
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
@SITES
@click.option(
    "--ca",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Authority that its certificate is of, as PEM; the system's when not given.",
)
@click.option(
    "--controllers",
    metavar="STORE:PATH",
    help="Ask the machines' controllers too, with the user and password kept there. Reads only.",
)
@click.option(
    "--controllers-ca",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Authority that the controllers' certificates are of; the system's when not given.",
)
@click.option(
    "--adopt",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write who the machines are (serial, UUID, MACs) to FILE, for `export --machines`.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long one page may take.",
)
@DETAILED
@gives_output("text", "json")
def command(
    asked: Asked,
    netbox: str | None,
    nautobot: str | None,
    token: str | None,
    sites: tuple[str, ...],
    ca: Path | None,
    controllers: str | None,
    controllers_ca: Path | None,
    adopt: Path | None,
    timeout: float,
    detailed_exitcode: bool,  # noqa: FBT001 - click's
    output: Output,
) -> None:
    """Compare the machines of TARGET with an inventory, which is read and never written.

    Exit code 0, 1 when the inventory does not answer, 2 when the input is wrong or the token is
    refused, 5 with --detailed-exitcode when something differs.
    """
    from aifactory_iac.providers.inventory.adopting import recorded, with_seen
    from aifactory_iac.providers.inventory.drift import drift
    from aifactory_iac.providers.inventory.reading import Ask

    if (netbox is None) == (nautobot is None):
        raise click.UsageError("Name one inventory: --netbox URL or --nautobot URL.")
    kind: Kind = "netbox" if netbox else "nautobot"
    secret = _reference(token, "--token") if token else None
    login = _reference(controllers, "--controllers") if controllers else None
    ask = Ask(
        kind, netbox or nautobot or "", _secret(secret) if secret else "", sites, str(ca or ""),
        timeout,
    )  # fmt: skip
    machines = _intended(asked, output)
    inventory = _read(ask, output)
    adopted = recorded(inventory, machines)
    if login:
        adopted = _asked(machines, login, controllers_ca, output)
        machines = with_seen(machines, adopted)
    report = drift(inventory, machines)
    _write(report, output)
    if adopt:
        _keep(adopted, adopt)
    for name, reason in sorted(adopted.failures.items()) if adopt or login else ():
        say(f"{name} is not adopted: {reason}")
    if report.drifts and detailed_exitcode:
        raise click.exceptions.Exit(DRIFTED)


def _intended(asked: Asked, output: Output) -> tuple[Intended, ...]:
    from aifactory_iac.api import InvalidBlueprintError
    from aifactory_iac.api.machines import intended_machines
    from aifactory_iac.cli.session import opened, refuse

    factory = opened(asked, output)
    try:
        machines = intended_machines(factory)
    except InvalidBlueprintError as error:
        refuse(asked.target, error.findings, output)
    if not machines:
        raise click.UsageError(f"{asked.target} has no machines on-prem to compare.")
    return machines


def _reference(text: str, option: str) -> dict[str, str]:
    """A reference of that form; what is none is not printed, because it may be the secret."""
    from aifactory_iac.providers.secrets import standard_stores

    stores = standard_stores()
    store, colon, path = text.partition(":")
    if not colon or store not in stores or not path:
        raise click.BadParameter(
            f"it is no reference STORE:PATH with a store of {', '.join(sorted(stores))}; a secret "
            "itself would stay in the history of your shell",
            param_hint=option,
        )
    return {"store": store, "path": path}


def _secret(reference: dict[str, str]) -> str:
    from aifactory_iac.providers.secrets import SecretError, SecretReader, standard_stores

    try:
        return SecretReader(standard_stores()).text(reference).strip()
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


def _asked(
    machines: Sequence[Intended], login: dict[str, str], authority: Path | None, output: Output
) -> Adopted:
    from aifactory_iac.api.machines import ask_controllers
    from aifactory_iac.cli.progress import working

    with working(f"Asking {len(machines)} controllers", output):
        return ask_controllers(machines, login, authority)


def _keep(adopted: Adopted, file: Path) -> None:
    from aifactory_iac.providers.install.render.text import yaml_text

    write_file(file, yaml_text(adopted.entries()).decode())
    say(f"Wrote {len(adopted.machines)} machines to {file}")


def _write(report: DriftReport, output: Output) -> None:
    from aifactory_iac.report.canonical import to_json
    from aifactory_iac.report.inventory_text import inventory_document, inventory_view
    from aifactory_iac.report.tables import rendered

    if output.format == "json":
        write_result(to_json(inventory_document(report)), output)
        return
    view = inventory_view(report, verbose=output.verbose > 0)
    write_result(rendered(view, colour=colour(output), width=width(output)), output)

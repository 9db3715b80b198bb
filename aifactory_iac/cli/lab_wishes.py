"""From the words of `aifactory lab up` to a lab, or to everything that is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aifactory_iac.cli.options import Asked, Output
from aifactory_iac.cli.session import opened, refuse
from aifactory_iac.cli.suggesting import no_such

if TYPE_CHECKING:
    from aifactory_iac.api import Factory
    from aifactory_iac.lab.faults import Faults
    from aifactory_iac.lab.inventory import Inventory
    from aifactory_iac.lab.raising import Raised
    from aifactory_iac.lab.selection import Selection
    from aifactory_iac.lab.starting import StartError
    from aifactory_iac.lab.wish import Wish


class RefusedError(click.ClickException):
    """Another lab is in the way."""

    exit_code = 6


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options as they were given."""

    only: str | None
    sites: tuple[str, ...]
    pools: tuple[str, ...]
    limit: int | None
    faults: Path | None
    pace: float
    lifetime: str | None
    boots: tuple[str, ...]
    place: Path | None


def bring_up(asked: Asked, wanted: Wanted, output: Output) -> Raised:
    """The lab that was asked for, once it is ready; exits as documented when it cannot be."""
    from aifactory_iac.cli.progress import working
    from aifactory_iac.deploy import deployment_of
    from aifactory_iac.lab.folder import FolderError, NotOursError, default_place
    from aifactory_iac.lab.raising import OtherLabError, raised
    from aifactory_iac.lab.starting import StartError

    wish = _wish(asked, wanted)
    factory = opened(asked, output)
    chosen = _chosen(factory, asked, wanted, output)
    faults = _faults(wanted, chosen, asked, output)
    _require(wish, chosen)
    deployment = deployment_of(factory.loaded)
    name = f"{deployment.project}.{deployment.stack}"
    place = (wanted.place or default_place() / name).absolute()
    try:
        with working("Starting the lab", output):
            return raised(place, name, chosen, wish, faults, factory.catalog)
    except NotOursError as error:
        raise click.UsageError(f"{error}.") from None
    except FolderError as error:
        raise click.ClickException(str(error)) from None
    except OtherLabError as error:
        raise RefusedError(
            f"the lab {name} {error}: `aifactory lab down {name}` first, or choose another `--dir`"
        ) from None
    except StartError as error:
        raise click.ClickException(_why(error)) from None


def _wish(asked: Asked, wanted: Wanted) -> Wish:
    from aifactory_iac.lab.state import spelled
    from aifactory_iac.lab.wish import KINDS, Wish

    kinds = tuple(KINDS)
    if wanted.only is not None:
        asked_for = [kind.strip() for kind in wanted.only.split(",")]
        for kind in asked_for:
            if kind not in KINDS:
                raise no_such("kind of part", kind, KINDS, listed=True)
        kinds = tuple(kind for kind in KINDS if kind in asked_for)
    if wanted.boots and "bmc" not in kinds:
        raise click.BadParameter("a machine boots by its controller: add bmc", param_hint="--only")
    return Wish(spelled(asked.target), kinds, wanted.pace, _seconds(wanted.lifetime), wanted.boots)


def _seconds(text: str | None) -> float | None:
    from aifactory_iac.blueprint.quantity import Duration, QuantityError

    if text is None:
        return None
    try:
        seconds = Duration.parse(text).base
    except QuantityError as error:
        raise click.BadParameter(str(error), param_hint="--for") from None
    if seconds <= 0:
        raise click.BadParameter("a lab lives longer than that", param_hint="--for")
    return seconds


def _chosen(factory: Factory, asked: Asked, wanted: Wanted, output: Output) -> Inventory:
    """What is to be emulated, of what would be provisioned."""
    from aifactory_iac.api import InvalidBlueprintError
    from aifactory_iac.api.run import built, lowered
    from aifactory_iac.lab.inventory import inventory
    from aifactory_iac.lab.selection import Selection, faults_of, selected

    try:
        units = lowered(factory, built(factory)).units
    except InvalidBlueprintError as error:
        refuse(asked.target, error.findings, output)
    whole = inventory(factory.blueprint.metadata.name, units)
    selection = Selection(wanted.sites, wanted.pools, wanted.limit)
    _must_exist(whole, factory, selection)
    chosen = selected(whole, selection)
    findings = faults_of(chosen, selection)
    if findings:
        refuse(asked.target, factory.locate(findings), output)
    hosts = [machine.host for machine in chosen.machines]
    for host in wanted.boots:
        if host not in hosts:
            raise no_such("machine in this lab", host, hosts)
    return chosen


def _must_exist(whole: Inventory, factory: Factory, selection: Selection) -> None:
    sites = [site.name for site in factory.blueprint.sites]
    pools = sorted({machine.pool for machine in whole.machines})
    for kind, names, known in (("site", selection.sites, sites), ("pool", selection.pools, pools)):
        for name in names:
            if name not in known:
                raise no_such(kind, name, known, listed=True)


def _faults(wanted: Wanted, chosen: Inventory, asked: Asked, output: Output) -> Faults:
    """The fault file as the lab keeps it; exits with code 2 and all that is wrong with it."""
    from aifactory_iac.lab.fault_file import read_faults
    from aifactory_iac.lab.faults import Faults

    if wanted.faults is None:
        return Faults()
    read = read_faults(wanted.faults, chosen)
    if read.findings:
        refuse(asked.target, read.findings, output)
    return read.faults


def _require(wish: Wish, chosen: Inventory) -> None:
    """What is not installed is said before anything is started."""
    from aifactory_iac.lab.extra import INSTALL, lacking

    kinds = [
        kind
        for kind, there in (("bmc", chosen.machines), ("aws", chosen.clouds))
        if there and kind in wish.kinds
    ]
    missing = lacking(kinds)
    if missing:
        raise click.ClickException(
            f"this lab needs {', '.join(missing)}, not installed here: {INSTALL}"
        )
    if wish.boots:
        from aifactory_iac.lab.boot.host_files import MissingError, found

        try:
            found()
        except MissingError as error:
            raise click.ClickException(str(error)) from None


def _why(error: StartError) -> str:
    lines = "".join(f"\n  {line}" for line in error.log)
    return f"the lab did not come up: {error}" + (f"; its log ends:{lines}" if lines else "")

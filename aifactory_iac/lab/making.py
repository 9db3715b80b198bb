"""Writes what a lab is started from into its folder: keys, credentials, faults, specifications."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aifactory_iac import __version__
from aifactory_iac.lab.certificates import Authority
from aifactory_iac.lab.faults import Faults
from aifactory_iac.lab.folder import PRIVATE, Folder, write
from aifactory_iac.lab.inventory import Inventory
from aifactory_iac.lab.orders import Orders, PartOrder
from aifactory_iac.lab.parts import machines as fleets
from aifactory_iac.lab.parts import switches as networks
from aifactory_iac.lab.parts.every import parts
from aifactory_iac.lab.parts.part import Part, Shared
from aifactory_iac.lab.record import now
from aifactory_iac.lab.wish import Wish

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog

USER = "aifactory"
_PASSWORD_BYTES = 12
"""As text 16 characters, the most that some controllers take."""


def digest(wanted: Inventory, wish: Wish) -> str:
    """What makes two labs the same one: their contents and ways, keys and faults left out."""
    what = {
        "version": __version__,
        "inventory": asdict(wanted),
        "kinds": sorted(wish.kinds),
        "pace": wish.pace,
        "boots": sorted(wish.boots),
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


def make(
    folder: Folder,
    name: str,
    wanted: Inventory,
    wish: Wish,
    faults: Faults,
    catalog: Catalog,
) -> Orders:
    """Everything that the supervisor needs. Raises `OSError`."""
    shared = _shared(folder, name, wanted, wish, faults, catalog)
    every = parts(wanted, wish, shared)
    return Orders(
        digest=digest(wanted, wish),
        parts=tuple(_order(folder, part) for part in every.present),
        record={
            "name": name,
            "target": wish.target,
            "blueprint": wanted.blueprint,
            "folder": str(folder.path),
            "started": now(),
            "pace": wish.pace,
            "ca": str(shared.ca),
            "credentials": dict(sorted(shared.credentials.items())),
            "machines": summary(wanted, every.present),
            "absent": [asdict(each) for each in every.absent],
        },
        deadline=wish.deadline,
        lifetime=wish.lifetime,
    )


def summary(wanted: Inventory, present: Sequence[Part]) -> dict[str, Any]:
    """How many machines answer, by site, pool and model, and at which address each one does."""
    machines = wanted.machines if any(part.kind == "bmc" for part in present) else ()
    models = Counter(
        each["model"]
        for part in present
        if part.kind == "bmc"
        for each in part.document["machines"]
    )
    return {
        "count": len(machines),
        "sites": dict(sorted(Counter(each.site for each in machines).items())),
        "pools": dict(sorted(Counter(each.pool for each in machines).items())),
        "models": dict(sorted(models.items())),
        "hosts": {each.host: each.bmc for each in machines},
    }


def _shared(
    folder: Folder,
    name: str,
    wanted: Inventory,
    wish: Wish,
    faults: Faults,
    catalog: Catalog,
) -> Shared:
    authority = Authority(name, dt.datetime.now(tz=dt.UTC))
    server = authority.issue("aifactory lab")
    shared = Shared(
        folder=folder.path,
        ca=folder.path / "ca.pem",
        certificate=folder.path / "server.pem",
        key=folder.path / "server.key",
        machine_faults=folder.machine_faults,
        switch_faults=folder.switch_faults,
        credentials=_credentials(folder, wanted, wish.kinds),
        catalog=catalog,
    )
    write(shared.ca, authority.certificate)
    write(shared.certificate, server.certificate)
    write(shared.key, server.key)
    faults.write(folder)
    return shared


def _credentials(folder: Folder, wanted: Inventory, kinds: Sequence[str]) -> dict[str, str]:
    """A file with a password of its own for every secret that is referred to."""
    place = folder.path / "credentials"
    place.mkdir(mode=PRIVATE)
    references = set(wanted.secrets)
    if "bmc" in kinds and any(machine.credentials is None for machine in wanted.machines):
        references.add(fleets.NO_REFERENCE)
    if "switches" in kinds and any(switch.credentials is None for switch in wanted.switches):
        references.add(networks.NO_REFERENCE)
    files = {}
    for number, reference in enumerate(sorted(references), start=1):
        file = place / f"{number}.json"
        account = {"username": USER, "password": secrets.token_urlsafe(_PASSWORD_BYTES)}
        write(file, json.dumps(account) + "\n")
        files[reference] = str(file)
    return files


def _order(folder: Folder, part: Part) -> PartOrder:
    place = folder.part(part.name)
    place.mkdir(mode=PRIVATE)
    file: Path = place / "spec.json"
    write(file, json.dumps(part.document, indent=1) + "\n")
    return PartOrder(
        name=part.name,
        kind=part.kind,
        module=part.module,
        what=part.what,
        spec=str(file),
        folder=str(place),
        log=str(place / "part.log"),
    )

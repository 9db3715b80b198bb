"""AWS: one server answers for every region."""

from __future__ import annotations

from collections.abc import Iterator

from aifactory_iac.lab.inventory import Inventory
from aifactory_iac.lab.parts.part import ROOM, Absent, Part, Shared, count
from aifactory_iac.lab.wish import Wish


def clouds(wanted: Inventory, _wish: Wish, _shared: Shared) -> Iterator[Part | Absent]:
    """The account is the blueprint's, where it names one."""
    if not wanted.clouds:
        yield Absent("aws", "the target has no AWS site")
        return
    accounts = [cloud.account for cloud in wanted.clouds if cloud.account]
    regions = sorted({cloud.region for cloud in wanted.clouds})
    yield Part(
        name="aws",
        kind="aws",
        module=f"{ROOM}.aws",
        what=f"{count(len(wanted.clouds), 'site')} in {', '.join(regions)}",
        document={
            "region": wanted.clouds[0].region,
            "account": accounts[0] if accounts else None,
        },
    )

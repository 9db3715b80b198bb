"""AIF-STO-007."""

from __future__ import annotations

import datetime as dt

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-STO-007",
    title="What cannot be fetched again has a second copy, and a restore was tried",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:A1.2", "soc2:A1.3", "iso27001:A.8.13", "nist800-53:CP-9", "nist800-53:CP-4"),
    needs=("blueprint",),
    parameters={
        "tested_days": {
            "type": "integer",
            "minimum": 1,
            "default": 90,
            "description": "Most days since a restore was last proven.",
        }
    },
)
def backups(factory: Context, *, tested_days: int) -> Checks:
    """Tiers that hold data above public have a backup on another tier, restored within N days.

    An object tier may keep old versions or a replica in place of a backup. Public data can be
    fetched again. A restore that was never dated weighs little, since a factory that is not built
    yet has nothing to restore; one that was proven once and not again weighs in full.
    """
    for name, datasets in sorted(factory.datasets_on.items()):
        tier = factory.tiers.get(name)
        kept = sorted(dataset.name for dataset in datasets if dataset.data_class != "public")
        if tier is None or not kept:
            continue
        path = ("storage", "tiers", name, "backup")
        if tier.backup is None and _object_with_copies(tier):
            yield passed(path)
        elif tier.backup is None or tier.backup.to == name:
            yield failed(
                path,
                "none",
                f"tier `{name}` holds `{kept[0]}` and has no second copy",
                hint="add `backup: {to: ..., every: 1 d, retain: 30 d, restore_tested: ...}`",
                related=tuple(("storage", "datasets", dataset) for dataset in kept),
            )
        else:
            yield from _restored(tier, factory.at, tested_days)


def _restored(tier: Tier, at: dt.date, tested_days: int) -> Checks:
    path = ("storage", "tiers", tier.name, "backup", "restore_tested")
    tested = tier.backup.restore_tested if tier.backup is not None else None
    hint = "restore a copy, compare it, and give the date"
    if tested is None:
        yield failed(
            path,
            "untested",
            f"no restore of tier `{tier.name}` was proven",
            hint=f"once the factory runs: {hint}",
            severity=Severity.LOW,
        )
        return
    age = (at - dt.date.fromisoformat(tested)).days
    if age < 0:
        message = f"the restore of tier `{tier.name}` is dated {tested}, after {at}"
        yield failed(path, "future", message, hint=hint)
    elif age > tested_days:
        message = (
            f"a restore of tier `{tier.name}` was last proven {age} days ago, on {tested}; at most "
            f"{tested_days} are allowed"
        )
        yield failed(path, "old", message, hint=hint)
    else:
        yield passed(path)


def _object_with_copies(tier: Tier) -> bool:
    return tier.kind == "object" and (tier.versions is not None or bool(tier.replicate_to))

"""AIF-STO-013."""

from __future__ import annotations

from aifactory_iac.blueprint.model.sites import AwsSite
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-STO-013",
    title="A file system imports from a bucket of its own region",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:C1.1", "iso27001:A.5.14", "nist800-53:AC-4"),
    needs=("blueprint",),
)
def import_region(factory: Context) -> Checks:
    """The bucket behind an FSx file system is in the file system's region.

    An import from elsewhere is refused by AWS, or silently carries data over a border and over a
    metered line, in both directions.
    """
    for tier in factory.tiers.values():
        source = factory.tiers.get(tier.imports or "")
        if source is None or tier.kind != "fsx-lustre":
            continue
        path = ("storage", "tiers", tier.name, "imports")
        here, there = _region(factory, tier.site), _region(factory, source.site)
        if here != there:
            yield failed(
                path,
                source.name,
                f"tier `{tier.name}` in {here} imports `{source.name}` from {there}",
                hint="import from a bucket in the same region; replicate to it if need be",
                related=(("storage", "tiers", source.name, "site"),),
            )
        else:
            yield passed(path)


def _region(factory: Context, site: str) -> str:
    found = factory.sites.get(site)
    return found.region if isinstance(found, AwsSite) else f"site {site}"

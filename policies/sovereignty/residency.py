"""AIF-SOV-001."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aifactory_iac.blueprint.model.storage import Dataset
from aifactory_iac.blueprint.model.workloads import Serving
from aifactory_iac.policy import Checks, Context, Path, Severity, failed, passed, rule, within

_Step = tuple[str, str]
"""What moves the data, and the tier it reaches: `("backup", "vault")`."""


@dataclass(frozen=True, slots=True)
class _Reach:
    """One place that a dataset gets to, how it gets there, and who says so."""

    site: str
    way: str
    last: Path


@rule(
    id="AIF-SOV-001",
    title="Data never leaves the countries that its class is bound to",
    severity=Severity.CRITICAL,
    zone="data-storage",
    controls=(
        "soc2:C1.1",
        "soc2:P6.1",
        "iso27001:A.5.14",
        "iso27001:A.5.34",
        "nist800-53:SA-9",
        "nist800-53:AC-4",
    ),
    needs=("blueprint",),
)
def residency(factory: Context) -> Checks:
    """Every place that a dataset can get to is in a country that its class may be in.

    The closure goes from the tier it lives on over backups, replicas, imports (both ways: a file
    system writes back to its bucket) and mounts, to the clusters of every workload that reads it
    and the tiers their checkpoints go to. The message prints the shortest way out.
    """
    links = _links(factory)
    closures: dict[str, Mapping[str, tuple[_Step, ...]]] = {}
    readers = _readers(factory)
    bound = factory.blueprint.governance.residency
    for dataset in factory.datasets.values():
        allowed = bound.get(dataset.data_class)
        path = ("storage", "datasets", dataset.name)
        if allowed is None:
            continue
        outside: dict[tuple[str, str], _Reach] = {}
        for reach in _reached(factory, dataset, links, closures, readers):
            country = factory.country.get(reach.site)
            if country is not None and not within(country, allowed):
                outside.setdefault((country, reach.site), reach)
        for (country, site), reach in sorted(outside.items()):
            yield failed(
                path,
                site,
                f"`{dataset.name}` ({dataset.data_class}) reaches {country}: {reach.way}; its "
                f"class is bound to {', '.join(allowed)}",
                hint="cut the way where it crosses the border, or move the data",
                related=(
                    reach.last,
                    ("sites", site),
                    ("governance", "residency", dataset.data_class),
                ),
            )
        if not outside:
            yield passed(path)


def _reached(
    factory: Context,
    dataset: Dataset,
    links: Mapping[str, tuple[_Step, ...]],
    closures: dict[str, Mapping[str, tuple[_Step, ...]]],
    readers: Mapping[str, tuple[str, ...]],
) -> Iterator[_Reach]:
    start = f"{dataset.name} on {dataset.lives_on}"
    yield from _tiers(factory, start, dataset.lives_on, links, closures)
    for name in readers.get(dataset.name, ()):
        workload = factory.workloads[name]
        here = ("orchestration", "workloads", name)
        for cluster in workload.clusters:
            if cluster in factory.clusters:
                site = factory.clusters[cluster].site
                way = f"{dataset.name} → workload {name} → cluster {cluster} → {site}"
                yield _Reach(site, way, (*here, "on"))
        if not isinstance(workload, Serving) and workload.checkpoint is not None:
            home = workload.checkpoint.to
            way = f"{dataset.name} → workload {name} → checkpoints on {home}"
            yield from _tiers(factory, way, home, links, closures)


def _tiers(
    factory: Context,
    way: str,
    start: str,
    links: Mapping[str, tuple[_Step, ...]],
    closures: dict[str, Mapping[str, tuple[_Step, ...]]],
) -> Iterator[_Reach]:
    """Sites of all tiers that data on one tier gets to, and of the pools that mount them."""
    if start not in closures:
        closures[start] = _closure(start, links)
    for name, steps in closures[start].items():
        tier = factory.tiers.get(name)
        if tier is None:
            continue
        told = "".join(f" → {word} {there}" for word, there in steps)
        last: Path = ("storage", "tiers", name)
        yield _Reach(tier.site, f"{way}{told} → {tier.site}", (*last, "site"))
        for pool in sorted(tier.serves):
            if pool in factory.pools:
                site = factory.pools[pool].site
                mounted = f"{way}{told} → mount by pool {pool} → {site}"
                yield _Reach(site, mounted, (*last, "serves"))


def _closure(start: str, links: Mapping[str, tuple[_Step, ...]]) -> Mapping[str, tuple[_Step, ...]]:
    """Every tier that data on `start` gets to, with the shortest way there."""
    found: dict[str, tuple[_Step, ...]] = {start: ()}
    waiting = [start]
    for name in waiting:
        for word, there in links.get(name, ()):
            if there not in found:
                found[there] = (*found[name], (word, there))
                waiting.append(there)
    return found


def _links(factory: Context) -> Mapping[str, tuple[_Step, ...]]:
    """Where data goes from each tier in one step."""
    links: dict[str, set[_Step]] = {}
    for tier in factory.tiers.values():
        for copy in tier.replicate_to:
            links.setdefault(tier.name, set()).add(("replica", copy))
        if tier.backup is not None:
            links.setdefault(tier.name, set()).add(("backup", tier.backup.to))
        if tier.imports is not None:
            links.setdefault(tier.imports, set()).add(("import by", tier.name))
            links.setdefault(tier.name, set()).add(("written back to", tier.imports))
    return {name: tuple(sorted(steps)) for name, steps in links.items()}


def _readers(factory: Context) -> Mapping[str, tuple[str, ...]]:
    """Workloads by each dataset that they read."""
    found: dict[str, list[str]] = {}
    for workload in factory.workloads.values():
        for dataset in dict.fromkeys(workload.data):
            found.setdefault(dataset, []).append(workload.name)
    return {dataset: tuple(names) for dataset, names in found.items()}

"""AIF-FAC-003."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.catalog.facts import CoolingLimit
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_WITH_LIQUID = ("hybrid", "direct-liquid")


@rule(
    id="AIF-FAC-003",
    title="Racks are no denser than the site's cooling carries",
    severity=Severity.HIGH,
    controls=("soc2:A1.2", "iso27001:A.7.5", "nist800-53:PE-14"),
    needs=("blueprint", "design"),
)
def cooling(factory: Context) -> Checks:
    """The densest rack of each site stays below the wall of its cooling; liquid goes where it must.

    Between the review band and the wall the finding is of medium severity: vendors do build such
    racks, and someone has to have looked at them.
    """
    limits: Mapping[str, CoolingLimit] = factory.catalog.cooling_limits
    densest = _densest(factory)
    for name, site in factory.facility_sites.items():
        path = ("sites", name, "facility", "cooling")
        known = [limits[kind] for kind in site.facility.cooling if kind in limits]
        sure = [limit for limit in known if limit.provenance.verified("max_kw")]
        if not sure or name not in densest:
            continue
        rack, kw = densest[name]
        wall = max(limit.max_kw for limit in sure)
        review = max(limit.review_kw for limit in sure)
        kinds = ", ".join(site.facility.cooling)
        if kw > wall:
            yield failed(
                path,
                "wall",
                f"rack `{rack}` holds {kw:.1f} kW, {kinds} carries at most {wall:g} kW a rack",
                hint="put fewer nodes in a rack (`per_rack`, `racks.limit`), or cool with liquid",
            )
        elif kw > review:
            yield failed(
                path,
                "review",
                f"rack `{rack}` holds {kw:.1f} kW; with {kinds}, racks above {review:g} kW need a "
                "review of airflow",
                hint="have the hall's airflow reviewed, or put fewer nodes in a rack",
                severity=Severity.MEDIUM,
            )
        else:
            yield passed(path)
    yield from _liquid(factory, limits)


def _liquid(factory: Context, limits: Mapping[str, CoolingLimit]) -> Checks:
    """Systems that give heat to a liquid, all of it or a part, stand where liquid reaches them."""
    for pool in factory.pools.values():
        system = factory.catalog.systems.get(pool.system or "")
        site = factory.facility_sites.get(pool.site)
        if system is None or site is None or system.cooling not in _WITH_LIQUID:
            continue
        path = ("sites", site.name, "facility", "cooling")
        if any(kind in limits and limits[kind].liquid for kind in site.facility.cooling):
            yield passed(path, pool.name)
        else:
            yield failed(
                path,
                f"liquid:{pool.name}",
                f"`{system.id}` of pool `{pool.name}` needs liquid at the chip, site `{site.name}` "
                f"offers {', '.join(site.facility.cooling)}",
                hint="add `direct-to-chip` to the site's cooling",
                related=(("compute", pool.name, "system"),),
            )


def _densest(factory: Context) -> dict[str, tuple[str, float]]:
    """Name and power of the densest rack by site; the first by name where several are equal."""
    racks = factory.engineered.racks
    found: dict[str, tuple[str, float]] = {}
    for row in range(len(racks)):
        site, kw = racks.sites[int(racks.site[row])], float(racks.power_kw[row])
        if site not in found or kw > found[site][1]:
            found[site] = (racks.name[row], kw)
    return found

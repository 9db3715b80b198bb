"""AIF-FAC-007."""

from __future__ import annotations

from collections import Counter

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAC-007",
    title="Racks fit the site: positions, units, power and load",
    severity=Severity.HIGH,
    controls=("iso27001:A.7.8", "nist800-53:PE-18"),
    needs=("blueprint", "design"),
)
def rack_fit(factory: Context) -> Checks:
    """The design needs no more rack positions, units, power or load a rack than the site has."""
    racks = factory.engineered.racks
    needed: Counter[str] = Counter()
    over: dict[tuple[str, str], list[str]] = {}
    for row in range(len(racks)):
        site = racks.sites[int(racks.site[row])]
        needed[site] += 1
        facility = factory.facility_sites[site].facility if site in factory.facility_sites else None
        weight = facility.racks.weight if facility else None
        faults = {
            "units": int(racks.used_units[row]) > int(racks.units[row]),
            "limit": float(racks.power_kw[row]) > float(racks.limit_kw[row]),
            "weight": weight is not None and float(racks.weight_kg[row]) > weight.base,
        }
        for kind, fault in faults.items():
            if fault:
                over.setdefault((site, kind), []).append(racks.name[row])
    for name, site_model in factory.facility_sites.items():
        path = ("sites", name, "facility", "racks")
        count = site_model.facility.racks.count
        if count is not None and needed[name] > count:
            yield failed(
                (*path, "count"),
                "count",
                f"site `{name}` needs {needed[name]} racks and has {count} positions",
                hint="fewer nodes, more nodes a rack, or more positions",
            )
        elif needed[name]:
            yield passed(path)
    for (name, kind), names in sorted(over.items()):
        yield failed(
            ("sites", name, "facility", "racks", kind),
            kind,
            f"{len(names)} rack(s) at `{name}` exceed the rack's {kind}, the first is `{names[0]}`",
            hint="put fewer nodes in a rack with `per_rack`",
        )

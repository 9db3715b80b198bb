"""AIF-FAC-004."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule

_WATER_AT_THE_RACK = frozenset({"rear-door"})
"""Kinds that bring water to the rack though none enters a system."""


@rule(
    id="AIF-FAC-004",
    title="Water at the rack comes with leak detection",
    severity=Severity.MEDIUM,
    controls=("soc2:A1.2", "iso27001:A.7.5", "nist800-53:PE-15"),
    needs=("blueprint",),
)
def leak_detection(factory: Context) -> Checks:
    """Sites with liquid cooling or rear-door heat exchangers detect leaks and shut the loop off."""
    limits = factory.catalog.cooling_limits
    for name, site in factory.facility_sites.items():
        wet = sorted(
            kind
            for kind in site.facility.cooling
            if kind in _WATER_AT_THE_RACK or (kind in limits and limits[kind].liquid)
        )
        if not wet:
            continue
        path = ("sites", name, "facility", "leak_detection")
        if site.facility.leak_detection:
            yield passed(path)
        else:
            yield failed(
                path,
                "off",
                f"site `{name}` cools with {', '.join(wet)} and has no leak detection",
                hint="set `leak_detection: true` once sensors and valves are in place",
            )

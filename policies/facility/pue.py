"""AIF-FAC-005."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, within


@rule(
    id="AIF-FAC-005",
    title="Energy efficiency is declared where the law asks, and within its limit",
    severity=Severity.MEDIUM,
    controls=("eed:12", "iso27001:A.5.31"),
    needs=("blueprint", "design"),
    parameters={
        "report_from_kw": {
            "type": "number",
            "minimum": 0,
            "default": 500,
            "description": "IT power from which the EU's Energy Efficiency Directive asks.",
        },
        "limits": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 1.0, "maximum": 3.0},
            "default": {"DE": 1.2},
            "description": "Highest annual PUE by country, for new data centres.",
        },
    },
)
def pue(factory: Context, *, report_from_kw: float, limits: Mapping[str, float]) -> Checks:
    """An EU site of 500 kW or more declares its PUE; a country's legal limit holds from there too.

    Germany's limit of 1.2 is that of the Energy Efficiency Act (EnEfG, section 11) for data centres
    that begin operation from July 2026; raise the parameter for an older one.
    """
    for name, power in sorted(factory.engineered.power.items()):
        site = factory.facility_sites.get(name)
        if site is None or power.it_kw < report_from_kw:
            continue
        country = site.location.country
        path = ("sites", name, "facility", "pue")
        declared = site.facility.pue
        if declared is None and within(country, ("EU",)):
            yield failed(
                path,
                "undeclared",
                f"site `{name}` ({country}) has {power.it_kw:,.0f} kW of IT and declares no PUE",
                hint="add `pue: {design: ..., annual: ...}`",
            )
        elif declared is not None and declared.annual > limits.get(country, declared.annual):
            yield failed(
                (*path, "annual"),
                "limit",
                f"site `{name}` plans an annual PUE of {declared.annual:g}; the limit for new data "
                f"centres in {country} is {limits[country]:g}",
                hint="warmer water, better containment, or heat reuse",
            )
        elif declared is not None:
            yield passed(path)

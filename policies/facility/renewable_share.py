"""AIF-FAC-006."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAC-006",
    title="The renewable share of every site's energy is declared",
    severity=Severity.LOW,
    controls=("eed:annex-vii", "eu-ai-act:annex-xi"),
    needs=("blueprint",),
    parameters={
        "least": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 0.0,
            "description": "Least share; 0 asks for a declaration above zero only.",
        }
    },
)
def renewable_share(factory: Context, *, least: float) -> Checks:
    """A site says which share of its energy is under renewable contracts."""
    for name, site in factory.facility_sites.items():
        path = ("sites", name, "facility", "renewable_share")
        share = site.facility.renewable_share
        if share <= 0 or share < least:
            yield failed(
                path,
                "low",
                f"site `{name}` has a renewable share of {share:.0%}"
                + (f"; at least {least:.0%} is asked for" if least else ""),
                hint="declare what supply contracts and certificates cover",
            )
        else:
            yield passed(path)

"""AIF-GOV-003."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, within

_CLASSES = ("restricted", "confidential", "internal", "public")


@rule(
    id="AIF-GOV-003",
    title="The audit trail stays where the data may be",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC7.2", "iso27001:A.8.16", "nist800-53:AU-6"),
    needs=("blueprint",),
)
def audit_jurisdiction(factory: Context) -> Checks:
    """The trail's store is in a country that the strictest class of data present may be in.

    Names of people, datasets and jobs are in every line of it.
    """
    governance = factory.blueprint.governance
    tier = factory.tiers.get(governance.audit.sink.tier) if governance.audit else None
    present = {dataset.data_class for dataset in factory.datasets.values()}
    strictest = next((c for c in _CLASSES if c in present and c in governance.residency), None)
    if tier is None or strictest is None:
        return
    path = ("governance", "audit", "sink", "tier")
    country = factory.country.get(tier.site)
    allowed = governance.residency[strictest]
    if country is not None and not within(country, allowed):
        yield failed(
            path,
            country,
            f"the audit trail goes to `{tier.name}` in {country}; {strictest} data is bound to "
            f"{', '.join(allowed)}",
            hint="choose a tier at a site in the data's jurisdiction",
            related=(("governance", "residency", strictest), ("storage", "tiers", tier.name)),
        )
    else:
        yield passed(path)

"""AIF-STO-012."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-STO-012",
    title="Buckets with datasets say how long they keep them",
    severity=Severity.MEDIUM,
    zone="data-storage",
    controls=("soc2:C1.2", "iso27001:A.8.10", "nist800-53:SI-12"),
    needs=("blueprint",),
)
def retention(factory: Context) -> Checks:
    """An object tier that holds datasets deletes objects at a declared age."""
    for name, datasets in sorted(factory.datasets_on.items()):
        tier = factory.tiers.get(name)
        if tier is None or tier.kind != "object":
            continue
        path = ("storage", "tiers", name, "retain")
        if tier.retain is not None:
            yield passed(path)
        else:
            yield failed(
                path,
                "forever",
                f"tier `{name}` keeps {len(datasets)} dataset(s) for ever",
                hint="add `retain: 2 y`, or what the data's legal basis allows",
                related=tuple(("storage", "datasets", dataset.name) for dataset in datasets),
            )

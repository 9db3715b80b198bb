"""AIF-GOV-011."""

from __future__ import annotations

from aifactory_iac.blueprint.model.workloads import Training
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-GOV-011",
    title="Trainings name their data, and the data its legal basis",
    severity=Severity.MEDIUM,
    controls=("soc2:PI1.2", "iso27001:A.5.12", "nist800-53:SR-4", "eu-ai-act:10"),
    needs=("blueprint",),
)
def data_lineage(factory: Context) -> Checks:
    """Every training lists its datasets, and each of them a licence or legal basis."""
    for workload in factory.workloads.values():
        if not isinstance(workload, Training):
            continue
        path = ("orchestration", "workloads", workload.name, "data")
        if not workload.data:
            yield failed(
                path,
                "none",
                f"training `{workload.name}` names no dataset",
                hint="list what it is trained on under `data`",
            )
        unlicensed = [
            name
            for name in sorted(set(workload.data))
            if name in factory.datasets and factory.datasets[name].license is None
        ]
        for name in unlicensed:
            yield failed(
                path,
                name,
                f"`{workload.name}` is trained on `{name}`, which names no licence or legal basis",
                hint="add `license` to the dataset",
                related=(("storage", "datasets", name, "license"),),
            )
        if workload.data and not unlicensed:
            yield passed(path)

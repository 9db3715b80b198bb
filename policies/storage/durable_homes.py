"""AIF-STO-008."""

from __future__ import annotations

from aifactory_iac.blueprint.model.storage import Tier
from aifactory_iac.blueprint.model.workloads import Serving
from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-STO-008",
    title="Datasets and checkpoints live on more than scratch",
    severity=Severity.HIGH,
    zone="data-storage",
    controls=("soc2:A1.2", "iso27001:A.8.13", "nist800-53:CP-9"),
    needs=("blueprint",),
)
def durable_homes(factory: Context) -> Checks:
    """Local NVMe, and a file system without a bucket behind it or a backup, is nobody's only home.

    Local drives go with their node. A Lustre file system without import or backup goes with a wrong
    `rm`, and in a cloud with the stack.
    """
    for dataset in factory.datasets.values():
        path = ("storage", "datasets", dataset.name, "lives_on")
        tier = factory.tiers.get(dataset.lives_on)
        if tier is not None and _is_scratch(tier):
            yield failed(
                path,
                "scratch",
                f"`{dataset.name}` lives on `{tier.name}` ({tier.kind}) and nowhere else",
                hint="keep it on an object tier and import from there, or add a backup",
                related=(("storage", "tiers", tier.name),),
            )
        else:
            yield passed(path)
    for workload in factory.workloads.values():
        if isinstance(workload, Serving) or workload.checkpoint is None:
            continue
        place = ("orchestration", "workloads", workload.name, "checkpoint", "to")
        tier = factory.tiers.get(workload.checkpoint.to)
        if tier is not None and _is_scratch(tier):
            yield failed(
                place,
                "scratch",
                f"checkpoints of `{workload.name}` go to `{tier.name}` ({tier.kind}) and nowhere "
                "else",
                hint="write them to a shared tier with an import or a backup",
                related=(("storage", "tiers", tier.name),),
            )
        else:
            yield passed(place)


def _is_scratch(tier: Tier) -> bool:
    lustre = tier.kind == "fsx-lustre" and tier.imports is None and tier.backup is None
    return tier.kind == "local-nvme" or lustre

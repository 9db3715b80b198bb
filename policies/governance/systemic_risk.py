"""AIF-GOV-013."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-GOV-013",
    title="Trainings above 10^25 FLOP are noticed before they start",
    severity=Severity.MEDIUM,
    controls=("eu-ai-act:51", "eu-ai-act:52"),
    needs=("blueprint", "design"),
    parameters={
        "flop": {
            "type": "number",
            "exclusiveMinimum": 0,
            "default": 1e25,
            "description": "Cumulative training compute that presumes systemic risk.",
        }
    },
)
def systemic_risk(factory: Context, *, flop: float) -> Checks:
    """The EU AI Act presumes systemic risk of a model above 10^25 FLOP (article 51).

    The provider notifies the Commission within two weeks (article 52). The finding is answered with
    a waiver whose ticket is the notification.
    """
    for name, workload in sorted(factory.engineered.workloads.items()):
        estimate = workload.estimates.get("flops")
        if estimate is None:
            continue
        path = ("orchestration", "workloads", name)
        if estimate.value.mid >= flop:
            yield failed(
                path,
                "flop",
                f"`{name}` takes {estimate.value.mid:.2g} FLOP, {flop:.2g} or more presume "
                "systemic risk under the EU AI Act",
                hint="notify the Commission, then waive this with the notification as ticket",
            )
        else:
            yield passed(path)

"""AIF-GOV-015."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, WaiverState, failed, passed, rule

_HINTS = {
    WaiverState.EXPIRING: "fix the finding, or have the waiver renewed before that day",
    WaiverState.UNUSED: "take the waiver out: the finding is gone, or its path or key has changed",
    WaiverState.EXPIRED: "fix the finding, or have a new waiver approved",
    WaiverState.MALFORMED: "a waiver names rule, target, finding, reason, owner, approver, ticket, "
    "created and expires",
    WaiverState.TOO_LONG: "ask for a shorter time",
    WaiverState.SELF_APPROVED: "someone other than the owner approves",
    WaiverState.NOT_WAIVABLE: "fix the finding; there is no exception from a hard rule",
}


@rule(
    id="AIF-GOV-015",
    title="Every waiver is well formed, approved by another, short-lived and still used",
    severity=Severity.MEDIUM,
    controls=("soc2:CC4.2", "iso27001:A.5.36", "nist800-53:CA-5"),
    needs=("gate",),
)
def waivers_alive(factory: Context) -> Checks:
    """An exception is governed data: it has an owner, a reason, a ticket and an end.

    A waiver that does not hold excuses nothing and says so here. One that soon ends is a finding of
    low severity, so that it is seen before the day it stops a pipeline.
    """
    for use in factory.gate.waivers:
        if use.state is WaiverState.APPLIED:
            yield passed(use.path)
            continue
        yield failed(
            use.path,
            use.state.value,
            use.reason,
            hint=_HINTS[use.state],
            severity=Severity.LOW if use.state is WaiverState.EXPIRING else None,
            span=use.span,
        )

"""AIF-POL-001."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-POL-001",
    title="Profiles, packs and control maps name only what exists",
    severity=Severity.CRITICAL,
    controls=("soc2:CC8.1", "iso27001:A.8.9", "nist800-53:CM-6"),
    needs=("gate",),
)
def policy_data(factory: Context) -> Checks:
    """A gate that is configured with a name nobody answers to would check less than was meant.

    Where the profile itself does not exist, every rule of the core pack blocks.
    """
    for problem in factory.gate.problems:
        yield failed(problem.path, problem.key, problem.message, hint=problem.hint)
    if not factory.gate.problems:
        yield passed(("governance", "profile"))

"""The real programs as a second opinion: passed, failed in their words, or not checked and why."""

from __future__ import annotations

from aifactory_iac.providers.install.outside.dhcp_programs import DnsmasqTest, KeaTest
from aifactory_iac.providers.install.outside.install_programs import (
    CloudInitSchema,
    GrubScriptCheck,
    IgnitionValidate,
    KickstartValidator,
    NetplanGenerate,
)
from aifactory_iac.providers.install.outside.verdict import (
    Checker,
    Failed,
    NotChecked,
    Passed,
    Runner,
    Verdict,
    opinions,
)

__all__ = [
    "Checker",
    "CloudInitSchema",
    "DnsmasqTest",
    "Failed",
    "GrubScriptCheck",
    "IgnitionValidate",
    "KeaTest",
    "KickstartValidator",
    "NetplanGenerate",
    "NotChecked",
    "Passed",
    "Runner",
    "Verdict",
    "dhcp_checkers",
    "install_checkers",
    "opinions",
]


def install_checkers(runner: Runner | None = None) -> tuple[Checker, ...]:
    """Every program that reads an install document."""
    run = runner or Runner()
    return (
        CloudInitSchema(run),
        NetplanGenerate(run),
        KickstartValidator(run),
        IgnitionValidate(run),
        GrubScriptCheck(run),
    )


def dhcp_checkers(runner: Runner | None = None) -> tuple[Checker, ...]:
    """Every program that reads a DHCP configuration."""
    run = runner or Runner()
    return (KeaTest(run), DnsmasqTest(run))

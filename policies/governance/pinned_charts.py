"""AIF-GOV-014."""

from __future__ import annotations

import re

from aifactory_iac.policy import UNKNOWN, Checks, Context, Severity, failed, passed, rule, value

_RELEASES = ("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v4:Chart")
_EXACT = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.-]+)?")


@rule(
    id="AIF-GOV-014",
    title="Charts are pinned to one version",
    severity=Severity.MEDIUM,
    zone="management",
    controls=("soc2:CC9.2", "iso27001:A.5.21", "nist800-53:SR-3", "nist800-53:CM-14"),
    needs=("resources",),
)
def pinned_charts(factory: Context) -> Checks:
    """Every Helm release names an exact version, so that two applies give the same cluster."""
    for release in factory.resources.of(*_RELEASES):
        version = value(release, "version")
        if version is UNKNOWN or (isinstance(version, str) and _EXACT.fullmatch(version)):
            yield passed(release.origin, release.name)
        else:
            yield failed(
                release.origin,
                release.name,
                f"chart `{release.name}` is "
                + (f"pinned to the range `{version}`" if version else "not pinned to a version"),
                hint="give an exact version, such as `1.2.3`",
            )

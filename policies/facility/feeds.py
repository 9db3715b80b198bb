"""AIF-FAC-002."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAC-002",
    title="Redundant power has more than one feed",
    severity=Severity.HIGH,
    controls=("soc2:A1.2", "iso27001:A.7.11", "nist800-53:PE-11"),
    needs=("blueprint",),
)
def feeds(factory: Context) -> Checks:
    """A site that promises to survive the loss of a feed has at least two, and production promises.

    At the edge one feed is the rule, so only sites that claim redundancy are judged there.
    """
    for name, site in factory.facility_sites.items():
        path = ("sites", name, "facility", "feeds")
        given = site.facility.feeds
        if given.redundancy != "N" and given.count < 2:
            yield failed(
                path,
                "single",
                f"site `{name}` claims {given.redundancy} with {given.count} feed",
                hint="give `count: 2` or more, or `redundancy: N`",
            )
        else:
            yield passed(path)

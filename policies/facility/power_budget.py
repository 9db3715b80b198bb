"""AIF-FAC-001."""

from __future__ import annotations

from aifactory_iac.design.model import SitePower
from aifactory_iac.policy import (
    Check,
    Checks,
    Context,
    Path,
    Severity,
    failed,
    passed,
    rule,
    unknown,
)


@rule(
    id="AIF-FAC-001",
    title="Peak power stays within the envelope, also with a feed lost",
    severity=Severity.CRITICAL,
    controls=("soc2:A1.2", "iso27001:A.7.11", "nist800-53:PE-9", "nist800-53:PE-11"),
    needs=("blueprint", "design"),
)
def power_budget(factory: Context) -> Checks:
    """A site's facility power fits its envelope, and what its feeds give after losing one of them.

    A site that declares redundancy `N` has accepted to lose load with a feed. Where a figure in the
    sum is not published, too much is unknown rather than a failure: nothing is gated on such facts.
    """
    for name, power in sorted(factory.engineered.power.items()):
        envelope = ("sites", name, "facility", "envelope")
        yield _within(power, power.envelope_kw, envelope, "envelope", "its envelope")
        if power.redundancy != "N":
            feeds = ("sites", name, "facility", "feeds")
            rest = f"{power.feeds - 1} of {power.feeds} feeds"
            yield _within(power, power.after_feed_loss_kw, feeds, "feed-loss", rest)


def _within(power: SitePower, limit: float, path: Path, key: str, what: str) -> Check:
    if power.facility_kw <= limit:
        return passed(path, key)
    message = (
        f"site `{power.site}` draws {power.facility_kw:,.0f} kW at peak, "
        f"{what} give{'s' if key == 'envelope' else ''} {limit:,.0f} kW"
    )
    hint = "fewer nodes, a larger envelope, or more feeds"
    if not power.verified:
        return unknown(path, key, f"{message}; a figure in the sum is not published", hint=hint)
    return failed(path, key, message, hint=hint)

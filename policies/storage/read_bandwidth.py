"""AIF-STO-005."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, unknown


@rule(
    id="AIF-STO-005",
    title="Tiers read as fast as the GPUs that mount them need",
    severity=Severity.MEDIUM,
    zone="data-storage",
    controls=("soc2:A1.1", "iso27001:A.8.6", "nist800-53:SC-6"),
    needs=("design",),
)
def read_bandwidth(factory: Context) -> Checks:
    """What a file system gives in reads covers what its pools, or its own promise, ask for."""
    for name, tier in sorted(factory.engineered.storage.items()):
        path = ("storage", "tiers", name, "throughput")
        if tier.needed_read_gb_s <= 0 or tier.kind in ("object", "local-nvme"):
            continue
        if tier.read_gb_s is None:
            yield unknown(
                path,
                "unpublished",
                f"tier `{name}` needs {tier.needed_read_gb_s:,.0f} GB/s; what it gives is not "
                "published",
            )
        elif tier.read_gb_s < tier.needed_read_gb_s:
            message = (
                f"tier `{name}` gives {tier.read_gb_s:,.1f} GB/s in reads, its pools need "
                f"{tier.needed_read_gb_s:,.1f}"
            )
            hint = "more appliances, a higher throughput tier, or a larger file system"
            if tier.verified:
                yield failed(path, "slow", message, hint=hint)
            else:
                yield unknown(path, "slow", f"{message}; a figure is not verified", hint=hint)
        else:
            yield passed(path)

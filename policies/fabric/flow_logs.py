"""AIF-FAB-017."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, value

_VPC = "aws:ec2/vpc:Vpc"
_LOG = "aws:ec2/flowLog:FlowLog"


@rule(
    id="AIF-FAB-017",
    title="Every VPC keeps flow logs",
    severity=Severity.MEDIUM,
    zone="management",
    controls=("soc2:CC7.2", "iso27001:A.8.15", "nist800-53:AU-12", "nist800-53:SI-4"),
    needs=("blueprint", "resources"),
)
def flow_logs(factory: Context) -> Checks:
    """Accepted and rejected traffic of each VPC is logged: an intrusion leaves a trace."""
    for name, site in factory.aws_sites.items():
        path = ("sites", name, "flow_logs")
        if site.flow_logs:
            yield passed(path)
        else:
            yield failed(
                path,
                "off",
                f"site `{name}` keeps no flow logs",
                hint="remove the line: flow logs are the default",
            )
    logs = factory.resources.referring(_LOG, "vpcId", _VPC)
    for vpc in factory.resources.of(_VPC):
        kept = [value(log, "trafficType") for log in logs.get(vpc.urn, ())]
        wanted = vpc.origin[:1] != ("sites",) or _wanted(factory, str(vpc.origin[1]))
        if "ALL" in kept:
            yield passed(vpc.origin, vpc.name)
        elif wanted:
            yield failed(
                vpc.origin,
                vpc.name,
                f"VPC `{vpc.name}` has no flow log of all its traffic",
                hint="add a flow log with `trafficType: ALL`",
            )


def _wanted(factory: Context, site: str) -> bool:
    """Where the blueprint itself says no, one finding is enough."""
    return site not in factory.aws_sites or factory.aws_sites[site].flow_logs

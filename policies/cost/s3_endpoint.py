"""AIF-CST-006."""

from __future__ import annotations

from aifactory_iac.policy import UNKNOWN, Checks, Context, Severity, failed, passed, rule, value

_VPC = "aws:ec2/vpc:Vpc"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


@rule(
    id="AIF-CST-006",
    title="Data reaches S3 by a gateway endpoint, not through NAT",
    severity=Severity.LOW,
    zone="data-storage",
    controls=("iso27001:A.8.6", "nist800-53:SC-7"),
    needs=("resources",),
)
def s3_endpoint(factory: Context) -> Checks:
    """Every VPC has a gateway endpoint for S3: it is free, and private; NAT is metered per byte."""
    endpoints = factory.resources.referring(_ENDPOINT, "vpcId", _VPC)
    for vpc in factory.resources.of(_VPC):
        services = [value(item, "serviceName") for item in endpoints.get(vpc.urn, ())]
        if any(service is UNKNOWN or str(service).endswith(".s3") for service in services):
            yield passed(vpc.origin, vpc.name)
        else:
            yield failed(
                vpc.origin,
                vpc.name,
                f"VPC `{vpc.name}` has no gateway endpoint for S3",
                hint="add one to its route tables",
            )

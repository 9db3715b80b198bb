"""AIF-CMP-001."""

from __future__ import annotations

from aifactory_iac.policy import (
    UNKNOWN,
    Checks,
    Context,
    Severity,
    failed,
    passed,
    rule,
    unknown,
    value,
)


@rule(
    id="AIF-CMP-001",
    title="Instances answer metadata requests with a token only",
    severity=Severity.HIGH,
    zone="compute",
    controls=("soc2:CC6.1", "iso27001:A.8.9", "nist800-53:AC-3", "nist800-53:CM-6"),
    needs=("resources",),
    parameters={
        "hops": {
            "type": "integer",
            "minimum": 1,
            "maximum": 2,
            "default": 1,
            "description": "Most network hops that a token travels; 2 lets pods reach it.",
        }
    },
)
def imdsv2(factory: Context, *, hops: int) -> Checks:
    """Launch templates require IMDSv2, and the token does not leave the node.

    With version 1, or a longer way, any pod or any request forgery on a node obtains the node's
    role credentials.
    """
    for template in factory.resources.of("aws:ec2/launchTemplate:LaunchTemplate"):
        tokens = value(template, "metadataOptions", "httpTokens")
        limit = value(template, "metadataOptions", "httpPutResponseHopLimit")
        if tokens is UNKNOWN or limit is UNKNOWN:
            yield unknown(template.origin, template.name, f"{template.name}: not known yet")
        elif tokens != "required":
            yield failed(
                template.origin,
                template.name,
                f"launch template `{template.name}` answers IMDSv1 requests",
                hint="set `metadataOptions.httpTokens: required`",
            )
        elif limit is None or limit > hops:
            yield failed(
                template.origin,
                template.name,
                f"launch template `{template.name}` lets metadata tokens travel "
                f"{limit or 'any number of'} hops; at most {hops} are allowed",
                hint=f"set `metadataOptions.httpPutResponseHopLimit: {hops}`",
            )
        else:
            yield passed(template.origin, template.name)

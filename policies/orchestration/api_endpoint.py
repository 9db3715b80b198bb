"""AIF-ORC-001."""

from __future__ import annotations

import ipaddress

from aifactory_iac.policy import (
    UNKNOWN,
    Checks,
    Context,
    PlannedResource,
    Severity,
    failed,
    passed,
    rule,
    unknown,
    value,
)

_EKS = "aws:eks/cluster:Cluster"


@rule(
    id="AIF-ORC-001",
    title="The cluster API is private, or open to listed networks only",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC6.6", "iso27001:A.8.20", "nist800-53:SC-7", "cis-eks:5.4.1"),
    needs=("blueprint", "resources"),
    parameters={
        "shortest_prefix": {
            "type": "integer",
            "minimum": 1,
            "maximum": 32,
            "default": 8,
            "description": "Networks wider than this prefix count as the whole internet.",
        }
    },
)
def api_endpoint(factory: Context, *, shortest_prefix: int) -> Checks:
    """A public API endpoint names the networks that may reach it.

    The API server is the key to every node, secret and dataset of the cluster.
    """
    for cluster in factory.clusters.values():
        path = ("orchestration", "clusters", cluster.name, "endpoint")
        if not cluster.endpoint.public:
            yield passed(path)
        elif not cluster.endpoint.allowed:
            yield failed(
                path,
                "open",
                f"the API of cluster `{cluster.name}` is open to the whole internet",
                hint="set `public: false`, or list the networks in `allowed`",
            )
        else:
            wide = _wide(cluster.endpoint.allowed, shortest_prefix)
            if wide:
                yield failed(
                    (*path, "allowed"),
                    "wide",
                    f"cluster `{cluster.name}` admits {', '.join(wide)}, wider than a "
                    f"/{shortest_prefix}",
                    hint="list the networks that operators really come from",
                )
            else:
                yield passed(path)
    for resource in factory.resources.of(_EKS):
        yield from _planned(resource, shortest_prefix)


def _planned(resource: PlannedResource, shortest_prefix: int) -> Checks:
    public = value(resource, "vpcConfig", "endpointPublicAccess")
    allowed = value(resource, "vpcConfig", "publicAccessCidrs")
    key = f"planned:{resource.name}"
    if public is UNKNOWN or allowed is UNKNOWN:
        yield unknown(resource.origin, key, f"who reaches `{resource.name}` is not known yet")
    elif public is False:
        yield passed(resource.origin, key)
    elif not allowed or _wide(tuple(allowed), shortest_prefix):
        yield failed(
            resource.origin,
            key,
            f"EKS cluster `{resource.name}` would be planned with an API open to the internet",
            hint="AWS opens the endpoint unless `endpointPublicAccess` is false",
        )
    else:
        yield passed(resource.origin, key)


def _wide(networks: tuple[str, ...], shortest: int) -> list[str]:
    return sorted(
        text for text in networks if ipaddress.ip_network(text, strict=False).prefixlen < shortest
    )

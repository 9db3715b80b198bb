"""An upstream chart as a Helm release in a namespace of its own.

Releases rather than rendered charts: operators' charts carry hooks, which only Helm itself runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as k8s

PodSecurity = Literal["privileged", "baseline", "restricted"]


@dataclass(frozen=True)
class ChartArgs:
    """Which chart, in which version, with which values."""

    chart: str
    """Name in `repository`, or an `oci://` reference."""
    version: str
    namespace: str
    repository: str | None = None
    values: Mapping[str, Any] | None = None
    pod_security: PodSecurity = "baseline"
    """Pod Security Standard that the namespace enforces."""
    create_namespace: bool = True
    """False for a namespace that every cluster has, such as `kube-system`."""


class Chart(pulumi.ComponentResource):
    """One release, pinned to a version."""

    release: k8s.helm.v3.Release

    def __init__(
        self, name: str, args: ChartArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        """Registers the namespace and the release."""
        super().__init__("aifactory:kubernetes:Chart", name, dict(vars(args)), opts)
        self.release = release(
            name, args, pulumi.ResourceOptions(parent=self), create_namespace=args.create_namespace
        )
        self.register_outputs({})


def release(
    name: str, args: ChartArgs, opts: pulumi.ResourceOptions, *, create_namespace: bool = True
) -> k8s.helm.v3.Release:
    """A release and, unless it is there already, its namespace; for components to build on."""
    if create_namespace:
        namespace = k8s.core.v1.Namespace(
            name,
            metadata={
                "name": args.namespace,
                "labels": {"pod-security.kubernetes.io/enforce": args.pod_security},
            },
            opts=opts,
        )
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[namespace]))
    return k8s.helm.v3.Release(
        name,
        name=args.chart.rsplit("/", 1)[-1],
        chart=args.chart,
        version=args.version,
        namespace=args.namespace,
        repository_opts={"repo": args.repository} if args.repository else None,
        values=args.values or {},
        atomic=True,
        opts=opts,
    )

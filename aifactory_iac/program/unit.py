"""A unit as a value: which components it constructs, what it takes from others, what it gives.

`lower` (program/lower/) turns a Design into units; `run` constructs their components with Pulumi;
`export` prints the same constructions as a project of its own. Because both read this one value,
what is exported is what is run. Nothing here imports Pulumi.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aifactory_iac.findings import Path

PortType = Literal[
    "VpcId",
    "SubnetIds",
    "SecurityGroupId",
    "KeyArn",
    "BucketName",
    "BucketArn",
    "FileSystemId",
    "FileSystemDns",
    "ClusterName",
    "Kubeconfig",
    "NodeGroups",
    "RoleArn",
    "EndpointUrl",
    "Text",
]


@dataclass(frozen=True, slots=True)
class Take:
    """An argument value that another unit gives: resolved by port name within site and type."""

    port: str
    """`<site>/<layer>.<name>`, such as `aws-fra/network.vpc_id`."""
    type: PortType


@dataclass(frozen=True, slots=True)
class Ref:
    """An argument value that another component of the same unit outputs."""

    component: str
    """Name of the `Call`."""
    output: str


@dataclass(frozen=True, slots=True)
class FromEnvironment:
    """An argument value that is read from the environment when applying; unknown in a plan."""

    variable: str


@dataclass(frozen=True, slots=True)
class FromSecret:
    """A secret by reference (`env`, `file`, `pulumi-config`, ...); unknown and secret in a plan."""

    store: str
    path: str


@dataclass(frozen=True, slots=True)
class Options:
    """Pulumi resource options of one component."""

    depends_on: tuple[str, ...] = ()
    """Components whose children are made first; ours wait too, for they wait for their parent."""
    provider: str | None = None
    """Name of a `ProviderCall` of the unit."""
    protect: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """Construction of one component.

    `component` is `package.module:Class` below `program.components`, such as `aws.network:Network`;
    `args` maps the fields of its args class to plain data (str, int, float, bool, None, tuples,
    mappings with str keys) that may contain `Take`, `Ref`, `FromEnvironment` and `FromSecret` at
    any depth.
    """

    component: str
    name: str
    args: Mapping[str, Any]
    options: Options = field(default_factory=Options)
    origin: Path = ()
    """The blueprint path that asked for it; findings on planned resources point there."""


@dataclass(frozen=True, slots=True)
class ProviderCall:
    """An explicit provider: `package` is `aws` or `kubernetes`; args as in `Call`."""

    name: str
    package: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Give:
    """A typed output of the unit."""

    name: str
    type: PortType
    value: Ref
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """One layer of one site: the smallest thing planned, applied and rolled back alone."""

    site: str
    layer: str
    providers: tuple[ProviderCall, ...]
    calls: tuple[Call, ...]
    gives: tuple[Give, ...]

    @property
    def name(self) -> str:
        """`<site>/<layer>`."""
        return f"{self.site}/{self.layer}"

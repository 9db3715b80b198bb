"""Switches and InfiniBand partitions as desired state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .node_group import SecretReference
from .package import given, pinned, token


class Tls(TypedDict):
    """Which certificate the switch must show."""

    trust: Literal["site-ca", "system-ca", "pinned", "insecure"]
    """Trust anchor."""


class Partition(TypedDict):
    """One InfiniBand partition, the tenant boundary of the fabric."""

    pkey: str
    """15-bit key without the membership bit, as `0x1234`."""
    membership: Literal["full", "limited"]
    """Membership of its ports."""
    tenant: NotRequired[str]
    """Tenant that it belongs to."""
    nodes: NotRequired[Mapping[str, int]]
    """How many nodes of each pool belong to it; the provider keeps which ones."""


class SwitchConfig(pulumi.CustomResource):
    """The whole desired configuration of one switch.

    Applied as one transaction with a confirm step, so that a switch that loses its own management
    path rolls back by itself.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        network: pulumi.Input[str],
        hostname: pulumi.Input[str],
        role: pulumi.Input[str],
        model: pulumi.Input[str],
        os: pulumi.Input[str],
        config: pulumi.Input[Mapping[str, Any]],
        tls: pulumi.Input[Tls],
        address: pulumi.Input[str] | None = None,
        credentials: pulumi.Input[SecretReference] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the switch.

        Args:
            resource_name: Pulumi name.
            site: Site that the switch stands at.
            network: Network of the blueprint that it belongs to.
            hostname: Name of the switch.
            role: `leaf`, `spine` or `core`.
            model: Switch id of the catalog.
            os: Operating system: `nvue`, `sonic` or `mlnx-os`.
            config: Desired configuration tree; an NVUE tree for `nvue`.
            tls: Which certificate the switch must show.
            address: Management address; by host name when not given.
            credentials: Where user and password are kept.
            opts: Pulumi options.
        """
        super().__init__(
            token("SwitchConfig"),
            resource_name,
            given(
                {
                    "site": site,
                    "network": network,
                    "hostname": hostname,
                    "role": role,
                    "model": model,
                    "os": os,
                    "config": config,
                    "tls": tls,
                    "address": address,
                    "credentials": credentials,
                },
                "revision",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def revision(self) -> pulumi.Output[str]:
        """Revision of the configuration that is in force on the switch."""
        return pulumi.get(self, "revision")  # type: ignore[no-any-return]


class FabricPartitions(pulumi.CustomResource):
    """Subnet manager policy of one InfiniBand network: routing engine and partitions."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        network: pulumi.Input[str],
        manager: pulumi.Input[str],
        routing: pulumi.Input[str],
        partitions: pulumi.Input[Mapping[str, Partition]],
        credentials: pulumi.Input[SecretReference] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the policy.

        Args:
            resource_name: Pulumi name.
            site: Site of the network.
            network: Network of the blueprint.
            manager: Where the subnet manager runs: `ufm`, `switch` or `opensm`.
            routing: Routing engine, such as `ftree`.
            partitions: Partitions by name.
            credentials: Where user and password of the manager are kept.
            opts: Pulumi options.
        """
        super().__init__(
            token("FabricPartitions"),
            resource_name,
            given(
                {
                    "site": site,
                    "network": network,
                    "manager": manager,
                    "routing": routing,
                    "partitions": partitions,
                    "credentials": credentials,
                },
                "members",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def members(self) -> pulumi.Output[Mapping[str, Any]]:
        """By partition: the nodes and port GUIDs that belong to it."""
        return pulumi.get(self, "members")  # type: ignore[no-any-return]

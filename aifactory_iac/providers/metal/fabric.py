"""Switches and InfiniBand partitions as desired state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from .hardware import SecretReference
from .package import given, pinned, token


class Tls(TypedDict):
    """Which certificate the switch must show."""

    trust: Literal["site-ca", "system-ca", "pinned", "insecure"]
    """Trust anchor; over SSH, both authorities mean OpenSSH's `known_hosts` files."""
    fingerprint: NotRequired[str]
    """SHA-256 fingerprint of the certificate in hexadecimal, for `pinned` over HTTPS."""
    hostkey: NotRequired[str]
    """Public host key such as `ssh-ed25519 AAAA...`, for `pinned` over SSH."""
    exception: NotRequired[str]
    """Why nothing is verified; `insecure` needs it."""


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
        domain: pulumi.Input[str] | None = None,
        serial: pulumi.Input[str] | None = None,
        confirm_seconds: pulumi.Input[int] | None = None,
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
            address: Management address; host name and domain when not given.
            credentials: Where user and password are kept; without them nothing is ever written.
            domain: DNS domain of the host name.
            serial: Serial number that the switch must have; the one first seen when not given.
            confirm_seconds: Time to confirm a change before the switch rolls back, 30 to 3600.
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
                    "domain": domain,
                    "serial": serial,
                    "confirmSeconds": confirm_seconds,
                },
                "revision",
                "managed",
                "drift",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def revision(self) -> pulumi.Output[str]:
        """Revision of the configuration that is in force on the switch."""
        return pulumi.get(self, "revision")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def managed(self) -> pulumi.Output[bool]:
        """Whether the switch is written to at all."""
        return pulumi.get(self, "managed")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def drift(self) -> pulumi.Output[Mapping[str, Any]]:
        """What was last found otherwise than declared, by property path."""
        return pulumi.get(self, "drift")  # type: ignore[no-any-return]


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
        address: pulumi.Input[str] | None = None,
        target: pulumi.Input[str] | None = None,
        guids: pulumi.Input[Mapping[str, Mapping[str, Sequence[str]]]] | None = None,
        tls: pulumi.Input[Tls] | None = None,
        confirm_seconds: pulumi.Input[int] | None = None,
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
            address: Management address of the UFM, of the switch, or of the host of opensm.
            target: Folder of opensm's files: on that host, or here when no address is given.
            guids: Port GUIDs of every node that may belong to a partition, by pool and node.
            tls: What the manager must show; the site's authority when not given.
            confirm_seconds: Time to confirm a change on a switch, 30 to 3600.
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
                    "address": address,
                    "target": target,
                    "guids": guids,
                    "tls": tls,
                    "confirmSeconds": confirm_seconds,
                },
                "members",
                "missing",
                "managed",
                "drift",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def members(self) -> pulumi.Output[Mapping[str, Any]]:
        """By partition: the nodes and port GUIDs that belong to it, as they came."""
        return pulumi.get(self, "members")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def missing(self) -> pulumi.Output[Mapping[str, Any]]:
        """By partition and pool: how many nodes it still lacks."""
        return pulumi.get(self, "missing")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def managed(self) -> pulumi.Output[bool]:
        """Whether a subnet manager is told of the partitions at all."""
        return pulumi.get(self, "managed")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def drift(self) -> pulumi.Output[Mapping[str, Any]]:
        """What was last found otherwise than declared, by property path."""
        return pulumi.get(self, "drift")  # type: ignore[no-any-return]

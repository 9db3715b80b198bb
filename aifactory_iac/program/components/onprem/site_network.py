"""The switches of one network, and for InfiniBand its partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

import pulumi

from aifactory_iac.providers.metal import (
    FabricPartitions,
    Partition,
    SecretReference,
    SwitchConfig,
    Tls,
)


class Tier(TypedDict):
    """Switches of one role and the configuration that they share, host name apart."""

    switches: Sequence[str]
    config: Mapping[str, Any]


class SubnetManager(TypedDict):
    """Where the subnet manager runs, how it routes, and the partitions it keeps.

    Without an address and credentials nobody is told of the partitions.
    """

    manager: str
    routing: str
    partitions: Mapping[str, Partition]
    address: NotRequired[str]
    credentials: NotRequired[SecretReference]
    tls: NotRequired[Tls]


@dataclass(frozen=True)
class SiteNetworkArgs:
    """The switches of one network by tier."""

    site: pulumi.Input[str]
    network: pulumi.Input[str]
    domain: pulumi.Input[str]
    """DNS domain that the switches' host names are in."""
    model: pulumi.Input[str]
    os: pulumi.Input[str]
    tiers: Mapping[str, Tier]
    """By role: `leaf`, `spine`, `core`."""
    tls: Tls
    subnet_manager: SubnetManager | None = None
    """For InfiniBand."""
    credentials: SecretReference | None = None
    """Without them nothing is ever written to a switch."""
    pins: Mapping[str, Mapping[str, str]] | None = None
    """By switch, what it must show with `pinned`, as part of its `tls`."""


class SiteNetwork(pulumi.ComponentResource):
    """One network of a site: a configuration for every switch, in tiers."""

    def __init__(
        self,
        name: str,
        args: SiteNetworkArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the switches, and the partitions of an InfiniBand network."""
        # The switches stand in their configurations; here they would be there twice.
        counts = {role: len(tier["switches"]) for role, tier in args.tiers.items()}
        summary = {**vars(args), "tiers": counts}
        super().__init__("aifactory:onprem:SiteNetwork", name, summary, opts)
        pins = args.pins or {}
        child = pulumi.ResourceOptions(parent=self)
        for role, tier in args.tiers.items():
            for hostname in tier["switches"]:
                SwitchConfig(
                    hostname,
                    site=args.site,
                    network=args.network,
                    hostname=hostname,
                    role=role,
                    model=args.model,
                    os=args.os,
                    config={**tier["config"], "system": {"hostname": hostname}},
                    tls=_tls(args.tls, pins.get(hostname, {})),
                    credentials=args.credentials,
                    domain=args.domain,
                    opts=child,
                )
        if args.subnet_manager is not None:
            FabricPartitions(
                name,
                site=args.site,
                network=args.network,
                manager=args.subnet_manager["manager"],
                routing=args.subnet_manager["routing"],
                partitions=args.subnet_manager["partitions"],
                address=args.subnet_manager.get("address"),
                credentials=args.subnet_manager.get("credentials"),
                tls=args.subnet_manager.get("tls"),
                opts=child,
            )
        self.register_outputs({})


def _tls(shared: Tls, pin: Mapping[str, str]) -> Tls:
    return {**shared, **pin}  # type: ignore[typeddict-item]

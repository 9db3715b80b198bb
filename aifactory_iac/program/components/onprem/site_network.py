"""The switches of one network, and for InfiniBand its partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import pulumi

from aifactory_iac.providers.metal import FabricPartitions, Partition, SwitchConfig, Tls


class Tier(TypedDict):
    """Switches of one role and the configuration that they share, host name apart."""

    switches: Sequence[str]
    config: Mapping[str, Any]


class SubnetManager(TypedDict):
    """Where the subnet manager runs, how it routes, and the partitions it keeps."""

    manager: str
    routing: str
    partitions: Mapping[str, Partition]


@dataclass(frozen=True)
class SiteNetworkArgs:
    """The switches of one network by tier."""

    site: pulumi.Input[str]
    network: pulumi.Input[str]
    model: pulumi.Input[str]
    os: pulumi.Input[str]
    tiers: Mapping[str, Tier]
    """By role: `leaf`, `spine`, `core`."""
    tls: Tls
    subnet_manager: SubnetManager | None = None
    """For InfiniBand."""


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
                    tls=args.tls,
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
                opts=child,
            )
        self.register_outputs({})

"""The provisioning service of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from aifactory_iac.providers.metal import BootImage, ProvisioningServer, ProvisioningSubnet


@dataclass(frozen=True)
class ProvisioningArgs:
    """What the service answers to, and with what."""

    site: pulumi.Input[str]
    domain: pulumi.Input[str]
    subnets: Mapping[str, ProvisioningSubnet]
    """By purpose."""
    images: Mapping[str, BootImage]
    """By pool."""
    boot_methods: Sequence[str] = ("http", "media")


class Provisioning(pulumi.ComponentResource):
    """DHCP and HTTP boot of one site."""

    server_id: pulumi.Output[str]
    url: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ProvisioningArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the server."""
        super().__init__("aifactory:onprem:Provisioning", name, dict(vars(args)), opts)
        server = ProvisioningServer(
            name,
            site=args.site,
            domain=args.domain,
            subnets=args.subnets,
            images=args.images,
            boot_methods=list(args.boot_methods),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.server_id = server.id
        self.url = server.url
        self.register_outputs({"serverId": self.server_id, "url": self.url})

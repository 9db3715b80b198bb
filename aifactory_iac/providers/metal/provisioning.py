"""The service that new machines get their address and their first boot from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from .package import given, pinned, token


class AddressRange(TypedDict):
    """First and last address of a DHCP range, both included."""

    first: str
    """First address."""
    last: str
    """Last address."""


class ProvisioningSubnet(TypedDict):
    """One subnet that the server answers on; without a range it only serves reservations."""

    cidr: str
    """The subnet."""
    range: NotRequired[AddressRange]
    """Addresses for machines without a reservation; none when not given."""


class BootImage(TypedDict):
    """An image that machines may boot: only those with a digest are ever served."""

    os: str
    """Operating system."""
    digest: NotRequired[str]
    """Digest, `sha256:...`."""
    url: NotRequired[str]
    """Where it is fetched from."""


class ProvisioningServer(pulumi.CustomResource):
    """DHCP and HTTP boot of one site; unknown machines get an address and nothing to boot."""

    def __init__(
        self,
        resource_name: str,
        *,
        site: pulumi.Input[str],
        domain: pulumi.Input[str],
        subnets: pulumi.Input[Mapping[str, ProvisioningSubnet]],
        images: pulumi.Input[Mapping[str, BootImage]],
        boot_methods: pulumi.Input[Sequence[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Registers the server.

        Args:
            resource_name: Pulumi name.
            site: Site that it serves.
            domain: DNS domain of the site's hosts.
            subnets: Subnets by purpose.
            images: Images by pool.
            boot_methods: Ways to boot that it offers: `http`, `media`, `pxe`.
            opts: Pulumi options.
        """
        super().__init__(
            token("ProvisioningServer"),
            resource_name,
            given(
                {
                    "site": site,
                    "domain": domain,
                    "subnets": subnets,
                    "images": images,
                    "bootMethods": boot_methods,
                },
                "url",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def url(self) -> pulumi.Output[str]:
        """Base URL that machines boot from; stays as long as the server does."""
        return pulumi.get(self, "url")  # type: ignore[no-any-return]

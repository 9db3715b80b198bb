"""The service that new machines get their address and their first boot from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

import pulumi

from .hardware import SecretReference
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
    gateway: NotRequired[str]
    """Router that machines are told."""
    dns: NotRequired[Sequence[str]]
    """Name servers that machines are told, in order."""
    ntp: NotRequired[Sequence[str]]
    """Time servers that machines are told, in order."""
    lease: NotRequired[int]
    """Seconds that an address is lent for, from 300 to 2592000; 43200 when not given."""


class AddressReservation(TypedDict):
    """The address that one network card always gets."""

    mac: str
    """MAC address of the card."""
    address: str
    """Address that it gets."""
    hostname: NotRequired[str]
    """Host name that it gets; the reservation's own name when not given."""
    boot: NotRequired[bool]
    """Whether it may boot from here; yes when not given."""


class TftpServer(TypedDict):
    """Where firmware that only knows TFTP gets iPXE from."""

    address: str
    """Address of the server."""
    root: NotRequired[str]
    """Folder that dnsmasq serves by itself."""


class ProvisioningTarget(TypedDict):
    """Where the configuration of a provisioning service goes."""

    kind: NotRequired[Literal["folder", "kea"]]
    """A folder that servers read, or in addition Kea through its control agent."""
    path: NotRequired[str]
    """The folder; one of the provider's own when not given."""
    url: NotRequired[str]
    """Control agent of Kea."""
    credentials: NotRequired[SecretReference]
    """Where user and password of the control agent are kept."""


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
        reservations: pulumi.Input[Mapping[str, AddressReservation]] | None = None,
        interfaces: pulumi.Input[Sequence[str]] | None = None,
        endpoint: pulumi.Input[str] | None = None,
        tftp: pulumi.Input[TftpServer] | None = None,
        target: pulumi.Input[ProvisioningTarget] | None = None,
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
            reservations: Cards that always get the same address, by name.
            interfaces: Network interfaces that DHCP is answered on; all when not given.
            endpoint: URL that machines boot from; by the site's domain when not given.
            tftp: Where firmware that only knows TFTP gets iPXE from; nowhere when not given.
            target: Where its configuration goes; a folder of the provider's when not given.
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
                    "reservations": reservations,
                    "interfaces": interfaces,
                    "endpoint": endpoint,
                    "tftp": tftp,
                    "target": target,
                },
                "url",
                "digests",
                "checked",
                "served",
            ),
            pinned(opts),
        )

    @property
    @pulumi.getter
    def url(self) -> pulumi.Output[str]:
        """Base URL that machines boot from; stays as long as the server does."""
        return pulumi.get(self, "url")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def digests(self) -> pulumi.Output[Mapping[str, str]]:
        """Digest of each file that is in force, and of Kea's part as it runs."""
        return pulumi.get(self, "digests")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def checked(self) -> pulumi.Output[Mapping[str, str]]:
        """By program: `passed`, or `not checked` and why."""
        return pulumi.get(self, "checked")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def served(self) -> pulumi.Output[Mapping[str, str]]:
        """By image: `measured`, or why it is not served."""
        return pulumi.get(self, "served")  # type: ignore[no-any-return]

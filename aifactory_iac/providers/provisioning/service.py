"""The provisioning service of one site as a typed value: subnets, reservations, images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from aifactory_iac.providers.install.document import (
    Document,
    Read,
    SecretReference,
    beside,
    read,
)
from aifactory_iac.providers.install.scalars import (
    AbsolutePath,
    Address4,
    Cidr4,
    Digest,
    Domain,
    Flag,
    Hostname,
    ImageUrl,
    InterfaceName,
    Mac,
    Unordered,
    Url,
    Word,
)


class AddressRange(Document):
    """First and last address of a DHCP range, both included."""

    native: ClassVar[Mapping[str, str]] = {"start": "first", "end": "last"}

    first: Address4
    last: Address4


class Subnet(Document):
    """One subnet that is answered on; without a range only reservations get an address.

    `lease` is in seconds.
    """

    native: ClassVar[Mapping[str, str]] = {"subnet": "cidr", "pool": "range", "routers": "gateway"}

    cidr: Cidr4
    range: AddressRange | None = None
    gateway: Address4 | None = None
    dns: tuple[Address4, ...] = ()
    ntp: tuple[Address4, ...] = ()
    lease: Annotated[int, Field(strict=True, ge=300, le=30 * 24 * 3600)] = 12 * 3600


class Reservation(Document):
    """The address that one network card always gets.

    `hostname` is the reservation's own name when not given; without `boot` it gets nothing to
    boot, as a controller's own card.
    """

    native: ClassVar[Mapping[str, str]] = {
        "hw-address": "mac",
        "ip-address": "address",
        "ip": "address",
        "name": "hostname",
    }

    mac: Mac
    address: Address4
    hostname: Hostname | None = None
    boot: Flag = True


class BootImage(Document):
    """An image that machines may boot: only one with a digest is ever served."""

    os: Word
    digest: Digest | None = None
    url: ImageUrl | None = None


class Tftp(Document):
    """Where firmware that only knows TFTP gets iPXE from; `root` is for dnsmasq's own server."""

    address: Address4
    root: AbsolutePath | None = None


class Target(Document):
    """Where the configuration goes.

    `folder` holds what Kea, dnsmasq and our own HTTP server read; with `kea` the DHCP part is also
    set through Kea's control agent at `url`.
    """

    kind: Literal["folder", "kea"] = "folder"
    path: AbsolutePath | None = None
    url: Url | None = None
    credentials: SecretReference | None = None


class Service(Document):
    """Everything that a site's provisioning service is told."""

    native: ClassVar[Mapping[str, str]] = {"boot_methods": "bootMethods", "hosts": "reservations"}

    site: Word
    domain: Domain
    subnets: dict[str, Subnet]
    images: dict[str, BootImage]
    boot_methods: Annotated[
        tuple[Literal["http", "media", "pxe"], ...], Field(alias="bootMethods")
    ] = ("http", "media")
    reservations: dict[str, Reservation] = Field(default_factory=dict)
    interfaces: Unordered[InterfaceName] = ()
    endpoint: Url | None = None
    tftp: Tftp | None = None
    target: Target = Field(default_factory=Target)

    @property
    def url(self) -> str:
        """Base URL that machines boot from, without a slash at its end."""
        return (self.endpoint or f"http://provisioning.{self.domain}").rstrip("/")

    @property
    def networks(self) -> tuple[str, ...]:
        """The provisioning networks, as CIDR."""
        return tuple(sorted(subnet.cidr for subnet in self.subnets.values()))

    def hostname(self, name: str) -> str:
        """Host name of a reservation."""
        return self.reservations[name].hostname or name


def read_service(value: Mapping[str, Any]) -> Read[Service]:
    """Reads the inputs of a `ProvisioningServer`, with everything that is wrong with them."""
    from aifactory_iac.providers.provisioning.collisions import service_failures

    found = read(Service, value, "")
    if found.value is None or not found.complete:
        return found
    return Read(found.value, beside(found.failures, service_failures(found.value)), complete=True)

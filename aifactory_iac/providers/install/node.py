"""What every install document says about the machine, whatever installs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from aifactory_iac.providers.install.document import Document, joined
from aifactory_iac.providers.install.network import Network, network_failures
from aifactory_iac.providers.install.scalars import (
    AbsolutePath,
    Certificate,
    Comment,
    Domain,
    Flag,
    Hostname,
    KernelArgument,
    Mode,
    NoProxy,
    Owner,
    PublicKey,
    Text,
    TimeZone,
    Unordered,
    Url,
    UserName,
)
from aifactory_iac.providers.resource import Failure


class User(Document):
    """One account. It has no password: who is to log in brings a key."""

    native: ClassVar[Mapping[str, str]] = {
        "ssh_authorized_keys": "keys",
        "sshAuthorizedKeys": "keys",
        "authorized-keys": "keys",
        "sudo": "admin",
        "gecos": "comment",
    }

    keys: Unordered[PublicKey] = ()
    admin: Flag = False
    """Whether it may become root without being asked for a password, having none."""
    groups: Unordered[UserName] = ()
    shell: AbsolutePath = "/bin/bash"
    comment: Comment | None = None


class Ntp(Document):
    """Where the machine gets its time from; at least one source."""

    servers: Unordered[Domain] = ()
    pools: Unordered[Domain] = ()


class Proxy(Document):
    """The way out to package servers; `exempt` lists hosts and networks that are reached directly.

    A proxy that asks for a password cannot be used: let it admit the provisioning subnets instead.
    """

    native: ClassVar[Mapping[str, str]] = {"no_proxy": "exempt"}

    http: Url | None = None
    https: Url | None = None
    exempt: Unordered[NoProxy] = ()


class File(Document):
    """One file of the installed machine."""

    native: ClassVar[Mapping[str, str]] = {"content": "text", "permissions": "mode"}

    text: Text
    mode: Mode = "0644"
    owner: Owner = "root:root"


class Node(Document):
    """The part that all four documents share.

    `hostname` may be left out: the machine's own name is filled in. `network` may be left out: the
    card that booted then uses DHCP. `kernel` are arguments in order; `trust` are certificate
    authorities in PEM form.
    """

    native: ClassVar[Mapping[str, str]] = {
        "identity": "users",
        "ssh": "users",
        "ssh_authorized_keys": "users",
        "fqdn": "domain",
        "write_files": "files",
        "ca_certs": "trust",
        "ca-certs": "trust",
        "kernelArguments": "kernel",
    }

    hostname: Hostname | None = None
    domain: Domain | None = None
    timezone: TimeZone = "Etc/UTC"
    users: Annotated[dict[UserName, User], Field(min_length=1)]
    network: Network | None = None
    ntp: Ntp | None = None
    proxy: Proxy | None = None
    kernel: tuple[KernelArgument, ...] = ()
    files: dict[AbsolutePath, File] = Field(default_factory=dict)
    trust: Unordered[Certificate] = ()


def node_failures(node: Node, at: str) -> Iterator[Failure]:
    """What no single field shows about the shared part."""
    if not any(user.keys for user in node.users.values()):
        yield Failure(joined(at, "users"), "none has `keys`: nobody could log in")
    for name in sorted(node.users):
        if name == "root":
            yield Failure(
                joined(at, "users", name), "root cannot log in; make it a user with `admin: true`"
            )
    if node.ntp is not None and not (node.ntp.servers or node.ntp.pools):
        yield Failure(joined(at, "ntp"), "has no sources: give `servers` or `pools`")
    if node.proxy is not None and not (node.proxy.http or node.proxy.https):
        yield Failure(joined(at, "proxy"), "has no address: give `http` or `https`")
    if node.network is not None:
        yield from network_failures(node.network, joined(at, "network"))

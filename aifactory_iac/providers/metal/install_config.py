"""The four install documents, of which an installation has one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, TypedDict

from .hardware import RootDevice
from .install_node import InstallNode


class DiskPartition(TypedDict):
    """One partition; exactly one of a layout takes the `rest`."""

    size: str
    """Whole number of `MiB`, `GiB` or `TiB`, or `rest`."""
    filesystem: Literal["ext4", "xfs", "vfat", "swap"]
    """File system."""
    mount: NotRequired[str]
    """Where it is mounted; nowhere for swap."""
    label: NotRequired[str]
    """Label of the file system."""


class TangServer(TypedDict):
    """A tang server, and the thumbprint of the key that it must sign with."""

    url: str
    """URL of the server."""
    thumbprint: str
    """Thumbprint of its signing key."""


class DiskEncryption(TypedDict):
    """LUKS 2 with a key that is made on the machine and never leaves it."""

    unlock: Literal["tpm2", "tang"]
    """What unlocks it at boot."""
    tang: NotRequired[Sequence[TangServer]]
    """Servers for `tang`."""


class DiskLayout(TypedDict):
    """Layout of the root device."""

    layout: NotRequired[Literal["direct", "lvm", "partitions"]]
    """Kind of layout; `direct` when not given."""
    partitions: NotRequired[Mapping[str, DiskPartition]]
    """Partitions by name, for `partitions`."""
    swap: NotRequired[str]
    """Size of the swap partition; none when not given."""
    mirror: NotRequired[RootDevice]
    """Second disk that holds a copy of everything."""
    encrypt: NotRequired[DiskEncryption]
    """Encryption of everything but the EFI and boot partitions."""


class ConsoleKeyboard(TypedDict):
    """Layout of the console's keyboard."""

    layout: NotRequired[str]
    """Layout; `us` when not given."""
    variant: NotRequired[str]
    """Variant of the layout."""


class SnapPackage(TypedDict):
    """One snap."""

    channel: NotRequired[str]
    """Channel; `latest/stable` when not given."""
    classic: NotRequired[bool]
    """Whether it is not confined."""


class AptSources(TypedDict):
    """Where packages come from."""

    mirror: NotRequired[str]
    """URL of the mirror."""
    offline: NotRequired[Literal["abort", "offline-install", "continue-anyway"]]
    """What is done when the mirror cannot be reached."""


class AutoinstallConfig(InstallNode):
    """One unattended install of Ubuntu."""

    locale: NotRequired[str]
    """Locale; `en_US.UTF-8` when not given."""
    keyboard: NotRequired[ConsoleKeyboard]
    """Keyboard of the console."""
    source: NotRequired[Literal["ubuntu-server", "ubuntu-server-minimal"]]
    """Which system of the medium is installed."""
    flavor: NotRequired[Literal["generic", "hwe", "nvidia", "nvidia-64k"]]
    """Kernel."""
    apt: NotRequired[AptSources]
    """Where packages come from."""
    storage: NotRequired[DiskLayout]
    """Layout of the root device."""
    packages: NotRequired[Sequence[str]]
    """Packages to be installed."""
    snaps: NotRequired[Mapping[str, SnapPackage]]
    """Snaps by name."""
    drivers: NotRequired[bool]
    """Whether the installer picks third-party drivers."""
    updates: NotRequired[Literal["security", "all"]]
    """Which updates are installed at once."""
    early: NotRequired[Sequence[str]]
    """Commands before disks are looked at, in order."""
    late: NotRequired[Sequence[str]]
    """Commands when the system stands under /target, in order."""
    errors: NotRequired[Sequence[str]]
    """Commands when the install failed, in order."""


class MountedFileSystem(TypedDict):
    """A file system that is there already; none is ever made or erased."""

    device: str
    """Path below /dev."""
    filesystem: Literal["ext4", "xfs", "vfat"]
    """File system."""
    options: NotRequired[Sequence[str]]
    """Mount options."""


class PackageUpdates(TypedDict):
    """What is done with packages before further ones are installed."""

    update: NotRequired[bool]
    """Whether the lists are brought up to date."""
    upgrade: NotRequired[bool]
    """Whether what is installed is upgraded."""


class CloudInitConfig(InstallNode):
    """What an image that is bootable already is told at its first boot."""

    locale: NotRequired[str]
    """Locale; `en_US.UTF-8` when not given."""
    sources: NotRequired[PackageUpdates]
    """What is done with packages first."""
    packages: NotRequired[Sequence[str]]
    """Packages to be installed."""
    mounts: NotRequired[Mapping[str, MountedFileSystem]]
    """Further file systems by path."""
    grow: NotRequired[bool]
    """Whether the root file system takes the whole disk."""
    bootcmd: NotRequired[Sequence[str]]
    """Commands early in every boot, in order."""
    runcmd: NotRequired[Sequence[str]]
    """Commands once, at the end of the first boot, in order."""


class PackageRepository(TypedDict):
    """A further repository that packages are installed from."""

    url: str
    """URL of the repository."""
    cost: NotRequired[int]
    """Preference, from 1 to 10000; the lowest first."""


class SystemServices(TypedDict):
    """Services that run, and that do not, from the first boot on."""

    enabled: NotRequired[Sequence[str]]
    """Services that run."""
    disabled: NotRequired[Sequence[str]]
    """Services that do not."""


class HostFirewall(TypedDict):
    """What may be reached from outside."""

    allow: NotRequired[Sequence[str]]
    """Services that may be reached; `ssh` when not given."""


class KickstartConfig(InstallNode):
    """One unattended install of RHEL 9 or one of its like."""

    locale: NotRequired[str]
    """Locale; `en_US.UTF-8` when not given."""
    keyboard: NotRequired[str]
    """Keyboard layout of the console."""
    source: NotRequired[str]
    """URL of the installation tree; the medium that booted when not given."""
    repositories: NotRequired[Mapping[str, PackageRepository]]
    """Further repositories by name."""
    storage: NotRequired[DiskLayout]
    """Layout of the root device."""
    packages: NotRequired[Sequence[str]]
    """Packages, groups and the environment."""
    exclude: NotRequired[Sequence[str]]
    """Packages that are left out."""
    selinux: NotRequired[Literal["enforcing", "permissive"]]
    """What SELinux does."""
    firewall: NotRequired[HostFirewall]
    """What may be reached."""
    services: NotRequired[SystemServices]
    """Services."""
    pre: NotRequired[Sequence[str]]
    """Commands before disks are looked at, in order."""
    post: NotRequired[Sequence[str]]
    """Commands in the installed system, in order."""


class IgnitionLayout(TypedDict):
    """The disk that an image was written to: what comes after its own partitions."""

    root: NotRequired[str]
    """How large root becomes; `rest` when not given."""
    partitions: NotRequired[Mapping[str, DiskPartition]]
    """Further partitions by name, mounted below /var."""
    encrypt: NotRequired[DiskEncryption]
    """Encryption of root and of the further partitions."""


class SystemdUnit(TypedDict):
    """One systemd unit."""

    enabled: NotRequired[bool]
    """Whether it is started at boot."""
    masked: NotRequired[bool]
    """Whether it can never be started."""
    text: NotRequired[str]
    """Content; without it, a unit that the image has."""


class IgnitionConfig(InstallNode):
    """What Fedora CoreOS and its like are told at their first boot."""

    version: NotRequired[Literal["3.3.0", "3.4.0"]]
    """Version of the specification."""
    storage: NotRequired[IgnitionLayout]
    """The disk."""
    units: NotRequired[Mapping[str, SystemdUnit]]
    """Units by name."""


class InstallConfig(TypedDict):
    """Exactly one of the four documents."""

    autoinstall: NotRequired[AutoinstallConfig]
    """Ubuntu's installer."""
    cloudinit: NotRequired[CloudInitConfig]
    """An image that runs cloud-init by itself."""
    kickstart: NotRequired[KickstartConfig]
    """The installer of the RHEL 9 family."""
    ignition: NotRequired[IgnitionConfig]
    """Fedora CoreOS and its like."""

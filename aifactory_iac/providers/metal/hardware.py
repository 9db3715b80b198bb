"""What several resources say alike: machines, their controllers, disks and firmware."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict


class SecretReference(TypedDict):
    """Where a secret is kept; the provider reads it when it acts, and never stores it."""

    store: Literal["env", "file", "pulumi-config", "aws-secrets-manager", "vault"]
    """Kind of store."""
    path: str
    """Name of the variable, path of the file, config key or ARN."""


class RackedMachine(TypedDict):
    """One machine, by its place. What only the machine knows is filled in by adoption."""

    rack: str
    """Rack."""
    unit: int
    """Lowest rack unit, from 1 at the bottom."""
    slot: int
    """Slot within the scalable unit, from 1."""
    bmc: str
    """IPv4 address of the controller."""
    address: str
    """IPv4 address of the host."""
    spare: NotRequired[bool]
    """Whether it stands by."""
    serial: NotRequired[str]
    """Serial number; unknown until adopted, then checked before every write."""
    uuid: NotRequired[str]
    """System UUID; unknown until adopted, then checked before every write."""
    macs: NotRequired[Sequence[str]]
    """MAC addresses; unknown until adopted, then checked before every write."""
    fingerprint: NotRequired[str]
    """SHA-256 of the controller's certificate, 64 hex digits, for `pinned`."""
    protected: NotRequired[bool]
    """Whether every disturbance of it takes an approval."""
    attempt: NotRequired[int]
    """Raise it to have a machine in quarantine tried again at once."""


class ImagePart(TypedDict):
    """One file that goes with an image."""

    url: str
    """Where it is fetched from."""
    digest: str
    """Digest, `sha256:...`."""


class Image(TypedDict):
    """What the machines run; `digest` pins it, and without one nothing can be installed."""

    os: str
    """Operating system."""
    driver: NotRequired[int]
    """Major version of the accelerator driver."""
    digest: NotRequired[str]
    """Digest, `sha256:...`; nothing is installed without one."""
    url: NotRequired[str]
    """Where the image is fetched from."""
    kernel: NotRequired[ImagePart]
    """Kernel, for the boot methods `http` and `pxe`."""
    initrd: NotRequired[ImagePart]
    """First file system, for the boot methods `http` and `pxe`."""
    loader: NotRequired[ImagePart]
    """EFI program, for the boot method `http`."""


class Bmc(TypedDict):
    """How the controllers are reached and trusted."""

    credentials: SecretReference
    """Where user and password are kept."""
    tls: Literal["site-ca", "system-ca", "pinned", "insecure"]
    """Which certificate the controller must show."""
    exception: NotRequired[str]
    """Why nothing is verified; `insecure` needs it."""
    system: NotRequired[str]
    """Id of the host's system on the controller, where its vendor's profile does not know it."""
    requests: NotRequired[int]
    """Most requests to one controller at once, from 1 to 8; 4 when not given."""


class Boot(TypedDict):
    """How a machine boots its installer; only `pxe` needs its broadcast domain."""

    method: Literal["http", "media", "pxe"]
    """Way to boot."""
    secure: bool
    """Whether UEFI secure boot has to be on; it is left as it is otherwise."""


class DiskSize(TypedDict):
    """Bounds of a disk's size, both included; a disk of "960 GB" has 894 GiB."""

    least: NotRequired[str]
    """Least size, as a whole number of `MiB`, `GiB` or `TiB`."""
    most: NotRequired[str]
    """Largest size, as a whole number of `MiB`, `GiB` or `TiB`."""


class RootDevice(TypedDict):
    """Which disk the image goes to; all given hints must hold."""

    name: NotRequired[str]
    """Device name."""
    model: NotRequired[str]
    """Model."""
    serial: NotRequired[str]
    """Serial number."""
    wwn: NotRequired[str]
    """World wide name."""
    rotational: NotRequired[bool]
    """Whether it is a rotating disk."""
    size: NotRequired[DiskSize]
    """Bounds of its size."""


class Disks(TypedDict):
    """What may happen to disks."""

    wipe: Literal["never", "metadata", "full"]
    """What a release does to them; `never` leaves them alone."""
    encrypt: bool
    """Whether local NVMe is encrypted."""
    root: NotRequired[RootDevice]
    """Which disk the image goes to."""


class FirmwareComponent(TypedDict):
    """One part of a firmware baseline."""

    name: str
    """Id in the controller's firmware inventory, such as `HostBIOS_0`."""
    version: str
    """Version to bring."""
    allowed: NotRequired[Sequence[str]]
    """Other versions that may stay."""
    url: NotRequired[str]
    """Where its package is fetched from; a component without one is only checked."""
    digest: NotRequired[str]
    """Digest of the package, `sha256:...`."""


class GroupApproval(TypedDict):
    """Who allowed what on machines, and until when."""

    by: Sequence[str]
    """Who allowed it; wipes take two."""
    until: str
    """Until when, as `2026-12-01T18:00:00Z`."""
    actions: Sequence[str]
    """What is allowed: `reset`, `power-off`, `install`, `wipe`, `retire`."""
    serials: NotRequired[Sequence[str]]
    """Serial numbers of the machines whose disks may be wiped."""

"""Compute pools: which machines, how many, bought how, kept how."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from aifactory_iac.blueprint.model.base import (
    Count,
    Flag,
    Instant,
    Layer,
    Name,
    Named,
    Positive,
    Ratio,
    SecretRef,
    Text,
    Trust,
    Zone,
)
from aifactory_iac.blueprint.quantity import Duration, Power, Size
from aifactory_iac.blueprint.spec import Impact, Spec


class Spares(Layer):
    """How many nodes stand by for those under repair."""

    confidence: Annotated[
        Ratio | None,
        Spec("Chance that enough nodes are up; spares follow from failure rates.", Impact.ROLLING),
    ] = None
    repair: Annotated[Duration, Spec("Time to repair or swap a node.", Impact.NONE)] = (
        Duration.parse("7 d")
    )
    count: Annotated[Count | None, Spec("Spare nodes, when fixed by contract.", Impact.ROLLING)] = (
        None
    )


class BootFile(Layer):
    """One file that goes with an image."""

    url: Annotated[Name, Spec("Where it is fetched from.", Impact.NONE)]
    digest: Annotated[
        str,
        StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$"),
        Spec("Digest of the file, `sha256:...`.", Impact.DATA_LOSS),
    ]


class Image(Layer):
    """What the nodes run."""

    os: Annotated[Name, Spec("Operating system.", Impact.DRAIN, example="ubuntu-24.04")]
    driver: Annotated[
        Positive | None, Spec("Major version of the accelerator driver.", Impact.DRAIN, example=580)
    ] = None
    digest: Annotated[Name | None, Spec("Digest of the image, `sha256:...`.", Impact.DRAIN)] = None
    url: Annotated[Name | None, Spec("Where the image is fetched from.", Impact.NONE)] = None
    kernel: Annotated[
        BootFile | None,
        Spec("Kernel of the installer, to boot it by `http` or `pxe`.", Impact.NONE),
    ] = None
    initrd: Annotated[
        BootFile | None,
        Spec("First file system of the installer, to boot it by `http` or `pxe`.", Impact.NONE),
    ] = None
    loader: Annotated[
        BootFile | None, Spec("EFI program that boots the installer by `http`.", Impact.NONE)
    ] = None


class Account(Named):
    """An account on the nodes. It has no password: who logs in brings a key."""

    name: Annotated[
        str,
        StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$"),
        Spec("Login name; a change is a new account.", Impact.DATA_LOSS),
    ]
    keys: Annotated[
        tuple[Text, ...],
        Spec("Public SSH keys.", Impact.DATA_LOSS, example=["ssh-ed25519 AAAA... ops"]),
    ] = ()
    admin: Annotated[Flag, Spec("Whether it may become root.", Impact.DATA_LOSS)] = False


class RootDisk(Layer):
    """The disk that the image goes to; what is given must hold, and exactly one disk must fit."""

    model: Annotated[
        Name | None, Spec("Model, as the disk says it; `*` for any text.", Impact.DATA_LOSS)
    ] = None
    serial: Annotated[
        Name | None, Spec("Serial number, for a pool of one machine.", Impact.DATA_LOSS)
    ] = None
    wwn: Annotated[
        Name | None, Spec("World wide name, for a pool of one machine.", Impact.DATA_LOSS)
    ] = None
    at_least: Annotated[
        Size | None, Spec("Least size of the disk.", Impact.DATA_LOSS, example="900 GB")
    ] = None
    at_most: Annotated[
        Size | None, Spec("Largest size of the disk.", Impact.DATA_LOSS, example="2 TB")
    ] = None


class Install(Layer):
    """How the nodes are installed: what the installer is told beside the image.

    The operating system decides on the installer: autoinstall for Ubuntu, Kickstart for RHEL and
    its like, Ignition for Flatcar and Fedora CoreOS. Nothing on a disk is ever erased by it.
    """

    users: Annotated[
        tuple[Account, ...],
        Field(min_length=1),
        Spec("Accounts; at least one has keys.", Impact.DATA_LOSS),
    ]
    method: Annotated[
        Literal["media", "http", "pxe"],
        Spec("How a machine boots the installer: virtual media, HTTP boot or iPXE.", Impact.NONE),
    ] = "media"
    root: Annotated[RootDisk | None, Spec("Which disk the image goes to.", Impact.DATA_LOSS)] = None
    disks: Annotated[
        Positive | None,
        Spec("Disks of one machine; with one of them, `root` is not needed.", Impact.NONE),
    ] = None
    timezone: Annotated[Name, Spec("Time zone of the nodes.", Impact.DATA_LOSS)] = "Etc/UTC"
    ntp: Annotated[
        tuple[Name, ...],
        Spec("Time servers; those of the operating system when not given.", Impact.DATA_LOSS),
    ] = ()
    source: Annotated[
        Name | None,
        Spec(
            "URL of the tree that Kickstart installs from; the medium when not given.",
            Impact.DATA_LOSS,
        ),
    ] = None


class Bmc(Layer):
    """How the baseboard management controllers are reached."""

    credentials: Annotated[SecretRef, Spec("User and password of the BMCs.", Impact.IN_PLACE)]
    tls: Annotated[Trust, Spec("Which certificate the BMC must show.", Impact.IN_PLACE)] = "site-ca"
    pins: Annotated[
        dict[Name, Name],
        Spec("For `pinned`: SHA-256 of each BMC's certificate, by host.", Impact.IN_PLACE),
    ] = Field(default_factory=dict)
    exception: Annotated[
        Text | None, Spec("Why nothing is verified, for `insecure`.", Impact.IN_PLACE)
    ] = None


class CapacityBlock(Layer):
    """An EC2 Capacity Block for ML."""

    start: Annotated[Instant, Spec("Start of the block, UTC.", Impact.REPLACE)]
    duration: Annotated[Duration, Spec("Length of the block.", Impact.REPLACE)]


class Purchase(Layer):
    """How cloud capacity is bought; exactly one way."""

    on_demand: Annotated[Flag, Spec("By the hour.", Impact.REPLACE)] = False
    spot: Annotated[Flag, Spec("Interruptible.", Impact.REPLACE)] = False
    capacity_block: Annotated[
        CapacityBlock | None, Spec("Reserved ahead for a fixed time.", Impact.REPLACE)
    ] = None
    reservation: Annotated[
        Name | None, Spec("Id of a capacity reservation of one's own.", Impact.REPLACE)
    ] = None


class Pool(Named):
    """A set of like nodes at one site."""

    site: Annotated[Name, Spec("The site.", Impact.REPLACE, refers_to="sites")]
    phase: Annotated[
        Positive,
        Spec(
            "Build-out phase in which it joins the site; what a later phase brings is placed after "
            "what is there. Within a phase the order is by name.",
            Impact.REPLACE,
        ),
    ] = 1
    zone: Annotated[Zone, Spec("Zone of NIST SP 800-223.", Impact.REPLACE)] = "compute"
    system: Annotated[
        Name | None,
        Spec(
            "System in the catalog, for machines of one's own.",
            Impact.REPLACE,
            example="dgx-h100",
            catalog="systems",
        ),
    ] = None
    instance: Annotated[
        Name | None,
        Spec(
            "EC2 instance type, for cloud sites.",
            Impact.REPLACE,
            example="p5.48xlarge",
            catalog="aws_instances",
        ),
    ] = None
    count: Annotated[
        Count | None,
        Spec("Number of nodes.", Impact.ROLLING, shrink=Impact.DRAIN),
    ] = None
    scalable_units: Annotated[
        Positive | None,
        Spec(
            "Number of scalable units; the system says how many nodes each has.",
            Impact.ROLLING,
            shrink=Impact.DRAIN,
        ),
    ] = None
    per_rack: Annotated[
        Positive | None,
        Spec(
            "Most nodes in one rack; power, units, weight and cooling may allow fewer.",
            Impact.DRAIN,
        ),
    ] = None
    spares: Annotated[Spares | None, Spec("Nodes that stand by.", Impact.ROLLING)] = None
    image: Annotated[Image | None, Spec("What the nodes run.", Impact.DRAIN)] = None
    install: Annotated[
        Install | None,
        Spec(
            "How the image gets onto the nodes; without it machines are adopted as they are. "
            "On-prem only.",
            Impact.DATA_LOSS,
        ),
    ] = None
    bmc: Annotated[Bmc | None, Spec("How BMCs are reached; on-prem only.", Impact.IN_PLACE)] = None
    purchase: Annotated[
        Purchase | None, Spec("How capacity is bought; cloud only.", Impact.REPLACE)
    ] = None
    node_power: Annotated[
        Power | None,
        Spec(
            "Maximum power of one node, where the catalog has none or a cap is set.", Impact.DRAIN
        ),
    ] = None
    load: Annotated[
        Ratio, Spec("Average draw over maximum; bills and carbon use it.", Impact.NONE)
    ] = 0.7
    utilisation: Annotated[
        Ratio, Spec("Share of hours that do paid work; $/GPU-hour uses it.", Impact.NONE)
    ] = 0.8
    mig: Annotated[
        Name | None,
        Spec("MIG profile that every accelerator is cut into.", Impact.DRAIN, example="1g.10gb"),
    ] = None
    sharing: Annotated[
        Literal["none", "time-slicing", "mps"],
        Spec("How one accelerator serves several pods.", Impact.DRAIN),
    ] = "none"
    secure_boot: Annotated[Flag, Spec("UEFI secure boot.", Impact.DRAIN)] = True
    encrypt_local_nvme: Annotated[Flag, Spec("Local NVMe is encrypted.", Impact.DATA_LOSS)] = True
    autoscale: Annotated[
        Flag, Spec("Cloud nodes scale to zero when idle; `count` is the maximum.", Impact.IN_PLACE)
    ] = False

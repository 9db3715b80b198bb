"""Storage tiers and the datasets that live on them."""

from typing import Annotated, Literal

from pydantic import Field

from aifactory_iac.blueprint.model.base import DataClass, Date, Flag, Layer, Name, Named, Positive
from aifactory_iac.blueprint.quantity import Duration, Power, Size, Throughput
from aifactory_iac.blueprint.spec import Impact, Spec


class TierThroughput(Layer):
    """Sustained throughput that a tier must give."""

    read: Annotated[Throughput, Spec("Reads.", Impact.IN_PLACE)]
    write: Annotated[
        Throughput | None, Spec("Writes; as reads when not given.", Impact.IN_PLACE)
    ] = None
    per: Annotated[
        Literal["node", "gpu", "tier"],
        Spec(
            "What the figures are for: each node, each GPU, or the tier as a whole.",
            Impact.IN_PLACE,
        ),
    ] = "tier"


class Backup(Layer):
    """A second copy, and proof that it can be read."""

    to: Annotated[
        Name, Spec("The tier that keeps the copies.", Impact.IN_PLACE, refers_to="storage.tiers")
    ]
    every: Annotated[Duration, Spec("Time between copies.", Impact.IN_PLACE)]
    retain: Annotated[Duration, Spec("How long a copy is kept.", Impact.DATA_LOSS)]
    restore_tested: Annotated[Date | None, Spec("When a restore was last proven.", Impact.NONE)] = (
        None
    )


class Tier(Named):
    """One storage tier at one site."""

    site: Annotated[Name, Spec("The site.", Impact.DATA_LOSS, refers_to="sites")]
    phase: Annotated[
        Positive,
        Spec(
            "Build-out phase in which it joins the site; what a later phase brings is placed after "
            "what is there. Within a phase the order is by name.",
            Impact.DRAIN,
        ),
    ] = 1
    kind: Annotated[
        Literal["parallel", "object", "fsx-lustre", "nfs", "local-nvme"],
        Spec("What the tier is.", Impact.DATA_LOSS),
    ]
    system: Annotated[
        Name | None,
        Spec(
            "Appliance in the catalog; on-prem only.",
            Impact.DATA_LOSS,
            example="ddn-ai400x2",
            catalog="storage_systems",
        ),
    ] = None
    appliances: Annotated[
        Positive | None,
        Spec(
            "Number of appliances; follows from throughput when not given.",
            Impact.ROLLING,
            shrink=Impact.DATA_LOSS,
        ),
    ] = None
    appliance_power: Annotated[
        Power | None, Spec("Power of one appliance; vendors do not publish it.", Impact.NONE)
    ] = None
    capacity: Annotated[
        Size | None, Spec("Usable capacity.", Impact.IN_PLACE, shrink=Impact.DATA_LOSS)
    ] = None
    throughput: Annotated[
        TierThroughput | None, Spec("Throughput it must give.", Impact.IN_PLACE)
    ] = None
    throughput_tier: Annotated[
        Literal[125, 250, 500, 1000] | None,
        Spec(
            "FSx throughput per TiB in MB/s; the smallest that suffices when not given.",
            Impact.IN_PLACE,
        ),
    ] = None
    serves: Annotated[
        tuple[Name, ...],
        Spec(
            "Pools that mount it; all of the site when empty.", Impact.IN_PLACE, refers_to="compute"
        ),
    ] = ()
    imports: Annotated[
        Name | None,
        Spec(
            "Object tier that it loads from and writes back to.",
            Impact.REPLACE,
            refers_to="storage.tiers",
        ),
    ] = None
    replicate_to: Annotated[
        tuple[Name, ...], Spec("Tiers that get a copy.", Impact.IN_PLACE, refers_to="storage.tiers")
    ] = ()
    versions: Annotated[
        Duration | None, Spec("How long old versions are kept.", Impact.DATA_LOSS)
    ] = None
    retain: Annotated[
        Duration | None,
        Spec("How long objects are kept before they are deleted.", Impact.DATA_LOSS),
    ] = None
    encryption: Annotated[
        Literal["customer-key", "provider-key", "none"],
        Spec("Encryption at rest.", Impact.DATA_LOSS),
    ] = "customer-key"
    object_lock: Annotated[
        Flag, Spec("Objects cannot be changed or deleted before their time.", Impact.REPLACE)
    ] = False
    backup: Annotated[Backup | None, Spec("A second copy.", Impact.IN_PLACE)] = None


class Dataset(Named):
    """Data, its class, and where it lives."""

    data_class: Annotated[
        DataClass, Field(alias="class"), Spec("Classification; decides residency.", Impact.IN_PLACE)
    ]
    lives_on: Annotated[
        Name, Spec("The tier that holds it.", Impact.DATA_LOSS, refers_to="storage.tiers")
    ]
    size: Annotated[Size, Spec("Size today.", Impact.NONE)]
    license: Annotated[Name | None, Spec("Licence or legal basis.", Impact.NONE)] = None
    growth_per_year: Annotated[Size | None, Spec("Growth in a year.", Impact.NONE)] = None


class Storage(Layer):
    """Tiers and datasets."""

    tiers: Annotated[tuple[Tier, ...], Spec("Storage tiers.", Impact.DATA_LOSS)] = ()
    datasets: Annotated[tuple[Dataset, ...], Spec("Datasets.", Impact.IN_PLACE)] = ()

"""Sites and the links between them: where the factory stands and what the place gives."""

from typing import Annotated, Literal

from pydantic import Field

from aifactory_iac.blueprint.model.base import (
    Cidr,
    Count,
    Country,
    Deferred,
    Flag,
    Layer,
    Name,
    Named,
    Number,
    Positive,
    Ratio,
)
from aifactory_iac.blueprint.quantity import (
    BitRate,
    CarbonIntensity,
    EnergyPrice,
    Mass,
    Power,
    Temperature,
)
from aifactory_iac.blueprint.spec import Impact, Spec

CoolingKind = Literal["air", "contained-air", "in-row", "rear-door", "direct-to-chip", "immersion"]


class Location(Layer):
    """Where a site is."""

    country: Annotated[
        Country,
        Spec(
            "ISO 3166-1 alpha-2 country; decides residency and grid.", Impact.REPLACE, example="DE"
        ),
    ]
    city: Annotated[Name | None, Spec("City, for people.", Impact.NONE)] = None
    state: Annotated[
        Name | None, Spec("State or province; picks the electricity price in the US.", Impact.NONE)
    ] = None


class Pue(Layer):
    """Power usage effectiveness: facility energy over IT energy."""

    design: Annotated[
        Number, Field(ge=1.0, le=3.0), Spec("At peak; sizes feeders and cooling.", Impact.NONE)
    ]
    annual: Annotated[
        Number, Field(ge=1.0, le=3.0), Spec("Annual average; sizes bills and carbon.", Impact.NONE)
    ]


class Feeds(Layer):
    """Electrical feeds into the site."""

    count: Annotated[Positive, Spec("Independent feeds.", Impact.REPLACE)] = 2
    redundancy: Annotated[
        Literal["N", "N+1", "2N"],
        Spec("Which loss of a feed the load must survive.", Impact.REPLACE),
    ] = "2N"
    capacity: Annotated[
        Power | None,
        Spec(
            "Capacity of one feed; the envelope over the feeds that must carry it if absent.",
            Impact.NONE,
        ),
    ] = None


class Racks(Layer):
    """What a rack position gives."""

    model: Annotated[Name, Spec("Rack model in the catalog.", Impact.REPLACE, catalog="racks")] = (
        "standard-48u"
    )
    limit: Annotated[Power | None, Spec("Most power for one rack.", Impact.DRAIN)] = None
    units: Annotated[
        Positive | None, Spec("Usable rack units; the model's when not given.", Impact.DRAIN)
    ] = None
    weight: Annotated[Mass | None, Spec("Most load on one rack position.", Impact.DRAIN)] = None
    count: Annotated[Positive | None, Spec("Rack positions the site has.", Impact.NONE)] = None
    per_row: Annotated[Positive, Spec("Rack positions in one row.", Impact.REPLACE)] = 16


class Facility(Layer):
    """The building: power, cooling and rack positions."""

    envelope: Annotated[
        Power, Spec("Most facility power the site may draw, cooling included.", Impact.NONE)
    ]
    pue: Annotated[
        Pue | None, Spec("Power usage effectiveness; by cooling kind when not given.", Impact.NONE)
    ] = None
    cooling: Annotated[
        tuple[CoolingKind, ...],
        Field(min_length=1),
        Spec("Cooling kinds the site offers.", Impact.REPLACE),
    ] = ("contained-air",)
    feeds: Annotated[Feeds, Spec("Electrical feeds.", Impact.REPLACE)] = Feeds.model_construct()
    racks: Annotated[Racks, Spec("What one rack position gives.", Impact.DRAIN)] = (
        Racks.model_construct()
    )
    ramp: Annotated[
        Power | None,
        Spec(
            "Most power that may come on within a minute; machines are powered on one after the "
            "other to keep it. Not bounded when not given.",
            Impact.IN_PLACE,
        ),
    ] = None
    renewable_share: Annotated[
        Ratio, Spec("Share of energy under renewable contracts.", Impact.NONE)
    ] = 0.0
    electricity: Annotated[
        EnergyPrice | None,
        Spec("Contracted price; the catalog's for the place when not given.", Impact.NONE),
    ] = None
    carbon: Annotated[
        CarbonIntensity | None,
        Spec("Grid intensity; the catalog's for the place when not given.", Impact.NONE),
    ] = None
    supply_air: Annotated[Temperature | None, Spec("Cold aisle temperature.", Impact.NONE)] = None
    leak_detection: Annotated[
        Flag, Spec("Leak detection with shut-off on liquid loops.", Impact.NONE)
    ] = False


class FacilitySite(Named):
    """What on-prem and edge sites share."""

    location: Annotated[Location, Spec("Where the site is.", Impact.REPLACE)]
    facility: Annotated[Facility, Spec("Power, cooling and racks.", Impact.REPLACE)]
    addresses: Annotated[
        Cidr,
        Spec("Block that all of the site's addresses are taken from.", Impact.REPLACE),
    ] = "10.0.0.0/10"
    domain: Annotated[
        Name | None,
        Spec("DNS domain of the site's hosts; `<site>.internal` if absent.", Impact.REPLACE),
    ] = None


class OnPremSite(FacilitySite):
    """A site of one's own, or a colocation hall."""

    kind: Annotated[Literal["on-prem"], Spec("An on-prem site.", Impact.REPLACE)]


class EdgeSite(FacilitySite):
    """A small site at the edge: a plant, a shop, a hospital."""

    kind: Annotated[Literal["edge"], Spec("An edge site.", Impact.REPLACE)]
    store_and_forward: Annotated[
        Flag, Spec("Keeps working and buffers results when the link is down.", Impact.IN_PLACE)
    ] = False


class AwsSite(Named):
    """An AWS region in one account."""

    kind: Annotated[Literal["aws"], Spec("An AWS site.", Impact.REPLACE)]
    region: Annotated[
        Name, Spec("AWS region.", Impact.REPLACE, example="eu-central-1", catalog="aws_regions")
    ]
    account: Annotated[
        Deferred,
        Spec(
            "Account number, or an `${env:NAME}` reference to it.",
            Impact.REPLACE,
            example="${env:AWS_ACCOUNT_ID}",
        ),
    ]
    addresses: Annotated[Cidr, Spec("CIDR block of the VPC.", Impact.REPLACE)] = "10.64.0.0/16"
    availability_zones: Annotated[
        tuple[Literal["a", "b", "c", "d", "e", "f"], ...],
        Field(min_length=2),
        Spec("Zone letters to spread subnets over; compute stays in the first.", Impact.REPLACE),
    ] = ("a", "b")
    flow_logs: Annotated[Flag, Spec("VPC flow logs.", Impact.IN_PLACE)] = True


Site = Annotated[OnPremSite | EdgeSite | AwsSite, Field(discriminator="kind")]


class Link(Named):
    """A link between two sites."""

    between: Annotated[
        tuple[Name, Name],
        Spec("The two sites.", Impact.REPLACE, refers_to="sites"),
    ]
    kind: Annotated[
        Literal["direct-connect", "vpn", "dark-fiber", "internet"],
        Spec("How the sites are joined.", Impact.REPLACE),
    ]
    bandwidth: Annotated[BitRate, Spec("Bandwidth of one path.", Impact.IN_PLACE)]
    redundancy: Annotated[Positive, Spec("Independent paths.", Impact.IN_PLACE)] = 1
    encryption: Annotated[
        Literal["macsec", "ipsec", "tls", "none"],
        Spec("Encryption of the link.", Impact.IN_PLACE),
    ] = "none"
    length_km: Annotated[Count | None, Spec("Route length in kilometres.", Impact.NONE)] = None

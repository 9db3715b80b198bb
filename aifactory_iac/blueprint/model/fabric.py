"""Networks: what they serve, on which technology, with how much room to grow."""

from typing import Annotated, Literal

from pydantic import Field

from aifactory_iac.blueprint.model.base import (
    Layer,
    Name,
    Named,
    Number,
    Positive,
    SecretRef,
    Text,
    Trust,
)
from aifactory_iac.blueprint.spec import Impact, Spec

Technology = Literal["infiniband-ndr", "infiniband-xdr", "ethernet-roce", "ethernet", "efa"]
NetworkRole = Literal["compute", "storage", "in-band", "out-of-band"]


class Oversubscription(Layer):
    """Downlink over uplink bandwidth at the leaves."""

    at_most: Annotated[
        Number,
        Field(ge=1.0, le=64.0),
        Spec("Highest ratio allowed; 1.0 is non-blocking.", Impact.DRAIN),
    ]


class Growth(Layer):
    """The size the network must reach without moving a cable."""

    scalable_units: Annotated[
        Positive | None, Spec("Scalable units of the served pools.", Impact.REPLACE)
    ] = None
    nodes: Annotated[Positive | None, Spec("Nodes of the served pools.", Impact.REPLACE)] = None


class Manager(Layer):
    """Where the subnet manager is told of partitions, and by whom."""

    address: Annotated[
        Name,
        Spec(
            "Name or address of the UFM, of the switch, or of the host that opensm runs on.",
            Impact.IN_PLACE,
            example="ufm.dc1.internal",
        ),
    ]
    credentials: Annotated[SecretRef, Spec("User and password of the manager.", Impact.IN_PLACE)]
    tls: Annotated[
        Trust, Spec("Which certificate, or host key, the manager must show.", Impact.IN_PLACE)
    ] = "site-ca"
    pin: Annotated[
        Name | None,
        Spec(
            "For `pinned`: SHA-256 of the UFM's certificate, or else the host key.", Impact.IN_PLACE
        ),
    ] = None
    exception: Annotated[
        Text | None, Spec("Why nothing is verified, for `insecure`.", Impact.IN_PLACE)
    ] = None


class Network(Named):
    """One network of a site."""

    serves: Annotated[
        tuple[Name, ...],
        Field(min_length=1),
        Spec("The pools on this network; all at one site.", Impact.REPLACE, refers_to="compute"),
    ]
    phase: Annotated[
        Positive,
        Spec(
            "Build-out phase in which it joins the site; what a later phase brings is placed after "
            "what is there. Within a phase the order is by name.",
            Impact.REPLACE,
        ),
    ] = 1
    role: Annotated[
        NetworkRole | None,
        Spec(
            "What it carries; the network's own name when that is a role, else compute.",
            Impact.REPLACE,
        ),
    ] = None
    technology: Annotated[
        Technology | None,
        Spec("Link technology; EFA at cloud sites, else it must be given.", Impact.REPLACE),
    ] = None
    switch: Annotated[
        Name | None,
        Spec(
            "Switch model; the technology's usual one when not given.",
            Impact.REPLACE,
            example="QM9700",
            catalog="switches",
        ),
    ] = None
    topology: Annotated[
        Literal["rail-optimized", "fat-tree"],
        Spec("How a node's ports are spread over leaves.", Impact.REPLACE),
    ] = "rail-optimized"
    oversubscription: Annotated[
        Oversubscription, Spec("Bound on leaf oversubscription.", Impact.DRAIN)
    ] = Oversubscription.model_construct(at_most=1.0)
    planes: Annotated[
        Positive,
        Field(le=8),
        Spec("Independent planes, each with its own switches.", Impact.REPLACE),
    ] = 1
    subnet_manager: Annotated[
        Literal["ufm", "switch", "opensm"] | None,
        Spec(
            "Where the InfiniBand subnet manager runs; UFM takes leaf ports, so node slots.",
            Impact.DRAIN,
        ),
    ] = None
    manager: Annotated[
        Manager | None,
        Spec(
            "How the InfiniBand subnet manager is reached; where it runs on the switches, the "
            "first leaf by their credentials when not given.",
            Impact.IN_PLACE,
        ),
    ] = None
    credentials: Annotated[
        SecretRef | None,
        Spec(
            "User and password of the switches; without them nothing is ever written to one.",
            Impact.IN_PLACE,
        ),
    ] = None
    tls: Annotated[
        Trust, Spec("Which certificate, or host key, a switch must show.", Impact.IN_PLACE)
    ] = "site-ca"
    pins: Annotated[
        dict[Name, Name],
        Spec(
            "For `pinned`: by switch, SHA-256 of its certificate, or the host key of one that is "
            "reached over SSH.",
            Impact.IN_PLACE,
        ),
    ] = Field(default_factory=dict)
    exception: Annotated[
        Text | None, Spec("Why nothing is verified, for `insecure`.", Impact.IN_PLACE)
    ] = None
    grows_to: Annotated[Growth | None, Spec("Size to leave room for.", Impact.REPLACE)] = None
    mtu: Annotated[
        Positive | None,
        Spec("MTU in bytes; the technology's usual one when not given.", Impact.DRAIN),
    ] = None

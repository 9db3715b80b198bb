"""The two documents a user writes: a blueprint, and a stack that deploys one."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from aifactory_iac.blueprint.model.base import Layer, Name, SecretRef
from aifactory_iac.blueprint.model.compute import Pool
from aifactory_iac.blueprint.model.fabric import Network
from aifactory_iac.blueprint.model.governance import Governance
from aifactory_iac.blueprint.model.orchestration import Orchestration
from aifactory_iac.blueprint.model.sites import Link, Site
from aifactory_iac.blueprint.model.storage import Storage
from aifactory_iac.blueprint.spec import Impact, Spec

ApiVersion = Annotated[
    Literal["aifactory/v1"], Spec("Version of the blueprint language.", Impact.NONE)
]
DocumentName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$")]


class Metadata(Layer):
    """What the document is."""

    name: Annotated[DocumentName, Spec("Name; a change moves every resource.", Impact.REPLACE)]
    version: Annotated[Version, Spec("Semantic version.", Impact.NONE)] = "0.0.0"
    title: Annotated[Name | None, Spec("One line for people.", Impact.NONE)] = None
    description: Annotated[str | None, Spec("More for people.", Impact.NONE)] = None
    owner: Annotated[Name | None, Spec("Who answers for it.", Impact.NONE)] = None


class Blueprint(Layer):
    """A whole AI factory; every layer typed, every link a name."""

    apiVersion: ApiVersion  # noqa: N815 - the document's own key, as in Kubernetes
    kind: Annotated[Literal["Blueprint"], Spec("A blueprint.", Impact.NONE)]
    metadata: Annotated[Metadata, Spec("What the document is.", Impact.REPLACE)]
    extends: Annotated[
        Name | None,
        Spec(
            "Parent: a library blueprint with a version range, or a path.",
            Impact.NONE,
            example="onprem-training@^1",
        ),
    ] = None
    parameters: Annotated[
        dict[str, Any],
        Spec("Declared parameters; each is a JSON Schema with a `default`.", Impact.NONE),
    ] = Field(default_factory=dict)
    sites: Annotated[
        tuple[Site, ...], Field(min_length=1), Spec("Where the factory stands.", Impact.REPLACE)
    ]
    links: Annotated[tuple[Link, ...], Spec("Links between sites.", Impact.REPLACE)] = ()
    compute: Annotated[
        tuple[Pool, ...], Field(min_length=1), Spec("Compute pools.", Impact.REPLACE)
    ]
    fabric: Annotated[tuple[Network, ...], Spec("Networks.", Impact.REPLACE)] = ()
    storage: Annotated[Storage, Spec("Storage tiers and datasets.", Impact.DATA_LOSS)] = (
        Storage.model_construct()
    )
    orchestration: Annotated[
        Orchestration, Spec("Clusters, services and workloads.", Impact.REPLACE)
    ] = Orchestration.model_construct()
    governance: Annotated[Governance, Spec("Rules the factory answers to.", Impact.IN_PLACE)] = (
        Governance()
    )


class Backend(Layer):
    """Where state is kept and how it is encrypted."""

    url: Annotated[
        Name, Spec("Pulumi backend URL; a local folder when not given.", Impact.NONE)
    ] = "file://./.aifactory/state"
    secrets: Annotated[Name, Spec("Secrets provider: `passphrase` or a KMS URL.", Impact.NONE)] = (
        "passphrase"
    )
    passphrase: Annotated[SecretRef | None, Spec("Where the passphrase is kept.", Impact.NONE)] = (
        None
    )


class StackMetadata(Layer):
    """What the deployment is."""

    name: Annotated[DocumentName, Spec("Name of the deployment.", Impact.REPLACE)]
    title: Annotated[Name | None, Spec("One line for people.", Impact.NONE)] = None


class Stack(Layer):
    """One deployment of a blueprint."""

    apiVersion: ApiVersion  # noqa: N815
    kind: Annotated[Literal["Stack"], Spec("A stack.", Impact.NONE)]
    metadata: Annotated[StackMetadata, Spec("What the deployment is.", Impact.REPLACE)]
    blueprint: Annotated[
        Name, Spec("A library blueprint with a version range, or a path.", Impact.NONE)
    ]
    parameters: Annotated[
        dict[str, Any], Spec("Values of the blueprint's parameters.", Impact.NONE)
    ] = Field(default_factory=dict)
    overlay: Annotated[
        dict[str, Any],
        Spec("A partial blueprint, merged over the blueprint by name.", Impact.NONE),
    ] = Field(default_factory=dict)
    backend: Annotated[Backend, Spec("Where state is kept.", Impact.NONE)] = (
        Backend.model_construct()
    )
    catalog: Annotated[tuple[Name, ...], Spec("Catalog overlay files.", Impact.NONE)] = ()
    waivers: Annotated[Name | None, Spec("Waiver file.", Impact.NONE)] = None

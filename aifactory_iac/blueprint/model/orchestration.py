"""Clusters, their schedulers and services."""

from typing import Annotated, Literal

from pydantic import Field

from aifactory_iac.blueprint.model.base import Cidr, Flag, Layer, Name, Named
from aifactory_iac.blueprint.model.workloads import Workload
from aifactory_iac.blueprint.quantity import Duration
from aifactory_iac.blueprint.spec import Impact, Spec

Service = Literal[
    "gpu", "network", "topology", "metrics", "logs", "model-registry", "storage", "certificates"
]


class Endpoint(Layer):
    """Who may reach the cluster's API."""

    public: Annotated[Flag, Spec("Reachable from the internet.", Impact.IN_PLACE)] = False
    allowed: Annotated[
        tuple[Cidr, ...], Spec("Networks that may reach a public endpoint.", Impact.IN_PLACE)
    ] = ()


class Cluster(Named):
    """A Kubernetes or Slurm cluster over pools of one site."""

    site: Annotated[Name, Spec("The site.", Impact.REPLACE, refers_to="sites")]
    kind: Annotated[Literal["kubernetes", "slurm"], Spec("What runs the jobs.", Impact.REPLACE)] = (
        "kubernetes"
    )
    distribution: Annotated[
        Literal["eks", "rke2", "kubeadm", "k3s", "slurm"] | None,
        Spec("Distribution; `eks` on AWS and `rke2` on-prem when not given.", Impact.REPLACE),
    ] = None
    version: Annotated[
        Name | None, Spec("Version, such as `1.34`.", Impact.ROLLING, example="1.34")
    ] = None
    pools: Annotated[
        tuple[Name, ...],
        Field(min_length=1),
        Spec("Pools that are its nodes.", Impact.DRAIN, refers_to="compute"),
    ]
    scheduler: Annotated[
        Literal["kueue", "kai", "slurm", "default"], Spec("Batch scheduler.", Impact.DRAIN)
    ] = "kueue"
    endpoint: Annotated[Endpoint, Spec("Who may reach the API.", Impact.IN_PLACE)] = (
        Endpoint.model_construct()
    )
    encrypt_secrets: Annotated[
        Flag, Spec("Kubernetes secrets are enveloped with a customer key.", Impact.REPLACE)
    ] = True
    control_plane_logs: Annotated[
        tuple[Literal["api", "audit", "authenticator", "controllerManager", "scheduler"], ...],
        Spec("Control-plane logs that are kept.", Impact.IN_PLACE),
    ] = ("api", "audit", "authenticator", "controllerManager", "scheduler")
    log_retention: Annotated[
        Duration, Spec("How long control-plane logs are kept.", Impact.DATA_LOSS)
    ] = Duration.parse("365 d")


class Orchestration(Layer):
    """Clusters, services and workloads."""

    clusters: Annotated[tuple[Cluster, ...], Spec("Clusters.", Impact.REPLACE)] = ()
    services: Annotated[
        tuple[Service, ...], Spec("Platform services on every Kubernetes cluster.", Impact.ROLLING)
    ] = ()
    workloads: Annotated[
        tuple[Workload, ...], Spec("What the factory is for.", Impact.IN_PLACE)
    ] = ()

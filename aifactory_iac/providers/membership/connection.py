"""From how a cluster is reached to its scheduler, open for as long as it is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    Drains,
    WrongClusterError,
)
from aifactory_iac.providers.membership.draining import Draining
from aifactory_iac.providers.membership.policy import DrainPolicy
from aifactory_iac.providers.membership.scheduler import Scheduler
from aifactory_iac.providers.secrets import SecretError
from aifactory_iac.providers.surroundings import Surroundings

STORE = "cluster"
"""Store of the reference that is used when none was given; a lab answers to it as well."""

ACCESS_FILE = "access"
"""In a cluster's own folder: where an install leaves the kubeconfig, or the path of slurm.conf."""


def folder_of(around: Surroundings, cluster: str) -> Path:
    """The folder that the files of a cluster are kept in, by its id such as `fra1/metal`."""
    return around.settings.state_dir / "clusters" / cluster


def access_text(around: Surroundings, cluster: str, access: Mapping[str, str] | None) -> str:
    """The kubeconfig of a cluster, or how its Slurm is reached; read anew whenever it is used.

    Raises:
        SecretError: It is not there yet; the text says where it was looked for.
    """
    if access is not None:
        return around.secrets.text(access)
    if f"{STORE}:{cluster}" in around.secrets.instead:
        return around.secrets.text({"store": STORE, "path": cluster})
    place = folder_of(around, cluster) / ACCESS_FILE
    if not place.is_file():
        raise SecretError(
            f"no `access` was given and there is no file {ACCESS_FILE} in the cluster's folder "
            f"{place.parent}"
        )
    return around.secrets.text({"store": "file", "path": str(place)})


@asynccontextmanager
async def connected(
    kind: str, text: str, owner: str, around: Surroundings
) -> AsyncIterator[Scheduler]:
    """The scheduler that an access text leads to; `owner` is whose marks it leaves.

    Raises:
        AccessRefusedError: The text cannot be used.
    """
    if kind == "slurm":
        from aifactory_iac.providers.membership.slurm.commands import SlurmAccess, local
        from aifactory_iac.providers.membership.slurm.nodes import SlurmNodes

        yield SlurmNodes(local(SlurmAccess.read(text)), owner)
        return
    from aifactory_iac.providers.membership.kubernetes.api import KubernetesApi
    from aifactory_iac.providers.membership.kubernetes.kubeconfig import read_kubeconfig
    from aifactory_iac.providers.membership.kubernetes.nodes import KubernetesNodes

    async with KubernetesApi(read_kubeconfig(text), around.clock) as api:
        yield KubernetesNodes(api, owner)


async def same_cluster(scheduler: Scheduler, known: str) -> str:
    """The cluster's identity, which is asked for before anything else.

    Raises:
        WrongClusterError: It is not the one that is known.
    """
    now = await scheduler.identity()
    if known and now != known:
        raise WrongClusterError(
            f"{scheduler.by} is another cluster ({now}) than the one that was joined ({known})"
        )
    return now


@asynccontextmanager
async def drains(
    cluster: str,
    kind: str,
    owner: str,
    around: Surroundings,
    *,
    access: Mapping[str, str] | None = None,
    policy: Mapping[str, object] | None = None,
    reason: str = "is to be worked on",
) -> AsyncIterator[Drains]:
    """What empties nodes of a cluster for the machine engine, under an owner mark of its own.

    Raises:
        SchedulerError: The cluster cannot be reached, or its access cannot be read.
    """
    try:
        text = access_text(around, cluster, access)
    except SecretError as error:
        raise AccessRefusedError(f"{cluster}: {error}") from None
    async with connected(kind, text, owner, around) as scheduler:
        await scheduler.identity()
        yield Draining(
            scheduler,
            around.clock,
            DrainPolicy.of(policy or {}),
            reason,
            around.settings.pace,
            lambda: held_back(around),
        )


def held_back(around: Surroundings) -> str:
    """Why nothing may be written just now; empty when it may."""
    if around.cancelled.is_set():
        return "the run was cancelled"
    if around.frozen:
        return f"writes are frozen while {around.settings.freeze} exists"
    return ""

"""Which pods of a node a drain moves, and which are none of its business.

The classes are those of `kubectl drain`, but memory-backed `emptyDir` volumes (`/dev/shm` of nearly
every GPU pod) hold nothing that outlives a process, so they do not count as local storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.membership.scheduler import Workload

MIRROR = "kubernetes.io/config.mirror"
"""On the API server's copy of a static pod: only its file on the node can end it."""


def workload(pod: Mapping[str, Any]) -> Workload | None:
    """A pod as work of its node; None once it has ended."""
    meta, spec = pod["metadata"], pod.get("spec", {})
    if pod.get("status", {}).get("phase") in ("Succeeded", "Failed"):
        return None
    controller = next(
        (each for each in meta.get("ownerReferences", ()) if each.get("controller")), None
    )
    mirrored = MIRROR in meta.get("annotations", {})
    held = ""
    if controller is None:
        held = "unmanaged"
    elif any(_on_disk(volume) for volume in spec.get("volumes", ())):
        held = "local"
    return Workload(
        name=f"{meta['namespace']}/{meta['name']}",
        key=meta["uid"],
        stays=mirrored or (controller is not None and controller["kind"] == "DaemonSet"),
        held=held,
        leaving="deletionTimestamp" in meta,
    )


def _on_disk(volume: Mapping[str, Any]) -> bool:
    empty = volume.get("emptyDir")
    return empty is not None and (empty or {}).get("medium") != "Memory"

"""What an API server says of its cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aifactory_iac.providers.membership.drain import AccessRefusedError, SchedulerError
from aifactory_iac.providers.membership.kubernetes.api import KubernetesApi
from aifactory_iac.providers.membership.standing import Encryption, Standing

TENANT = "aifactory/tenant"

_ENCRYPTS = re.compile(
    r'^apiserver_encryption_config_controller_\w+\{|transformer_prefix="k8s:enc:', re.MULTILINE
)
_ANY_STORAGE = re.compile(r"^apiserver_storage_\w+", re.MULTILINE)


async def look(api: KubernetesApi, identity: str) -> Standing:
    """One look, without a write. Raises `SchedulerError`."""
    version = await api.get("/version")
    nodes = await all_nodes(api)
    if version is None:
        raise SchedulerError(f"{api.server}: does not say its version")
    ready = [name for name, node in nodes.items() if _ready(node)]
    kept: dict[str, list[str]] = {}
    for name, node in nodes.items():
        tenant = node["metadata"].get("labels", {}).get(TENANT)
        if tenant:
            kept.setdefault(tenant, []).append(name)
    return Standing(
        identity=identity,
        version=str(version["gitVersion"]),
        nodes=tuple(nodes),
        ready=tuple(ready),
        encryption=await _encryption(api),
        kept=dict(sorted(kept.items())),
    )


async def all_nodes(api: KubernetesApi) -> dict[str, Mapping[str, Any]]:
    """Every Node by name, in order of name."""
    query = {"limit": "500"}
    found: dict[str, Mapping[str, Any]] = {}
    while True:
        page = await api.get("/api/v1/nodes", **query)
        if page is None:
            raise SchedulerError(f"{api.server}: serves no nodes")
        found |= {each["metadata"]["name"]: each for each in page.get("items", ())}
        query["continue"] = page.get("metadata", {}).get("continue", "")
        if not query["continue"]:
            return dict(sorted(found.items()))


async def _encryption(api: KubernetesApi) -> Encryption:
    """The API has no field for it, and nobody else may see the key; its metrics give it away."""
    try:
        text = await api.text("/metrics")
    except AccessRefusedError:
        return "unknown"
    if _ENCRYPTS.search(text):
        return "seen"
    return "not seen" if _ANY_STORAGE.search(text) else "unknown"


def _ready(node: Mapping[str, Any]) -> bool:
    conditions = node.get("status", {}).get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)

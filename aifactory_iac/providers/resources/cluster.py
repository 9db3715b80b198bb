"""`Cluster`: the control plane of a Kubernetes or Slurm cluster.

Without an agent on the hosts there are two things that it can do, and it does no more: it writes
the files that the servers' installs take, and it looks at the control plane once it can be reached.
Until then its status is `pending`, and `missing` says what for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aifactory_iac.providers.membership.cluster_inputs import (
    DEFAULTS,
    endpoint,
    files,
    problems,
)
from aifactory_iac.providers.membership.connection import access_text, folder_of, same_cluster
from aifactory_iac.providers.membership.drain import SchedulerError, UnreachableError
from aifactory_iac.providers.membership.standing import Standing
from aifactory_iac.providers.membership.target import digests, remove, write, written
from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Found,
    Made,
    PartialError,
    Properties,
    PropertyChange,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.secrets import SecretError
from aifactory_iac.providers.surroundings import Surroundings

REPLACING = ("distribution", "kind", "site")
SORTED = ("allowed", "names", "servers")
OUTPUTS = ("endpoint", "files", "kubeconfig", "missing", "observed", "status")
LOOK_SECONDS = 10.0


@dataclass(frozen=True)
class _Look:
    """What came of looking at a control plane; without `standing` it was not reached."""

    missing: Sequence[str]
    standing: Standing | None = None
    kubeconfig: str = ""
    server: str = ""
    again: bool = False
    """Whether waiting may help."""


class ClusterType:
    """Renders a control plane's files, and waits for it to stand."""

    token = "aifactory:metal:Cluster"  # noqa: S105 - a type token

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """Lists whose order means nothing are sorted, so that a permutation is no change."""
        del old
        inputs = {**DEFAULTS, **new}
        failures = tuple(problems(inputs))
        for name in SORTED:
            if isinstance(inputs.get(name), list | tuple) and not has_unknown(inputs[name]):
                inputs[name] = sorted(inputs[name])
        return Checked(inputs, failures)

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against the inputs, against the files, and against a control plane that is not ready."""
        changes: dict[str, PropertyChange] = {}
        known = True
        for key in sorted({*old_inputs, *new}):
            before, after = old_inputs.get(key), new.get(key)
            if has_unknown(after):
                known = False
            elif before != after:
                kind = "add" if before is None else "delete" if after is None else "update"
                changes[key] = PropertyChange(kind, replace=key in REPLACING)  # type: ignore[arg-type]
        if known and state.get("name"):
            wanted, there = digests(files(state["name"], new)), state.get("files", {})
            for path in sorted({*wanted, *there}):
                if wanted.get(path) != there.get(path):
                    changes[f'files["{path}"]'] = PropertyChange("update")
        if state.get("status", "ready") != "ready":
            changes["status"] = PropertyChange("update")
        return Difference(changes, known=known)

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """The id, such as `fra1/metal`, names the cluster's own folder as well."""
        id_ = f"{inputs['site']}/{name}"
        if preview:
            return Made("", {**inputs, **dict.fromkeys(OUTPUTS, UNKNOWN)})
        return Made(id_, await _brought(id_, name, inputs, {}, around))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """What cannot be asked is as it was, and stale. It is never gone."""
        if not inputs:
            raise ProviderError(
                f"{id_}: a cluster cannot be imported by its id alone; declare it with `access`, "
                "and what is there is adopted as it is"
            )
        look = await _look(id_, inputs, state, around)
        target = _target(id_, inputs, around)
        now = {**state, "files": written(target, state.get("files", {}))}
        if look.standing is None and state.get("status") not in (None, "pending"):
            around.log("warning", f"{id_}: {'; '.join(look.missing)}; what was last seen is kept")
            return Found({**now, "stale": True}, inputs)
        return Found(_state(state["name"], inputs, now["files"], look), inputs)

    async def update(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> Properties:
        """Writes the files anew, those that differ; servers take them at their next install."""
        if preview:
            kept = dict.fromkeys(OUTPUTS, UNKNOWN) | _kept(old, state, new)
            return {**new, **kept, "name": state["name"]}
        before, after = _target(id_, old, around), _target(id_, new, around)
        if before != after:
            remove(before, state.get("files", {}))
        return await _brought(id_, state["name"], new, state, around)

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Forgets it: files that are as we wrote them go, the servers run on."""
        remove(_target(id_, inputs, around), state.get("files", {}))


TYPE = ClusterType()


async def _brought(
    id_: str, name: str, inputs: Properties, state: Properties, around: Surroundings
) -> dict[str, Any]:
    """Raises `PartialError` when the time to wait has passed and it does not stand."""
    wanted = files(name, inputs)
    try:
        write(_target(id_, inputs, around), wanted, state.get("files", {}))
    except OSError as error:
        raise ProviderError(f"{id_}: {error.filename}: {error.strerror}") from None
    deadline = around.clock.now() + inputs["waitSeconds"]
    while True:
        look = await _look(id_, inputs, state, around)
        if not look.missing or not look.again or around.clock.now() >= deadline:
            break
        if around.cancelled.is_set():
            break
        wait = LOOK_SECONDS * around.settings.pace
        await around.clock.sleep(min(wait, deadline - around.clock.now()))
    made = _state(name, inputs, digests(wanted), look)
    if look.missing and (inputs["waitSeconds"] or not look.again):
        raise PartialError(Made(id_, made), tuple(look.missing))
    for text in look.missing:
        around.log("warning", f"{id_}: {text}")
    return made


async def _look(id_: str, inputs: Properties, state: Properties, around: Surroundings) -> _Look:
    try:
        text = access_text(around, id_, inputs.get("access"))
    except SecretError as error:
        return _Look([str(error)], again=True)
    known = str(state.get("observed", {}).get("identity", ""))
    try:
        if inputs["kind"] == "slurm":
            standing, server = await _slurm(text, known), ""
        else:
            standing, server = await _kubernetes(text, known, around)
    except UnreachableError as error:
        return _Look([str(error)], again=True)
    except SchedulerError as error:
        return _Look([str(error)])
    kubernetes = inputs["kind"] == "kubernetes"
    missing = standing.missing(
        inputs["servers"] if kubernetes else (),
        sorted(node for pool in (inputs.get("pools") or {}).values() for node in pool["nodes"]),
        inputs.get("version") or "",
        encrypt=kubernetes and inputs["encryptSecrets"],
    )
    return _Look(missing, standing, text if kubernetes else "", server, again=True)


async def _kubernetes(text: str, known: str, around: Surroundings) -> tuple[Standing, str]:
    from aifactory_iac.providers.membership.kubernetes.api import KubernetesApi
    from aifactory_iac.providers.membership.kubernetes.kubeconfig import read_kubeconfig
    from aifactory_iac.providers.membership.kubernetes.nodes import KubernetesNodes
    from aifactory_iac.providers.membership.kubernetes.standing import look

    async with KubernetesApi(read_kubeconfig(text), around.clock) as api:
        identity = await same_cluster(KubernetesNodes(api, ""), known)
        return await look(api, identity), api.server


async def _slurm(text: str, known: str) -> Standing:
    from aifactory_iac.providers.membership.slurm.commands import SlurmAccess, local
    from aifactory_iac.providers.membership.slurm.nodes import SlurmNodes
    from aifactory_iac.providers.membership.slurm.standing import look

    run = local(SlurmAccess.read(text))
    return await look(run, await same_cluster(SlurmNodes(run, ""), known))


def _state(name: str, inputs: Properties, there: Mapping[str, str], look: _Look) -> dict[str, Any]:
    """Tenants that are short of nodes are told of, but nodes join later than their cluster."""
    short = look.standing.short(inputs["reservations"]) if look.standing else []
    kubernetes = inputs["kind"] == "kubernetes"
    status = "partial" if look.missing else "ready"
    return {
        **inputs,
        "name": name,
        "endpoint": look.server or endpoint(inputs),
        "kubeconfig": look.kubeconfig,
        "status": status if look.standing else "pending",
        "missing": [*look.missing, *(short if kubernetes else [])],
        "files": dict(there),
        "observed": look.standing.document() if look.standing else {},
    }


def _kept(old: Properties, state: Properties, new: Properties) -> dict[str, Any]:
    """What an update leaves as it is: where a cluster that stands is reached, and how."""
    same = all(old.get(key) == new.get(key) for key in ("access", "address"))
    if not same or state.get("status") != "ready":
        return {}
    return {"endpoint": state["endpoint"], "kubeconfig": state["kubeconfig"]}


def _target(id_: str, inputs: Properties, around: Surroundings) -> Path:
    given = inputs.get("target")
    return Path(given).expanduser() if given else folder_of(around, id_)

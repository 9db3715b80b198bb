"""The inputs of a cluster: what is wrong with them, and which files they make."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aifactory_iac.providers.membership import labels
from aifactory_iac.providers.membership.distributions import control_plane
from aifactory_iac.providers.membership.distributions.control_plane import ControlPlane
from aifactory_iac.providers.membership.slurm import checks
from aifactory_iac.providers.membership.slurm.cluster import CONTROLLER_PORT, SlurmCluster
from aifactory_iac.providers.resource import UNKNOWN, Failure, Properties, has_unknown

KINDS = {"rke2": "kubernetes", "k3s": "kubernetes", "kubeadm": "kubernetes", "slurm": "slurm"}
"""Kind of each distribution."""

WAIT_SECONDS = (0, 86_400)
DEFAULTS: Mapping[str, Any] = {"hardening": "cis", "waitSeconds": 0}
ONLY_SLURM = ("pools", "switches")

Problems = Iterator[Failure]


def files(name: str, inputs: Properties) -> Mapping[str, str]:
    """The files of the servers and nodes, by path below the target folder."""
    if inputs["kind"] == "slurm":
        from aifactory_iac.providers.membership.slurm.files import rendered as slurm_files

        return slurm_files(SlurmCluster.of(name, inputs)) if inputs.get("pools") else {}
    from aifactory_iac.providers.membership.distributions.files import rendered

    return rendered(ControlPlane.of(name, inputs))


def endpoint(inputs: Properties) -> str:
    """Where the control plane will be reached, before anybody has reached it."""
    address = inputs.get("address") or min(inputs["servers"])
    if inputs["kind"] == "slurm":
        return f"{address}:{CONTROLLER_PORT}"
    return f"https://{address}:{control_plane.API_PORT}"


def problems(inputs: Properties) -> Problems:
    """Everything that is wrong; what is not known yet is not judged."""
    kind, distribution = inputs["kind"], inputs["distribution"]
    if UNKNOWN in (kind, distribution):
        return
    if distribution not in KINDS:
        yield Failure("distribution", f"is {distribution!r}, none of {', '.join(sorted(KINDS))}")
        return
    if KINDS[distribution] != kind:
        yield Failure(
            "distribution", f"is {distribution}, which is for {KINDS[distribution]}, not {kind}"
        )
        return
    yield from _servers(inputs["servers"], kind)
    yield from _wait(inputs)
    yield from _networks(inputs["allowed"], kind)
    yield from _names(inputs)
    if kind == "slurm":
        yield from checks.problems(inputs)
        return
    version = inputs.get("version")
    if isinstance(version, str) and (
        reason := control_plane.version_problem(distribution, version)
    ):
        yield Failure("version", reason)
    if inputs["encryptSecrets"] is False and distribution == "rke2":
        yield Failure(
            "encryptSecrets",
            "cannot be false: RKE2 always encrypts; k3s and kubeadm need not",
        )
    if inputs["hardening"] not in ("cis", "none", UNKNOWN):
        yield Failure("hardening", f"is {inputs['hardening']!r}, neither `cis` nor `none`")
    for field in ONLY_SLURM:
        if inputs.get(field) not in (None, UNKNOWN):
            yield Failure(field, f"is for Slurm, not {distribution}")


def _servers(servers: Any, kind: str) -> Problems:
    if has_unknown(servers):
        return
    if not servers:
        yield Failure("servers", "has no server in it")
    if kind == "kubernetes" and servers and len(servers) % 2 == 0:
        number = len(servers)
        yield Failure(
            "servers",
            f"has {number} servers, which bear the loss of {(number - 1) // 2}, as {number - 1} "
            "do: etcd needs an odd number",
        )
    seen: set[str] = set()
    for index, server in enumerate(servers):
        if reason := labels.node_problem(server):
            yield Failure(f"servers[{index}]", reason)
        if server in seen:
            yield Failure(f"servers[{index}]", f"has {server} twice")
        seen.add(server)


def _wait(inputs: Properties) -> Problems:
    value, (least, most) = inputs["waitSeconds"], WAIT_SECONDS
    if value is not UNKNOWN and not least <= value <= most:
        yield Failure("waitSeconds", f"is {value} s, not between {least} s and {most} s")


def _networks(allowed: Any, kind: str) -> Problems:
    if has_unknown(allowed):
        return
    if allowed and kind == "slurm":
        yield Failure(
            "allowed", "is for the API of Kubernetes; Slurm is reached with its munge key"
        )
        return
    for index, network in enumerate(allowed):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            yield Failure(f"allowed[{index}]", f"is {network!r}, no network such as 10.0.0.0/8")


def _names(inputs: Properties) -> Problems:
    named = [("address", inputs.get("address")), *_listed("names", inputs.get("names"))]
    for where, name in named:
        if isinstance(name, str) and not _address(name) and labels.node_problem(name):
            yield Failure(where, f"is {name!r}, neither a host name in lower case nor an address")


def _listed(field: str, values: Any) -> Sequence[tuple[str, Any]]:
    if values is None or values is UNKNOWN:
        return ()
    return [(f"{field}[{index}]", value) for index, value in enumerate(values)]


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True

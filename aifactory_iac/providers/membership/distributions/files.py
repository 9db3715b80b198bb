"""The files of a Kubernetes cluster, by path below its target folder."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aifactory_iac.providers.membership.distributions import kubeadm, rancher
from aifactory_iac.providers.membership.distributions.audit import policy
from aifactory_iac.providers.membership.distributions.control_plane import (
    API_PORT,
    ControlPlane,
    Material,
)
from aifactory_iac.providers.membership.distributions.firewall import nftables


def rendered(plane: ControlPlane) -> Mapping[str, str]:
    """A folder a server, and `agent` for all other machines."""
    found: dict[str, str] = {}
    for host in plane.servers:
        for name, text in _server(plane, host).items():
            found[f"servers/{host}/{name}"] = text
    if plane.distribution == "kubeadm":
        found["agent/kubeadm.yaml"] = yaml_text(*kubeadm.join(plane))
    else:
        found["agent/config.yaml"] = yaml_text(rancher.agent(plane).document())
    listed = [each.document() for each in material(plane)]
    found["material.json"] = json.dumps(listed, indent=2, sort_keys=True) + "\n"
    return dict(sorted(found.items()))


def material(plane: ControlPlane) -> Sequence[Material]:
    """Secret files that the install has to bring; nothing of them is rendered."""
    if plane.distribution == "kubeadm":
        return kubeadm.material(plane)
    return rancher.material(plane)


def _server(plane: ControlPlane, host: str) -> dict[str, str]:
    found: dict[str, str] = {}
    if plane.distribution == "kubeadm":
        first = host == plane.servers[0]
        documents = kubeadm.init(plane) if first else kubeadm.join(plane, host)
        found["kubeadm.yaml"] = yaml_text(*documents)
    else:
        found["config.yaml"] = yaml_text(rancher.server(plane, host).document())
    if plane.audit:
        found["audit-policy.yaml"] = yaml_text(policy())
    if plane.allowed:
        found["api-allowed.nft"] = nftables(_ports(plane), plane.allowed)
    return found


def _ports(plane: ControlPlane) -> tuple[int, ...]:
    """Nodes join at the same ports that people use, so their networks belong to the allowed."""
    return (API_PORT, rancher.SUPERVISOR_PORT.get(plane.distribution, API_PORT))


def yaml_text(*documents: Mapping[str, Any]) -> str:
    """YAML with keys in their order, documents apart by `---`."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    yaml.representer.ignore_aliases = lambda *_: True
    out = io.StringIO()
    yaml.dump_all([dict(each) for each in documents], out)
    return out.getvalue()

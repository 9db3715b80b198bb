"""The files of a Slurm cluster, by path below its target folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from aifactory_iac.providers.membership.distributions.control_plane import Material
from aifactory_iac.providers.membership.distributions.files import yaml_text
from aifactory_iac.providers.membership.slurm.cluster import CONTROLLER_PORT, Pool, SlurmCluster
from aifactory_iac.providers.membership.slurm.hostlist import folded

STATE = "/var/spool/slurmctld"
MUNGE_KEY = "/etc/munge/munge.key"

_HEAD = """\
AuthType=auth/munge
CredType=cred/munge
SlurmUser=slurm
SlurmctldPort={port}
SlurmctldParameters=enable_configless
StateSaveLocation={state}
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmdSpoolDir=/var/spool/slurmd
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup,task/affinity
MpiDefault=none
ReturnToService=1
SlurmdTimeout=300
"""
"""`ReturnToService=1` brings back what was only silent, never what a person took down."""


def rendered(cluster: SlurmCluster) -> Mapping[str, str]:
    """The same files on all servers: nodes get them from the controllers (configless)."""
    files = {
        "slurm.conf": "\n".join(_conf(cluster)) + "\n",
        "cgroup.conf": "ConstrainCores=yes\nConstrainRAMSpace=yes\nConstrainDevices=yes\n",
    }
    if any(pool.gpus for pool in cluster.pools.values()):
        files["gres.conf"] = "\n".join(_gres(cluster)) + "\n"
    if cluster.switches:
        name = "topology.yaml" if cluster.yaml_topology else "topology.conf"
        files[name] = _topology_yaml(cluster) if cluster.yaml_topology else _topology(cluster)
    listed = [each.document() for each in material(cluster)]
    files["material.json"] = json.dumps(listed, indent=2, sort_keys=True) + "\n"
    return dict(sorted(files.items()))


def material(cluster: SlurmCluster) -> Sequence[Material]:
    """The munge key, which lets any machine that has it speak as any user."""
    remedy = "1,024 random bytes, the same on all servers and nodes, owned by munge"
    return (Material(MUNGE_KEY, remedy, cluster.join),)


def _conf(cluster: SlurmCluster) -> Iterator[str]:
    yield f"ClusterName={cluster.name}"
    yield from (f"SlurmctldHost={host}" for host in cluster.servers)
    yield from _HEAD.format(port=CONTROLLER_PORT, state=STATE).splitlines()
    if any(pool.gpus for pool in cluster.pools.values()):
        yield "GresTypes=gpu"
    if cluster.switches:
        yield "TopologyPlugin=topology/tree"
    for name, pool in cluster.pools.items():
        yield ""
        yield f"# pool {name}"
        yield _node_line(pool)
        yield from _partitions(cluster, name, pool)


def _node_line(pool: Pool) -> str:
    gres = f" Gres={pool.gres}" if pool.gres else ""
    return (
        f"NodeName={folded(pool.nodes)} Sockets={pool.sockets} CoresPerSocket={pool.cores} "
        f"ThreadsPerCore={pool.threads} RealMemory={pool.memory}{gres} State=UNKNOWN"
    )


def _partitions(cluster: SlurmCluster, name: str, pool: Pool) -> Iterator[str]:
    """What is kept for one tenant is in a partition of its own, and in no other."""
    default = " Default=YES" if name == next(iter(cluster.pools)) else ""
    kept = {node for nodes in cluster.kept.values() for node in nodes}
    rest = [node for node in pool.nodes if node not in kept]
    if rest:
        yield f"PartitionName={name} Nodes={folded(rest)}{default} State=UP"
    for tenant, nodes in cluster.kept.items():
        mine = [node for node in nodes if node in pool.nodes]
        if mine:
            yield (
                f"PartitionName={name}-{tenant} Nodes={folded(mine)} AllowGroups={tenant} State=UP"
            )


def _gres(cluster: SlurmCluster) -> Iterator[str]:
    """Device files by name: a bare count is taken from `slurm.conf` and believed by no slurmd."""
    yield "AutoDetect=off"
    for pool in cluster.pools.values():
        if pool.gpus:
            model = f" Type={pool.model}" if pool.model else ""
            yield f"NodeName={folded(pool.nodes)} Name=gpu{model} File={pool.devices}"


def _topology(cluster: SlurmCluster) -> str:
    lines = []
    for name, switch in cluster.switches.items():
        nodes = f" Nodes={folded(switch.nodes)}" if switch.nodes else ""
        switches = f" Switches={folded(switch.switches)}" if switch.switches else ""
        lines.append(f"SwitchName={name}{nodes}{switches}")
    return "\n".join(lines) + "\n"


def _topology_yaml(cluster: SlurmCluster) -> str:
    """One tree, for all partitions."""
    switches = [
        {
            "switch": name,
            **({"nodes": folded(switch.nodes)} if switch.nodes else {}),
            **({"children": folded(switch.switches)} if switch.switches else {}),
        }
        for name, switch in cluster.switches.items()
    ]
    tree = {"topology": "fabric", "cluster_default": True, "tree": {"switches": switches}}
    # The document is a list; the shared function takes mappings, so the dash is put here.
    body = yaml_text(tree)
    return "- " + body.replace("\n", "\n  ").rstrip(" ")

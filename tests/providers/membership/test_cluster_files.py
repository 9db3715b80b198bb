"""Files of a control plane, and what the real programs say of them."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aifactory_iac.lab.clusters.programs import find
from aifactory_iac.providers.membership.cluster_inputs import files
from aifactory_iac.providers.resources.cluster import TYPE


def rendered(**change: Any) -> dict[str, str]:
    inputs = {
        "site": "fra1",
        "kind": "kubernetes",
        "distribution": "rke2",
        "servers": ["s3", "s1", "s2"],
        "encryptSecrets": True,
        "auditLogs": True,
        "allowed": ["203.0.113.0/24"],
        "reservations": {},
        "version": "1.34.2",
        "address": "api.fra1.lab",
        "names": ["10.0.0.9"],
        "join": {"store": "vault", "path": "kv/join"},
    } | change
    checked = TYPE.check(None, inputs)
    assert checked.failures == ()
    return dict(files("metal", checked.inputs))


def loaded(text: str) -> list[Any]:
    return list(YAML(typ="safe").load_all(text))


def test_the_first_server_of_rke2_begins_and_the_others_join_it():
    found = rendered()
    assert loaded(found["servers/s1/config.yaml"]) == [
        {
            "node-name": "s1",
            "token-file": "/etc/rancher/rke2/token",
            "tls-san": ["10.0.0.9", "api.fra1.lab", "s1", "s2", "s3"],
            "write-kubeconfig-mode": "0600",
            "profile": "cis",
            "secrets-encryption-provider": "secretbox",
            "audit-policy-file": "/etc/rancher/rke2/audit-policy.yaml",
            "kube-apiserver-arg": [
                "audit-log-path=/var/lib/rancher/rke2/server/logs/audit.log",
                "audit-log-maxage=30",
                "audit-log-maxbackup=10",
                "audit-log-maxsize=100",
            ],
            "node-taint": ["node-role.kubernetes.io/control-plane=true:NoSchedule"],
        }
    ]
    (second,) = loaded(found["servers/s2/config.yaml"])
    assert second["server"] == "https://api.fra1.lab:9345"
    assert loaded(found["agent/config.yaml"]) == [
        {
            "node-name": "HOSTNAME",
            "token-file": "/etc/rancher/rke2/token",
            "server": "https://api.fra1.lab:9345",
            "profile": "cis",
        }
    ]


def test_an_older_rke2_is_not_asked_for_what_it_does_not_know():
    (first,) = loaded(rendered(version="1.30")["servers/s1/config.yaml"])
    assert "secrets-encryption-provider" not in first


def test_k3s_has_options_of_its_own():
    found = rendered(distribution="k3s", version="v1.34.2+k3s1")
    (first,) = loaded(found["servers/s1/config.yaml"])
    assert first["cluster-init"] is first["secrets-encryption"] is True
    assert first["protect-kernel-defaults"] is True
    assert "profile" not in first
    assert first["kube-apiserver-arg"][0] == "audit-policy-file=/etc/rancher/k3s/audit-policy.yaml"
    (second,) = loaded(found["servers/s2/config.yaml"])
    assert second["server"] == "https://api.fra1.lab:6443"
    assert "cluster-init" not in second


def test_what_is_not_asked_for_is_not_written():
    found = rendered(
        distribution="k3s",
        encryptSecrets=False,
        auditLogs=False,
        hardening="none",
        allowed=[],
        version="1.34",
    )
    assert sorted(path for path in found if path.startswith("servers/s1")) == [
        "servers/s1/config.yaml"
    ]
    (first,) = loaded(found["servers/s1/config.yaml"])
    assert sorted(first) == [
        "cluster-init",
        "node-name",
        "node-taint",
        "tls-san",
        "token-file",
        "write-kubeconfig-mode",
    ]


def test_no_secret_is_rendered_only_where_it_is_kept():
    found = rendered(distribution="kubeadm")
    material = json.loads(found["material.json"])
    assert [(each["path"], each.get("reference")) for each in material] == [
        ("/etc/kubernetes/bootstrap.conf", {"store": "vault", "path": "kv/join"}),
        ("/etc/kubernetes/encryption.yaml", None),
        ("/etc/kubernetes/pki", None),
    ]
    assert all(each["remedy"] for each in material)
    assert not any("token:" in text or "bootstrapTokens" in text for text in found.values())


def test_kubeadm_before_1_31_takes_flags_as_a_mapping():
    _, cluster, _ = loaded(
        rendered(distribution="kubeadm", version="1.30.4")["servers/s1/kubeadm.yaml"]
    )
    assert cluster["apiVersion"] == "kubeadm.k8s.io/v1beta3"
    assert cluster["apiServer"]["extraArgs"]["audit-log-maxage"] == "30"
    _, cluster, _ = loaded(
        rendered(distribution="kubeadm", version="1.34")["servers/s1/kubeadm.yaml"]
    )
    assert cluster["kubernetesVersion"] == "stable-1.34"
    assert {"name": "audit-log-maxage", "value": "30"} in cluster["apiServer"]["extraArgs"]


def test_a_permutation_of_servers_changes_no_file():
    assert rendered() == rendered(servers=["s2", "s3", "s1"])


@pytest.mark.apiserver
@pytest.mark.parametrize("servers", [["s1"], ["s1", "s2", "s3"]])
def test_kubeadm_itself_accepts_every_file(tmp_path, servers):
    kubeadm = find("kubeadm")
    if kubeadm is None:
        pytest.skip("kubeadm is not on PATH or in AIFACTORY_LAB_BIN")
    bootstrap = tmp_path / "bootstrap.conf"
    bootstrap.write_text("there\n")
    for path, text in rendered(distribution="kubeadm", servers=servers).items():
        if path.endswith("kubeadm.yaml"):
            place = tmp_path / "kubeadm.yaml"
            # It wants the file that it would join with to be there.
            place.write_text(text.replace("/etc/kubernetes/bootstrap.conf", str(bootstrap)))
            done = subprocess.run(
                [kubeadm, "config", "validate", "--config", str(place)],
                capture_output=True,
                text=True,
            )
            assert (path, done.returncode, done.stderr) == (path, 0, "")


def test_nftables_itself_accepts_the_firewall(tmp_path):
    nft = shutil.which("nft", path=f"{os.environ['PATH']}:/usr/sbin")
    if nft is None or os.geteuid() != 0:
        pytest.skip("nft is not installed (Debian package nftables), or this is not root")
    text = rendered(allowed=["203.0.113.0/24", "10.1.0.0/16", "2001:db8::/32"])[
        "servers/s1/api-allowed.nft"
    ]
    assert "tcp dport { 6443, 9345 } ip saddr { 10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12," in text
    assert "203.0.113.0/24 } accept" in text
    (tmp_path / "rules").write_text(text)
    done = subprocess.run(
        [nft, "-c", "-f", str(tmp_path / "rules")], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


SLURM: dict[str, Any] = {
    "site": "fra1",
    "kind": "slurm",
    "distribution": "slurm",
    "servers": ["ctl2", "ctl1"],
    "encryptSecrets": True,
    "auditLogs": True,
    "allowed": [],
    "reservations": {
        "acme": [{"pool": "train", "nodes": 3}],
        "beta": [{"pool": "cpu", "nodes": 1}],
    },
    "pools": {
        "train": {
            "nodes": [f"gpu{number:03d}" for number in range(16)],
            "sockets": 2,
            "cores": 56,
            "threads": 2,
            "memory": 2_000_000,
            "gpus": 8,
            "model": "h100",
            "devices": "/dev/nvidia[0-7]",
        },
        "cpu": {"nodes": ["cpu1", "cpu2"], "sockets": 1, "cores": 8, "threads": 1, "memory": 1000},
    },
    "switches": {
        "leaf1": {"nodes": [f"gpu{number:03d}" for number in range(8)]},
        "leaf2": {"nodes": [*(f"gpu{number:03d}" for number in range(8, 16)), "cpu1", "cpu2"]},
        "spine": {"switches": ["leaf1", "leaf2"]},
    },
    "join": {"store": "vault", "path": "kv/munge"},
}


def slurm_files(**change: Any) -> dict[str, str]:
    checked = TYPE.check(None, SLURM | change)
    assert checked.failures == ()
    return dict(files("hpc", checked.inputs))


def test_the_files_of_a_slurm_cluster():
    found = slurm_files()
    lines = found["slurm.conf"].splitlines()
    assert lines[:3] == ["ClusterName=hpc", "SlurmctldHost=ctl1", "SlurmctldHost=ctl2"]
    assert "GresTypes=gpu" in lines
    assert lines[lines.index("# pool cpu") :] == [
        "# pool cpu",
        (
            "NodeName=cpu[1-2] Sockets=1 CoresPerSocket=8 ThreadsPerCore=1 RealMemory=1000 "
            "State=UNKNOWN"
        ),
        "PartitionName=cpu Nodes=cpu2 Default=YES State=UP",
        "PartitionName=cpu-beta Nodes=cpu1 AllowGroups=beta State=UP",
        "",
        "# pool train",
        (
            "NodeName=gpu[000-015] Sockets=2 CoresPerSocket=56 ThreadsPerCore=2 RealMemory=2000000 "
            "Gres=gpu:h100:8 State=UNKNOWN"
        ),
        "PartitionName=train Nodes=gpu[003-015] State=UP",
        "PartitionName=train-acme Nodes=gpu[000-002] AllowGroups=acme State=UP",
    ]
    assert found["gres.conf"] == (
        "AutoDetect=off\nNodeName=gpu[000-015] Name=gpu Type=h100 File=/dev/nvidia[0-7]\n"
    )
    assert found["topology.conf"] == (
        "SwitchName=leaf1 Nodes=gpu[000-007]\n"
        "SwitchName=leaf2 Nodes=cpu[1-2],gpu[008-015]\n"
        "SwitchName=spine Switches=leaf[1-2]\n"
    )
    assert json.loads(found["material.json"])[0]["path"] == "/etc/munge/munge.key"


def test_the_topology_is_one_file_never_both_and_never_empty():
    assert "topology.yaml" not in slurm_files(version="24.11.5")
    newer = slurm_files(version="25.05")
    assert "topology.conf" not in newer
    assert loaded(newer["topology.yaml"]) == [
        [
            {
                "topology": "fabric",
                "cluster_default": True,
                "tree": {
                    "switches": [
                        {"switch": "leaf1", "nodes": "gpu[000-007]"},
                        {"switch": "leaf2", "nodes": "cpu[1-2],gpu[008-015]"},
                        {"switch": "spine", "children": "leaf[1-2]"},
                    ]
                },
            }
        ]
    ]
    without = slurm_files(switches=None)
    assert not [path for path in without if path.startswith("topology")]
    assert "TopologyPlugin" not in without["slurm.conf"]


def test_a_pool_that_grows_moves_no_kept_node():
    grown = {**SLURM["pools"]}
    grown["train"] = {**grown["train"], "nodes": [*grown["train"]["nodes"], "gpu016"]}
    switches = {
        **SLURM["switches"],
        "leaf1": {"nodes": [*SLURM["switches"]["leaf1"]["nodes"], "gpu016"]},
    }
    text = slurm_files(pools=grown, switches=switches)["slurm.conf"]
    assert "PartitionName=train-acme Nodes=gpu[000-002] AllowGroups=acme" in text


@pytest.mark.slurm
def test_slurmctld_itself_starts_with_the_files_and_says_the_same(tmp_path):
    """The real controller, with what is this machine's put in place of what is the site's."""
    programs = {name: find(name) for name in ("slurmctld", "munged", "scontrol", "sinfo")}
    missing = [name for name, path in programs.items() if path is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (Debian packages slurm-wlm and munge)")
    found = slurm_files(servers=["localhost"])
    short = Path("/tmp") / f"aif-{secrets.token_hex(4)}"
    short.mkdir(mode=0o755)
    here = {
        "SlurmctldHost=localhost": "SlurmctldHost=localhost(127.0.0.1)",
        "SlurmUser=slurm": f"SlurmUser=root\nAuthInfo=socket={short}/munge",
        "SlurmctldPort=6817": f"SlurmctldPort={_free_port()}",
        "StateSaveLocation=/var/spool/slurmctld": f"StateSaveLocation={tmp_path}",
        "SlurmctldPidFile=/run/slurmctld.pid": f"SlurmctldPidFile={short}/slurmctld.pid",
        "ProctrackType=proctrack/cgroup": "ProctrackType=proctrack/pgid",
        "TaskPlugin=task/cgroup,task/affinity": "TaskPlugin=task/none",
        # Hosts that no name service here knows.
        "State=UNKNOWN": "State=UNKNOWN NodeAddr=127.0.0.1",
    }
    for name, text in found.items():
        for old, new in here.items():
            text = text.replace(old, new)
        (tmp_path / name).write_text(text)
    key = tmp_path / "munge.key"
    key.touch(0o600)
    key.write_bytes(base64.b64encode(secrets.token_bytes(512)))
    environment = {**os.environ, "SLURM_CONF": str(tmp_path / "slurm.conf")}
    started = []
    try:
        started.append(
            subprocess.Popen(
                [
                    str(programs["munged"]),
                    "--foreground",
                    "--force",
                    f"--socket={short}/munge",
                    f"--key-file={key}",
                    f"--seed-file={tmp_path}/seed",
                    f"--log-file={tmp_path}/munged.log",
                    f"--pid-file={short}/munged.pid",
                ],
                stderr=subprocess.DEVNULL,
            )
        )
        log = (tmp_path / "slurmctld.log").open("w")
        started.append(
            subprocess.Popen(
                [str(programs["slurmctld"]), "-c", "-D", "-f", str(tmp_path / "slurm.conf")],
                stderr=log,
                env=environment,
            )
        )

        def ask(*command: str) -> str:
            return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

        for _ in range(100):
            if "UP" in ask(str(programs["scontrol"]), "ping") or started[1].poll() is not None:
                break
            subprocess.run(["sleep", "0.1"], check=True)
        assert "UP" in ask(str(programs["scontrol"]), "ping"), (
            tmp_path / "slurmctld.log"
        ).read_text()
        assert sorted(ask(str(programs["sinfo"]), "-h", "-o", "%R %D %G").splitlines()) == [
            "cpu 1 (null)",
            "cpu-beta 1 (null)",
            "train 13 gpu:h100:8",
            "train-acme 3 gpu:h100:8",
        ]
        topology = ask(str(programs["scontrol"]), "show", "topology")
        assert "SwitchName=leaf2 Level=0 LinkSpeed=1 Nodes=cpu[1-2],gpu[008-015]" in topology
        assert "SwitchName=spine Level=1" in topology
        said = (tmp_path / "slurmctld.log").read_text()
        # Groups are those of the site's directory.
        expected = (
            "Could not find configured group",
            "state file",
            "state save file",
            "state_save",
            "MailProg",
            "No such file",
            "pmix",
        )
        errors = [line for line in said.splitlines() if "error:" in line or "warning:" in line]
        assert [line for line in errors if not any(each in line for each in expected)] == []
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(10)
        shutil.rmtree(short)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

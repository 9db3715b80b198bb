"""A Slurm controller on loopback, with a few nodes that truly run jobs on this one machine."""

from __future__ import annotations

import getpass
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aifactory_iac.lab.clusters.daemon import Daemon, DaemonError, free_port
from aifactory_iac.lab.clusters.programs import SLURM, absence, found
from aifactory_iac.lab.clusters.spec import LabCluster

READY_SECONDS = 30.0

_NVIDIA_MAJOR = 195
"""Device number of NVIDIA's character devices; nobody opens these."""


@dataclass
class SlurmLab:
    """One running controller."""

    cluster: LabCluster
    folder: Path
    programs: Mapping[str, str]
    sockets: Path
    """Short, as the path of a Unix socket must be."""
    daemons: list[Daemon] = field(default_factory=list)

    @classmethod
    async def start(cls, cluster: LabCluster, folder: Path) -> SlurmLab:
        """Starts it and its first nodes.

        Raises:
            DaemonError: A program is not there or did not come up; nothing is left running.
        """
        programs = found(SLURM)
        missing = [absence(each) for each in SLURM if each not in programs]
        if missing:
            raise DaemonError(f"{cluster.id}: {'; '.join(missing)}")
        lab = cls(cluster, folder, programs, Path(tempfile.mkdtemp(prefix="aif-")))
        try:
            await lab._start()
        except BaseException:
            await lab.stop()
            raise
        return lab

    @property
    def absent(self) -> tuple[str, ...]:
        """What it has to do without."""
        return () if self._gpus_possible else ("GPUs of Slurm nodes: device files need root",)

    @property
    def conf(self) -> Path:
        """Its slurm.conf, for `SLURM_CONF`."""
        return self.folder / "slurm.conf"

    @property
    def answer(self) -> Mapping[str, Any]:
        """What the ready line says of it."""
        name = self.cluster.id.rpartition("/")[2]
        return {
            "endpoints": {f"slurm.{name}": f"127.0.0.1:{self._port}"},
            "credentials": {f"cluster:{self.cluster.id}": str(self.folder / "access.json")},
        }

    async def stop(self) -> None:
        """Ends what was started, the last one first."""
        for daemon in reversed(self.daemons):
            await daemon.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    @property
    def _gpus_possible(self) -> bool:
        return os.geteuid() == 0

    @property
    def _running(self) -> list[str]:
        return sorted(self.cluster.nodes)[: self.cluster.running]

    async def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for place in ("state", *(f"spool/{name}" for name in self._running)):
            (self.folder / place).mkdir(parents=True, exist_ok=True)
        self._port = free_port()
        self._write_files()
        await self._start_munge()
        environment = {"SLURM_CONF": str(self.conf)}
        controller = await self._daemon(
            "slurmctld", "-c", "-D", "-f", str(self.conf), environment=environment
        )
        await controller.wait_until(self._answers, READY_SECONDS)
        for name in self._running:
            await self._daemon("slurmd", "-D", "-N", name, log=name, environment=environment)
        await controller.wait_until(self._all_idle, READY_SECONDS)

    async def _start_munge(self) -> None:
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(1024))
        munged = await self._daemon(
            "munged",
            "--foreground",
            "--force",
            f"--socket={self.sockets / 'munge'}",
            f"--key-file={key}",
            f"--seed-file={self.folder / 'munge.seed'}",
            f"--log-file={self.folder / 'munge.own.log'}",
            f"--pid-file={self.sockets / 'munge.pid'}",
        )
        await munged.wait_until(self._munge_listens, READY_SECONDS)

    async def _munge_listens(self) -> bool:
        return (self.sockets / "munge").exists()

    async def _answers(self) -> bool:
        return "UP" in await self._ask("scontrol", "ping")

    async def _all_idle(self) -> bool:
        states = await self._ask(
            "sinfo", "-h", "-N", "-n", ",".join(self._running) or "none", "-o", "%T"
        )
        return all(state == "idle" for state in states.split())

    async def _ask(self, program: str, *arguments: str) -> str:
        import asyncio

        process = await asyncio.create_subprocess_exec(
            self.programs[program],
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "SLURM_CONF": str(self.conf)},
        )
        output, _ = await process.communicate()
        return output.decode()

    async def _daemon(
        self, program: str, *flags: str, log: str = "", environment: Mapping[str, str] | None = None
    ) -> Daemon:
        name = f"{program}.{log}" if log else program
        daemon = await Daemon.start(
            name, (self.programs[program], *flags), self.folder / f"{name}.log", environment
        )
        self.daemons.append(daemon)
        return daemon

    def _write_files(self) -> None:
        self.conf.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")
        (self.folder / "gres.conf").write_text(self._gres(), encoding="utf-8")
        (self.folder / "topology.conf").write_text(self._topology(), encoding="utf-8")
        (self.folder / "access.json").write_text(
            json.dumps({"conf": str(self.conf)}), encoding="utf-8"
        )

    def _lines(self) -> Iterable[str]:
        """`config_overrides` lets this machine's nodes pretend the cores of a real one.

        Nodes are asked for a sign of life every 10 s, a third of their time-out.
        """
        user, at = getpass.getuser(), self.folder
        yield from (
            f"ClusterName={self.cluster.id.rpartition('/')[2]}",
            "SlurmctldHost=localhost(127.0.0.1)",
            f"SlurmctldPort={self._port}",
            f"SlurmUser={user}",
            f"SlurmdUser={user}",
            f"AuthInfo=socket={self.sockets / 'munge'}",
            f"SlurmdSpoolDir={at / 'spool' / '%n'}",
            f"SlurmdPidFile={self.sockets / 'slurmd.%n.pid'}",
            f"SlurmctldPidFile={self.sockets / 'slurmctld.pid'}",
            f"StateSaveLocation={at / 'state'}",
            "SelectType=select/cons_tres",
            "TopologyPlugin=topology/tree",
            "GresTypes=gpu",
            "SlurmdParameters=config_overrides",
            "ProctrackType=proctrack/pgid",
            "TaskPlugin=task/none",
            "MpiDefault=none",
            "SlurmdTimeout=30",
            "ReturnToService=2",
        )
        for name, node in sorted(self.cluster.nodes.items()):
            gpus = node.gpus if self._gpus_possible else 0
            gres = f" Gres=gpu:{gpus}" if gpus else ""
            yield (
                f"NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={free_port()} "
                f"CPUs={node.cores} RealMemory={node.memory}{gres} State=UNKNOWN"
            )
        yield "PartitionName=all Nodes=ALL Default=YES State=UP"

    def _gres(self) -> str:
        most = max((node.gpus for node in self.cluster.nodes.values()), default=0)
        if not most or not self._gpus_possible:
            return "AutoDetect=off\n"
        devices = self.folder / "dev"
        devices.mkdir(exist_ok=True)
        for number in range(most):
            device = devices / f"nvidia{number}"
            if not device.exists():
                os.mknod(device, stat.S_IFCHR | 0o600, os.makedev(_NVIDIA_MAJOR, number))
        lines = (
            f"NodeName={name} Name=gpu File={devices}/nvidia[0-{node.gpus - 1}]"
            for name, node in sorted(self.cluster.nodes.items())
            if node.gpus
        )
        return "\n".join(("AutoDetect=off", *lines)) + "\n"

    def _topology(self) -> str:
        leaves: dict[str, list[str]] = {}
        for name, node in sorted(self.cluster.nodes.items()):
            leaves.setdefault(node.leaf, []).append(name)
        lines = [f"SwitchName={leaf} Nodes={','.join(nodes)}" for leaf, nodes in leaves.items()]
        return "\n".join((*lines, f"SwitchName=spine Switches={','.join(leaves)}")) + "\n"

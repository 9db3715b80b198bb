"""A control plane without machines: etcd, an API server and whatever controllers are installed."""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aifactory_iac.lab.certificates import Authority
from aifactory_iac.lab.clusters.daemon import Daemon, DaemonError, free_port
from aifactory_iac.lab.clusters.kubelets import Kubelets
from aifactory_iac.lab.clusters.programs import CONTROLLERS, KUBERNETES, absence, found
from aifactory_iac.lab.clusters.spec import LabCluster

READY_SECONDS = 120.0
"""A cold API server takes 5 to 10 s on a free core."""

ADMIN, GUEST = "admin", "guest"
"""Users of the lab: one may do everything, the other was given nothing."""


@dataclass
class KubernetesLab:
    """One running control plane."""

    cluster: LabCluster
    folder: Path
    programs: Mapping[str, str]
    daemons: list[Daemon] = field(default_factory=list)
    kubelets: Kubelets | None = None
    url: str = ""

    @classmethod
    async def start(cls, cluster: LabCluster, folder: Path) -> KubernetesLab:
        """Starts it and joins its nodes.

        Raises:
            DaemonError: A program is not there or did not come up; nothing is left running.
        """
        programs = found((*KUBERNETES, *CONTROLLERS))
        missing = [absence(each) for each in KUBERNETES if each not in programs]
        if missing:
            raise DaemonError(f"{cluster.id}: {'; '.join(missing)}")
        lab = cls(cluster, folder, programs)
        try:
            await lab._start()
        except BaseException:
            await lab.stop()
            raise
        return lab

    @property
    def absent(self) -> tuple[str, ...]:
        """What is not installed, and what the lab does without it."""
        return tuple(absence(each) for each in CONTROLLERS if each not in self.programs)

    @property
    def answer(self) -> Mapping[str, Any]:
        """What the ready line says of it."""
        name = self.cluster.id.rpartition("/")[2]
        return {
            "endpoints": {f"api.{name}": self.url},
            "kubeconfigs": {self.cluster.id: str(self.kubeconfig(ADMIN))},
            "credentials": {f"cluster:{self.cluster.id}": str(self.kubeconfig(ADMIN))},
        }

    def kubeconfig(self, user: str) -> Path:
        """The kubeconfig of a user."""
        return self.folder / f"{user}.kubeconfig"

    async def stop(self) -> None:
        """Ends what was started, the last one first."""
        if self.kubelets is not None:
            await self.kubelets.stop()
        for daemon in reversed(self.daemons):
            await daemon.stop()

    async def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = self._write_identity()
        etcd = await self._start_etcd()
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        self._write_kubeconfigs(authority)
        server = await self._daemon("kube-apiserver", *self._server_flags(etcd, port))
        self.kubelets = Kubelets(self.url, self._token(ADMIN), authority.certificate)
        await server.wait_until(self.kubelets.answers, READY_SECONDS)
        await self._start_controllers()
        await self.kubelets.join(self.cluster.nodes)
        if "kwok" not in self.programs:
            self.kubelets.keep_alive()

    async def _start_etcd(self) -> str:
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        await self._daemon(
            "etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=error",
        )
        return client

    def _server_flags(self, etcd: str, port: int) -> list[str]:
        """Pods need no service account: nobody would make the default one."""
        at = self.folder
        flags = [
            f"--etcd-servers={etcd}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
            f"--tls-cert-file={at / 'server.crt'}",
            f"--tls-private-key-file={at / 'server.key'}",
            f"--token-auth-file={at / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/24",
            "--service-account-issuer=https://lab.aifactory.invalid",
            f"--service-account-key-file={at / 'signer.crt'}",
            f"--service-account-signing-key-file={at / 'signer.key'}",
            "--disable-admission-plugins=ServiceAccount",
        ]
        if self.cluster.encrypt:
            flags.append(f"--encryption-provider-config={self._encryption()}")
        if self.cluster.audit:
            flags.append(f"--audit-policy-file={self.cluster.audit}")
            flags.append(f"--audit-log-path={at / 'audit.log'}")
        return flags

    async def _start_controllers(self) -> None:
        admin = f"--kubeconfig={self.kubeconfig(ADMIN)}"
        common = (admin, "--leader-elect=false", "--secure-port=0")
        if "kube-controller-manager" in self.programs:
            await self._daemon("kube-controller-manager", *common)
        if "kube-scheduler" in self.programs:
            await self._daemon("kube-scheduler", *common)
        if "kwok" in self.programs:
            await self._daemon(
                "kwok",
                admin,
                "--manage-all-nodes=false",
                "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
                "--node-lease-duration-seconds=40",
            )

    async def _daemon(self, name: str, *flags: str) -> Daemon:
        log = self.folder / f"{name}.log"
        daemon = await Daemon.start(name, (self.programs[name], *flags), log)
        self.daemons.append(daemon)
        return daemon

    def _write_identity(self) -> Authority:
        authority = Authority("kubernetes", dt.datetime.now(tz=dt.UTC))
        for name in ("server", "signer"):
            issued = authority.issue(name, ("kubernetes", "kubernetes.default.svc"))
            self._write(f"{name}.crt", issued.certificate)
            self._write(f"{name}.key", issued.key)
        rows = [
            f'{secrets.token_hex(16)},{ADMIN},1,"system:masters"',
            f"{secrets.token_hex(16)},{GUEST},2",
        ]
        self._write("tokens.csv", "\n".join(rows) + "\n")
        return authority

    def _write_kubeconfigs(self, authority: Authority) -> None:
        data = base64.b64encode(authority.certificate.encode()).decode()
        name = self.cluster.id.rpartition("/")[2]
        for user in (ADMIN, GUEST):
            document = {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": name,
                "clusters": [
                    {
                        "name": name,
                        "cluster": {"server": self.url, "certificate-authority-data": data},
                    }
                ],
                "users": [{"name": user, "user": {"token": self._token(user)}}],
                "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
            }
            self._write(self.kubeconfig(user).name, json.dumps(document, indent=1))

    def _token(self, user: str) -> str:
        rows = (self.folder / "tokens.csv").read_text(encoding="utf-8").splitlines()
        return next(row.split(",")[0] for row in rows if row.split(",")[1] == user)

    def _encryption(self) -> Path:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        provider = {"secretbox": {"keys": [{"name": "lab", "secret": key}]}}
        document = {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "EncryptionConfiguration",
            "resources": [{"resources": ["secrets"], "providers": [provider, {"identity": {}}]}],
        }
        return self._write("encryption.json", json.dumps(document))

    def _write(self, name: str, text: str) -> Path:
        place = self.folder / name
        place.touch(mode=0o600)
        place.write_text(text, encoding="utf-8")
        return place

"""The programs that read DHCP configurations: Kea and dnsmasq, in their test modes.

Kea 2.2 lets two reservations have one host name, and dnsmasq lets them have one MAC address; both
are checked by `provisioning.collisions`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aifactory_iac.providers.install.outside.verdict import (
    Failed,
    NotChecked,
    Passed,
    Runner,
    Verdict,
    laid_out,
)


@dataclass(frozen=True, slots=True)
class KeaTest:
    """`kea-dhcp4 -t`. It opens no socket; without the variable it would want a lock file.

    Interfaces are left out of what it reads: they are those of the machine that will serve, and
    it refuses names that this one does not have.
    """

    runner: Runner = field(default_factory=Runner)
    program: str = "kea-dhcp4"
    file: str = "dhcp/kea-dhcp4.json"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on `dhcp/kea-dhcp4.json`."""
        if self.file not in files:
            return None
        document = json.loads(files[self.file])
        document["Dhcp4"]["interfaces-config"] = {"interfaces": []}
        async with laid_out({self.file: json.dumps(document).encode()}) as folder:
            ended = await self.runner.run(
                self.program,
                "-t",
                str(folder / self.file),
                environment={"KEA_LOCKFILE_DIR": "none"},
            )
        if isinstance(ended, NotChecked):
            return ended
        if ended.status == 0:
            return Passed()
        wrong = [line for line in ended.lines if "ERROR" in line or "rror" in line] or ended.lines
        return Failed(tuple(line.replace(f"{folder}/", "") for line in wrong))


@dataclass(frozen=True, slots=True)
class DnsmasqTest:
    """`dnsmasq --test`. It reads the file alone, and says `syntax check OK` on the error stream."""

    runner: Runner = field(default_factory=Runner)
    program: str = "dnsmasq"
    file: str = "dhcp/dnsmasq.conf"

    async def check(self, files: Mapping[str, bytes]) -> Verdict | None:
        """Its words on `dhcp/dnsmasq.conf`."""
        if self.file not in files:
            return None
        async with laid_out({self.file: files[self.file]}) as folder:
            ended = await self.runner.run(self.program, "--test", "-C", str(folder / self.file))
        if isinstance(ended, NotChecked):
            return ended
        if ended.status == 0:
            return Passed()
        return Failed(tuple(line.replace(f"{folder}/", "") for line in ended.lines))

"""One switch that runs MLNX-OS: running and saved configuration, and the jobs of its scheduler."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.lab.switches.device import Device, Surround, merged
from aifactory_iac.lab.switches.spec import SwitchSpec

EPOCH = dt.datetime(2026, 1, 1)
"""What its clock shows when the lab's time is zero."""


class CommandError(Exception):
    """A command that is refused; the text is as the command line words it."""


@dataclass
class Job:
    """One scheduled job."""

    commands: dict[int, str] = field(default_factory=dict)
    kind: str = ""
    due: dt.datetime | None = None
    enabled: bool = False
    done: bool = False


class MlnxSwitch(Device):
    """Its state; `mlnx_commands` has its command line."""

    def __init__(self, spec: SwitchSpec, around: Surround) -> None:
        super().__init__(spec, around)
        start = {
            "hostname": "switch-a1b2c3" if spec.factory else spec.hostname,
            "interface": {name: {} for name in _ports(spec)},
            "partition": {"Default": {"pkey": "0x7fff", "member": {"ALL": "full"}}},
            "sm": {"routing-engines": "minhop"},
        }
        self.config: dict[str, Any] = merged(start, spec.config)
        self.saved = deepcopy(self.config)
        self.jobs: dict[int, Job] = {}

    def clock(self) -> dt.datetime:
        """The switch's own time; a second of the lab's is `1 / pace` of its life."""
        pace = self.around.pace or 1.0
        return EPOCH + dt.timedelta(seconds=self.around.now() / pace)

    def settle(self) -> None:
        """Runs the jobs that are due."""
        for number, job in list(self.jobs.items()):
            if job.enabled and not job.done and job.due is not None and self.clock() >= job.due:
                job.done = True
                for _, command in sorted(job.commands.items()):
                    if command == "configuration revert saved":
                        self.revert(f"job {number}")

    @property
    def unsaved(self) -> bool:
        """Whether running and saved configuration differ."""
        return self.config != self.saved

    def revert(self, by: str) -> None:
        """Goes back to the saved configuration."""
        self.config = deepcopy(self.saved)
        self.isolated = False
        self.note("rolled-back", by=by)

    def write(self) -> None:
        """Saves."""
        self.saved = deepcopy(self.config)
        self.note("saved")

    def configure(self, command: str) -> None:
        """One configuration command. Raises `CommandError`."""
        for pattern, apply in _CONFIGURE:
            if found := re.fullmatch(pattern, command):
                before = deepcopy(self.config)
                apply(self, found)
                if self.config != before and not command.startswith("configuration "):
                    self.note("configured", command=command)
                return
        raise CommandError(f'Unrecognized command "{command.split()[0]}".')

    def job(self, number: int) -> Job:
        """A job, made when there is none."""
        return self.jobs.setdefault(number, Job())


def _ports(spec: SwitchSpec) -> Iterator[str]:
    for number in range(1, spec.ports + 1):
        if spec.per_cage == 1:
            yield f"1/{number}"
        else:
            yield from (f"1/{number}/{port}" for port in range(1, spec.per_cage + 1))


def _hostname(switch: MlnxSwitch, found: re.Match[str]) -> None:
    switch.config["hostname"] = found[1]


def _interface(switch: MlnxSwitch, found: re.Match[str]) -> None:
    no, port, what, value = found[1], found[2], found[3], found[4]
    if port not in switch.config["interface"]:
        raise CommandError(f"Invalid interface ib {port}")
    if no:
        switch.config["interface"][port].pop(what, None)
    elif what == "mtu" and value not in ("256", "512", "1K", "2K", "4K"):
        raise CommandError(f"Invalid MTU {value}")
    else:
        switch.config["interface"][port][what] = value


def _partition(switch: MlnxSwitch, found: re.Match[str]) -> None:
    name, pkey = found[1], int(found[2], 16)
    taken = {
        other
        for other, each in switch.config["partition"].items()
        if int(each["pkey"], 16) == pkey and other != name
    }
    if not 1 <= pkey <= 0x7FFF or (pkey == 0x7FFF and name != "Default"):
        raise CommandError("Invalid PKey")
    if taken:
        raise CommandError(f"PKey is used by partition {sorted(taken)[0]}")
    switch.config["partition"].setdefault(name, {"member": {}})["pkey"] = f"0x{pkey:04x}"


def _no_partition(switch: MlnxSwitch, found: re.Match[str]) -> None:
    if switch.config["partition"].pop(found[1], None) is None:
        raise CommandError(f"Partition {found[1]} does not exist")


def _member(switch: MlnxSwitch, found: re.Match[str]) -> None:
    no, name, guid, kind = found[1], found[2], found[3], found[4]
    if name not in switch.config["partition"]:
        raise CommandError(f"Partition {name} does not exist")
    if guid != "ALL" and not re.fullmatch(r"([0-9a-f]{2}:){7}[0-9a-f]{2}", guid):
        raise CommandError("Invalid port GUID")
    members = switch.config["partition"][name]["member"]
    if no:
        members.pop(guid, None)
    else:
        members[guid] = kind


def _routing(switch: MlnxSwitch, found: re.Match[str]) -> None:
    switch.config["sm"]["routing-engines"] = found[1]


def _job_command(switch: MlnxSwitch, found: re.Match[str]) -> None:
    switch.job(int(found[1])).commands[int(found[2])] = found[3]


def _job_type(switch: MlnxSwitch, found: re.Match[str]) -> None:
    switch.job(int(found[1])).kind = found[2]


def _job_time(switch: MlnxSwitch, found: re.Match[str]) -> None:
    due = dt.datetime.strptime(f"{found[3]} {found[2]}", "%Y/%m/%d %H:%M:%S")
    switch.job(int(found[1])).due = due


def _job_enable(switch: MlnxSwitch, found: re.Match[str]) -> None:
    switch.job(int(found[1])).enabled = True
    switch.note("armed", job=int(found[1]))


def _no_job(switch: MlnxSwitch, found: re.Match[str]) -> None:
    if switch.jobs.pop(int(found[1]), None) is None:
        raise CommandError(f"Job {found[1]} does not exist")
    switch.note("disarmed", job=int(found[1]))


def _revert(switch: MlnxSwitch, found: re.Match[str]) -> None:  # noqa: ARG001
    switch.revert("command")


def _write(switch: MlnxSwitch, found: re.Match[str]) -> None:  # noqa: ARG001
    switch.write()


_NAME = r"([A-Za-z0-9_-]+)"
_CONFIGURE = (
    (r"hostname (\S+)", _hostname),
    (r"(no )?interface ib ([\d/]+) (mtu|description)(?: (\S+))?", _interface),
    (rf"ib partition {_NAME} pkey (0x[0-9a-f]+) force", _partition),
    (rf"no ib partition {_NAME}", _no_partition),
    (rf"(no )?ib partition {_NAME} member (\S+)(?: type (full|limited) force)?", _member),
    (r"ib sm routing-engines (\S+)", _routing),
    (r'job (\d+) command (\d+) "(.+)"', _job_command),
    (r"job (\d+) schedule type (\w+)", _job_type),
    (r"job (\d+) schedule once time ([\d:]+) date ([\d/]+)", _job_time),
    (r"job (\d+) enable", _job_enable),
    (r"no job (\d+)", _no_job),
    (r"configuration revert saved", _revert),
    (r"configuration write", _write),
)

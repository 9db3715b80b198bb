"""The command line of an emulated MLNX-OS switch, as `cli -h "..." "..."` runs it."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from aifactory_iac.lab.switches.mlnx_model import CommandError, MlnxSwitch

Result = tuple[str, str, int]


def run(switch: MlnxSwitch, command: str, text: str) -> Result:  # noqa: ARG001
    """Runs the lines of one session, and stops at the first that is refused."""
    switch.settle()
    words = shlex.split(command)
    if words[:2] != ["cli", "-h"]:
        return "", "UNIX shell commands cannot be executed using this account.", 1
    mode, printed = "standard", ""
    for line in words[2:]:
        try:
            mode, shown = _line(switch, line, mode)
        except CommandError as error:
            return f"{printed}% {error}\n", "", 1
        printed += shown
    return printed, "", 0


def lied(command: str) -> Result:  # noqa: ARG001
    """The text of commands that did nothing: none, as of those that did."""
    return "", "", 0


def _line(switch: MlnxSwitch, line: str, mode: str) -> tuple[str, str]:
    """The mode after a line, and what it printed."""
    if line == "enable":
        return "enable", ""
    if line == "configure terminal":
        if mode == "standard":
            raise CommandError('Unrecognized command "configure".')
        return "config", ""
    if line in _SHOW:
        if mode == "standard":
            raise CommandError(f'Unrecognized command "{line.split()[1]}".')
        return mode, _SHOW[line](switch)
    if mode != "config":
        raise CommandError(f'Unrecognized command "{line.split()[0]}".')
    switch.configure(line)
    return mode, ""


def _version(switch: MlnxSwitch) -> str:
    return (
        "Product name:      MLNX-OS\n"
        "Product release:   3.11.2202\n"
        "Build ID:          #1-dev\n"
        f"Product model:     {switch.spec.model or 'QM9700'}\n"
        "Host ID:           B83FD2A1B2C3\n"
        f"System serial num: {switch.serial}\n"
    )


def _running(switch: MlnxSwitch) -> str:
    lines = [
        "##",
        '## Running database "initial"',
        f"## Generated at {switch.clock():%Y/%m/%d %H:%M:%S} +0000",
        f"## Hostname: {switch.config['hostname']}",
        "##",
        "",
        "##",
        "## Interface Infiniband configuration",
        "##",
    ]
    for port, settings in switch.config["interface"].items():
        lines += [f"   interface ib {port} {what} {value}" for what, value in settings.items()]
    lines += [
        "##",
        "## Other IP configuration",
        "##",
        f"   hostname {switch.config['hostname']}",
        f"   ib sm routing-engines {switch.config['sm']['routing-engines']}",
    ]
    return "\n".join(lines) + "\n"


def _partitions(switch: MlnxSwitch) -> str:
    text = ""
    for name, each in switch.config["partition"].items():
        text += f"\n{name}:\n  PKey : 0x{int(each['pkey'], 16):04X}\n  ipoib: yes\n  members:\n"
        for guid, kind in each["member"].items():
            text += f"    GUID='{guid}' member='{kind}'\n"
    return text


def _files(switch: MlnxSwitch) -> str:
    return (
        "initial (active)\ninitial.bak\n\nActive configuration: initial\n"
        f"Unsaved changes     : {'yes' if switch.unsaved else 'no'}\n"
    )


def _clock(switch: MlnxSwitch) -> str:
    now = switch.clock()
    return (
        f"Time: {now:%H:%M:%S}\nDate: {now:%Y/%m/%d}\nTime zone: UTC (Etc/UTC)\nUTC offset: same\n"
    )


def _jobs(switch: MlnxSwitch) -> str:
    text = ""
    for number, job in sorted(switch.jobs.items()):
        due = f"{job.due:%Y/%m/%d %H:%M:%S} +0000" if job.due else "N/A"
        text += (
            f"Job {number}:\n"
            f"   Status:              {'completed' if job.done else 'pending'}\n"
            f"   Enabled:             {'yes' if job.enabled else 'no'}\n"
            "   Continue on failure: no\n"
            f"   Schedule type:       {job.kind}\n"
            f"   Time and date:       {due}\n"
            "   Last exec time:      N/A\n"
            f"   Next exec time:      {'N/A' if job.done else due}\n"
            "   Commands:\n"
        )
        for sequence, command in sorted(job.commands.items()):
            text += f"      Command {sequence}: {command}\n"
        text += "\n"
    return text


_SHOW: dict[str, Callable[[MlnxSwitch], str]] = {
    "show version": _version,
    "show running-config": _running,
    "show ib partition": _partitions,
    "show configuration": _files,
    "show clock": _clock,
    "show jobs": _jobs,
}

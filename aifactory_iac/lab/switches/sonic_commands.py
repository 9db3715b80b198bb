"""The shell of an emulated SONiC switch: the commands that automation needs, with their texts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Sequence
from copy import deepcopy

from aifactory_iac.lab.switches.sonic_model import PatchError, SonicSwitch

Result = tuple[str, str, int]
"""What a command prints, what it complains of, and its exit status."""
_DONE: Result = ("", "", 0)


def run(switch: SonicSwitch, command: str, text: str) -> Result:
    """Runs one command line; `text` is its standard input."""
    switch.settle()
    bare = command.removeprefix("sudo -n ")
    if redirect := re.fullmatch(r"cat > (\S+)", bare):
        switch.files[redirect[1]] = text
        return _DONE
    words = shlex.split(bare)
    for known, handler in _COMMANDS.items():
        if words[: len(known)] == list(known):
            return handler(switch, words[len(known) :])
    return "", f"bash: {words[0] if words else ''}: command not found", 127


def lied(command: str) -> Result:
    """The text of a command that did nothing."""
    return ("Patch applied successfully.\n" if "apply-patch" in command else "", "", 0)


def _show_config(switch: SonicSwitch, words: Sequence[str]) -> Result:
    if "--print-data" not in words:
        return "", "usage: sonic-cfggen", 2
    return json.dumps(switch.config, indent=4) + "\n", "", 0


def _platform(switch: SonicSwitch, words: Sequence[str]) -> Result:  # noqa: ARG001
    board = {
        "platform": "x86_64-arista_7060x6_64pe",
        "hwsku": switch.config["DEVICE_METADATA"]["localhost"]["hwsku"],
        "asic_type": "broadcom",
        "asic_count": "1",
        "serial": switch.serial,
        "model": switch.spec.model,
        "revision": "A1",
    }
    return json.dumps(board) + "\n", "", 0


def _cat(switch: SonicSwitch, words: Sequence[str]) -> Result:
    if words == ["/etc/sonic/config_db.json"]:
        return json.dumps(switch.saved, indent=4) + "\n", "", 0
    if words and words[0] in switch.files:
        return switch.files[words[0]], "", 0
    return "", f"cat: {words[0]}: No such file or directory", 1


def _remove(switch: SonicSwitch, words: Sequence[str]) -> Result:
    switch.files.pop(words[-1], None)
    return _DONE


def _checkpoint(switch: SonicSwitch, words: Sequence[str]) -> Result:
    switch.checkpoints[words[0]] = deepcopy(switch.config)
    return "Checkpoint created successfully.\n", "", 0


def _list_checkpoints(switch: SonicSwitch, words: Sequence[str]) -> Result:  # noqa: ARG001
    return json.dumps(sorted(switch.checkpoints), indent=4) + "\n", "", 0


def _delete_checkpoint(switch: SonicSwitch, words: Sequence[str]) -> Result:
    if switch.checkpoints.pop(words[0], None) is None:
        return "", f"Failed to delete config checkpoint\nCheckpoint '{words[0]}' does not exist", 2
    return "Checkpoint deleted successfully.\n", "", 0


def _apply(switch: SonicSwitch, words: Sequence[str]) -> Result:
    dry = "--dry-run" in words
    name = next(word for word in words if not word.startswith("-"))
    if name not in switch.files:
        return "", f"Failed to apply patch due to: No such file or directory: '{name}'", 2
    try:
        patch = json.loads(switch.files[name])
        if dry:
            switch.patched(patch)
            return "** DRY RUN EXECUTION **\nPatch applied successfully.\n", "", 0
        switch.apply(patch)
    except (PatchError, ValueError, KeyError) as error:
        return "", f"Failed to apply patch due to: {error}", 2
    return "Patch applied successfully.\n", "", 0


def _rollback(switch: SonicSwitch, words: Sequence[str]) -> Result:
    if not switch.roll_back(words[0], "command"):
        return "", f"Failed to rollback config\nCheckpoint '{words[0]}' does not exist", 2
    return "Config rolled back successfully.\n", "", 0


def _save(switch: SonicSwitch, words: Sequence[str]) -> Result:  # noqa: ARG001
    switch.save()
    return "Running command: /usr/local/bin/sonic-cfggen -d --print-data\n", "", 0


def _timer(switch: SonicSwitch, words: Sequence[str]) -> Result:
    options = dict(word.removeprefix("--").split("=", 1) for word in words if "=" in word)
    command = " ".join(word for word in words if not word.startswith("--"))
    unit = options["unit"]
    if unit in switch.timers:
        return "", f"Failed to start transient timer unit: Unit {unit}.timer already exists.", 1
    due = switch.around.later(float(options["on-active"].removesuffix("s")))
    switch.timers[unit] = (due, command)
    switch.note("armed", timer=unit)
    return _DONE


def _timers(switch: SonicSwitch, words: Sequence[str]) -> Result:
    prefix = words[-1].rstrip("*")
    lines = [
        f"{unit}.timer loaded active waiting {command}"
        for unit, (_, command) in sorted(switch.timers.items())
        if unit.startswith(prefix)
    ]
    return "".join(f"{line}\n" for line in lines), "", 0


def _stop(switch: SonicSwitch, words: Sequence[str]) -> Result:
    unit = words[0].removesuffix(".timer")
    if switch.timers.pop(unit, None) is None:
        return "", f"Failed to stop {words[0]}: Unit {words[0]} not loaded.", 5
    switch.note("disarmed", timer=unit)
    return _DONE


def _working(switch: SonicSwitch, words: Sequence[str]) -> Result:  # noqa: ARG001
    lines = [f"{4000 + at} {command}\n" for at, command in enumerate(switch.working)]
    return "".join(lines), "", 0 if lines else 1


_COMMANDS: dict[tuple[str, ...], Callable[[SonicSwitch, Sequence[str]], Result]] = {
    ("sonic-cfggen", "-d"): _show_config,
    ("show", "platform", "summary", "--json"): _platform,
    ("cat",): _cat,
    ("rm", "-f"): _remove,
    ("config", "checkpoint"): _checkpoint,
    ("config", "list-checkpoints"): _list_checkpoints,
    ("config", "delete-checkpoint"): _delete_checkpoint,
    ("config", "apply-patch"): _apply,
    ("config", "rollback"): _rollback,
    ("config", "save", "-y"): _save,
    ("systemd-run",): _timer,
    ("systemctl", "list-units"): _timers,
    ("systemctl", "stop"): _stop,
    ("pgrep",): _working,
}

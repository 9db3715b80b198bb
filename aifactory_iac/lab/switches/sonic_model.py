"""One switch that runs SONiC: CONFIG_DB, checkpoints, systemd timers and files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from aifactory_iac.lab.switches.device import Device, Surround, merged
from aifactory_iac.lab.switches.spec import SwitchSpec


class PatchError(Exception):
    """A patch that cannot be applied; the text is as sonic-utilities words it."""


class SonicSwitch(Device):
    """Its state; `sonic_commands` has its shell."""

    def __init__(self, spec: SwitchSpec, around: Surround) -> None:
        super().__init__(spec, around)
        start: dict[str, Any] = {
            "DEVICE_METADATA": {
                "localhost": {
                    "hostname": "sonic" if spec.factory else spec.hostname,
                    "hwsku": spec.model or "DCS-7060X6-64PE",
                    "type": "LeafRouter",
                }
            },
            "MGMT_INTERFACE": {"eth0|192.0.2.10/24": {"gwaddr": "192.0.2.1"}},
            "PORT": {
                f"Ethernet{number * 8}": {
                    "admin_status": "down",
                    "alias": f"Ethernet{number + 1}/1",
                    "mtu": "9100",
                    "speed": "800000",
                }
                for number in range(spec.ports)
            },
        }
        self.config: dict[str, Any] = merged(start, spec.config)
        self.saved = deepcopy(self.config)
        self.checkpoints: dict[str, dict[str, Any]] = {}
        self.timers: dict[str, tuple[float, str]] = {}
        self.files: dict[str, str] = {}
        self.working: list[str] = []
        """Commands that somebody runs on it just now."""

    def settle(self) -> None:
        """Runs the timers that are due."""
        now = self.around.now()
        for unit, (due, command) in list(self.timers.items()):
            if now >= due:
                del self.timers[unit]
                name = command.rsplit(" ", 1)[-1]
                self.roll_back(name, "timer")

    def patched(self, patch: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The configuration after a JSON patch. Raises `PatchError`."""
        target = deepcopy(self.config)
        for step in patch:
            _step(target, step)
        empty = sorted(table for table, rows in target.items() if not rows)
        if empty:
            tables = "s" if len(empty) != 1 else ""
            raise PatchError(
                "localhost: given patch is not valid because it will result in empty tables "
                f"which is not allowed in ConfigDb. Table{tables}: {', '.join(empty)}"
            )
        _check_models(target)
        return target

    def apply(self, patch: Sequence[Mapping[str, Any]]) -> None:
        """Puts a patch in force. Raises `PatchError`."""
        self.config = self.patched(patch)
        self.note("applied", steps=len(patch))

    def roll_back(self, name: str, by: str) -> bool:
        """Goes back to a checkpoint; false when there is none of that name."""
        if name not in self.checkpoints:
            return False
        self.config = deepcopy(self.checkpoints[name])
        self.isolated = False
        self.note("rolled-back", checkpoint=name, by=by)
        return True

    def save(self) -> None:
        """Writes the startup file."""
        self.saved = deepcopy(self.config)
        self.note("saved")


def _step(target: dict[str, Any], step: Mapping[str, Any]) -> None:
    names = [each.replace("~1", "/").replace("~0", "~") for each in step["path"].split("/")[1:]]
    place: Any = target
    for name in names[:-1]:
        if not isinstance(place, dict) or name not in place:
            raise PatchError(f"member '{name}' not found in {json.dumps(place)[:60]}")
        place = place[name]
    last, op = names[-1], step["op"]
    if op in ("remove", "replace") and last not in place:
        raise PatchError(f"can't {op} a non-existent object '{last}'")
    if op == "remove":
        del place[last]
    else:
        place[last] = deepcopy(step["value"])


def _check_models(target: Mapping[str, Any]) -> None:
    """A little of what SONiC's YANG models say."""
    for port, row in target.get("PORT", {}).items():
        if not 68 <= int(row.get("mtu", "9100")) <= 9216:
            raise PatchError(
                f'Data Loading Failed: Invalid value "{row["mtu"]}" in "mtu" element of {port}'
            )
    ports = target.get("PORT", {})
    for port in target.get("PORT_QOS_MAP", {}):
        if port != "global" and port not in ports:
            raise PatchError(f'Data Loading Failed: Leafref "{port}" of PORT_QOS_MAP is no port')

"""Our own types under the real engine, against a lab that the command line started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from aifactory_iac.lab.redfish.witness import Witness

COMMAND = [str(Path(sys.executable).with_name("aifactory")), "lab"]
HOSTS = ("dgx-su001-n01", "dgx-su001-n02")
LEAF = "in-band-leaf-dgx-001-r1"


class Lab:
    """Two DGX H100 and two switches of `superpod-h100`, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document = json.loads((folder / "lab.json").read_text())

    @property
    def environment(self) -> dict[str, str]:
        return {"AIFACTORY_LAB": str(self.folder / "lab.json"), "AIFACTORY_PACE": "0.01"}

    @property
    def witness(self) -> Witness:
        """What the controllers themselves have logged."""
        return Witness.read(self.folder / "bmc" / "witness.jsonl")

    def credentials(self, whose: str) -> str:
        """The file with the lab's own, of `bmc` or `switches`."""
        named = self.document["credentials"].items()
        (found,) = [path for reference, path in named if whose in reference]
        return found

    def password(self, whose: str) -> str:
        return json.loads(Path(self.credentials(whose)).read_text())["password"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "lab"
    arguments = ["superpod-h100", "--only", "bmc,switches", "--limit", "2", "--for", "20min"]
    subprocess.run([*COMMAND, "up", *arguments, "--dir", str(folder)], check=True, timeout=120)
    yield Lab(folder)
    subprocess.run([*COMMAND, "down", "--dir", str(folder)], check=True, timeout=60)


def group(lab, **changed):
    """A program with both machines as one group."""
    hosts = lab.document["machines"]["hosts"]
    inputs = {
        "site": "dc1",
        "pool": "dgx",
        "scalable_unit": 1,
        "system": "dgx-h100",
        "domain": "dc1.example",
        "machines": {
            name: {
                "rack": f"r{slot}",
                "unit": 1,
                "slot": slot,
                "bmc": hosts[name],
                "address": f"10.1.0.{slot}",
            }
            for slot, name in enumerate(HOSTS, start=1)
        },
        "boot": {"method": "http", "secure": True},
        "disks": {"wipe": "never", "encrypt": False},
        "rollout": {"unavailable": 1, "drain": True},
        "image": {"os": "ubuntu-24.04"},
        "bmc": {"credentials": {"store": "file", "path": "secrets/bmc.age"}, "tls": "site-ca"},
        **changed,
    }
    return f"metal.NodeGroup('dgx', **{inputs})"


def leaf(lab, mtu):
    """A program with the NVUE switch."""
    interface = {"swp1": {"type": "swp", "link": {"mtu": mtu}}}
    inputs = {
        "site": "dc1",
        "network": "in-band",
        "hostname": LEAF,
        "role": "leaf",
        "model": "sn5600",
        "os": "nvue",
        "config": {"system": {"hostname": LEAF}, "interface": interface},
        "tls": {"trust": "site-ca"},
        "address": next(each for each in lab.document["endpoints"] if each.startswith(LEAF)),
        "credentials": {"store": "file", "path": lab.credentials("switches")},
    }
    return f"metal.SwitchConfig('leaf', **{inputs})"


def test_a_group_of_machines_from_preview_to_release(plant, lab):
    stack = plant(**lab.environment)
    before = lab.witness.last
    assert stack.preview(group(lab)) == {"dgx": "create"}
    assert lab.witness.since(before).requests() == []
    assert stack.up(group(lab)) == {"dgx": "create"}
    outputs = stack.state()["dgx"]["outputs"]
    assert outputs["ready"] == 2
    assert sorted(outputs["results"]) == ["dgx-su001-n01", "dgx-su001-n02"]
    assert all(each["serial"] for each in outputs["results"].values())

    before = lab.witness.last
    assert stack.preview(group(lab)) == {"dgx": "same"}
    assert stack.up(group(lab)) == {"dgx": "same"}
    assert lab.witness.since(before).requests() == []
    assert stack.refresh() == {"dgx": "same"}
    assert lab.witness.since(before).requests() != []
    assert lab.witness.since(before).writes() == []

    changed = group(lab, power="On")
    before = lab.witness.last
    assert stack.preview(changed) == {"dgx": "update"}
    assert stack.differences == {"dgx": {"power": "add"}}
    assert lab.witness.since(before).requests() == []
    assert stack.up(changed) == {"dgx": "update"}
    assert {name: lab.witness.since(before).resets(name) for name in HOSTS} == dict.fromkeys(
        HOSTS, 1
    )
    assert lab.witness.since(before).complaints() == []
    assert stack.preview(changed) == {"dgx": "same"}

    before = lab.witness.last
    assert stack.destroy() == {"dgx": "delete"}
    assert lab.witness.since(before).writes() == []
    assert lab.password("bmc") not in stack.state_text + stack.output


def test_a_switch_from_preview_to_release(plant, lab):
    stack = plant(**lab.environment)
    first, changed = leaf(lab, 9216), leaf(lab, 1500)
    assert stack.preview(first) == {"leaf": "create"}
    assert stack.up(first) == {"leaf": "create"}
    assert stack.preview(first) == {"leaf": "same"}
    assert stack.refresh() == {"leaf": "same"}
    assert stack.preview(changed) == {"leaf": "update"}
    assert stack.up(changed) == {"leaf": "update"}
    assert stack.preview(changed) == {"leaf": "same"}
    assert stack.destroy() == {"leaf": "delete"}
    assert lab.password("switches") not in stack.state_text


def test_what_is_wrong_with_a_group_is_said_before_anything_is_asked(plant, lab):
    stack = plant(**lab.environment)
    before = lab.witness.last
    printed = stack.fails("preview", group(lab, watts=-1, power="Sleeping"))
    assert "resource 'dgx' has a problem: `power` is none of `On`, `Off`" in printed
    assert lab.witness.since(before).requests() == []


def test_one_wrong_machine_fails_alone_and_is_taken_up_again(plant, lab):
    stack = plant(**lab.environment)
    wrong = group(lab).replace("'slot': 2", "'slot': 2, 'serial': 'NOT-THIS-ONE'")
    printed = stack.fails("up", wrong)
    assert "dgx-su001-n02" in printed
    kept = stack.state()["dgx"]
    assert kept["outputs"]["ready"] == 1
    assert len(kept["initErrors"]) == 1
    assert stack.up(group(lab)) == {"dgx": "update"}
    assert stack.state()["dgx"]["outputs"]["ready"] == 2
    assert stack.destroy() == {"dgx": "delete"}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the engine as Linux does")
def test_ctrl_c_in_a_rollout_keeps_what_was_done_and_resets_nothing_twice(plant, lab):
    stack = plant(**lab.environment)
    stack.up(group(lab, power="Off"))
    before = lab.witness.last
    running = threading.Thread(target=lambda: stack.fails("up", group(lab, power="On")))
    running.start()
    deadline = time.monotonic() + 60
    while not any(lab.witness.since(before).resets(name) for name in HOSTS):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(stack.engine, signal.SIGINT)
    running.join(60)
    assert not running.is_alive()
    assert stack.left_behind() == []
    assert stack.up(group(lab, power="On")) == {"dgx": "update"}
    assert stack.state()["dgx"]["outputs"]["ready"] == 2
    assert {name: lab.witness.since(before).resets(name) for name in HOSTS} == dict.fromkeys(
        HOSTS, 1
    )
    assert lab.witness.since(before).complaints() == []
    assert stack.destroy() == {"dgx": "delete"}

"""Switches and partitions through the plug-in's own wire, with the lab as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.secrets import SecretReader, standard_stores
from aifactory_iac.providers.surroundings import Lab

SWITCH = "aifactory:metal:SwitchConfig"
PARTITIONS = "aifactory:metal:FabricPartitions"
LEAVES = {"storage-leaf-001": "nvue", "edge-leaf-001": "sonic"}
CREDENTIALS = {"store": "env", "path": "SWITCHES"}


class Plant:
    """The lab's process, its log, and how a plug-in gets at it."""

    def __init__(self, folder: Path, tls: Mapping[str, Path]) -> None:
        self.log = folder / "witness.jsonl"
        spec = {
            "credentials": {"username": "admin", "password": "battery staple"},
            "switches": [
                {"hostname": name, "os": system, "ports": 4} for name, system in LEAVES.items()
            ],
            "ufms": [{"address": "ufm.fra1"}],
            "tls": {"cert": str(tls["cert"]), "key": str(tls["key"])},
            "known_hosts": str(folder / "known_hosts"),
            "log": str(self.log),
            "pace": 0.01,
        }
        (folder / "spec.json").write_text(json.dumps(spec))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aifactory_iac.lab.switches", str(folder / "spec.json")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        ready = json.loads(self.process.stdout.readline())
        self.lab = Lab(
            endpoints=ready["endpoints"], ca=str(tls["ca"]), known_hosts=ready["known_hosts"]
        )

    def seen(self, kind: str) -> list[str]:
        """What the witness holds of requests (methods) or effects (what)."""
        if not self.log.exists():
            return []
        entries = map(json.loads, self.log.read_text().splitlines())
        key = "method" if kind == "request" else "what"
        return [each[key] for each in entries if each["kind"] == kind]

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(10)


@pytest.fixture
def site(tmp_path, authority, monkeypatch):
    monkeypatch.setenv("SWITCHES", "admin:battery staple")
    found = Plant(tmp_path, authority)
    yield found
    found.stop()


def declared(client, name):
    config = {
        "nvue": {"interface": {"swp1-2": {"description": "hosts", "link": {"mtu": 9216}}}},
        "sonic": {"PORT": {"*": {"mtu": "9000"}}},
    }[LEAVES[name]]
    inputs, failures = client.check(
        SWITCH,
        {
            "site": "fra1",
            "network": name.rsplit("-", 2)[0],
            "hostname": name,
            "role": "leaf",
            "model": "SN5600",
            "os": LEAVES[name],
            "config": {**config, "system": {"hostname": name}},
            "tls": {"trust": "site-ca"},
            "credentials": CREDENTIALS,
        },
    )
    assert failures == []
    return inputs


@pytest.mark.parametrize("name", LEAVES)
def test_the_whole_life_of_a_switch(plugin, site, name):
    client = plugin(lab=site.lab, pace=0.01, secrets=SecretReader(standard_stores()))
    inputs = declared(client, name)
    assert inputs["address"] == name
    _, planned = client.create(SWITCH, inputs, preview=True)
    assert planned["revision"] is UNKNOWN
    assert site.seen("request") == [], "a preview reaches nothing"

    id_, state = client.create(SWITCH, inputs)
    assert id_ == f"fra1/{inputs['network']}/{name}"
    assert (state["managed"], state["drift"], state["stale"]) == (True, {}, False)
    assert site.seen("effect").count("applied") == 1
    assert client.diff(SWITCH, inputs, state, inputs).changes == "DIFF_NONE"

    found_state, found_inputs = client.read(SWITCH, id_, inputs, state)
    assert (found_state, found_inputs) == (state, inputs)

    new = {**inputs, "config": {"system": {"hostname": name}}}
    found = client.diff(SWITCH, inputs, state, new)
    assert (found.changes, found.replaces) == ("DIFF_SOME", [])
    assert set(found.kinds.values()) == {"DELETE"}
    before = len(site.seen("request"))
    client.update(SWITCH, id_, inputs, state, new, preview=True)
    assert len(site.seen("request")) == before
    state = client.update(SWITCH, id_, inputs, state, new)
    assert state["drift"] == {}
    client.delete(SWITCH, id_, new, state)
    assert site.seen("effect").count("applied") == 2
    assert "battery staple" not in json.dumps([state, client.lines, site.log.read_text()])


def test_what_a_switch_refuses_is_the_users_error(plugin, site):
    client = plugin(lab=site.lab, pace=0.01, secrets=SecretReader(standard_stores()))
    inputs = declared(client, "storage-leaf-001")
    inputs["config"]["interface"] = {"swp1": {"link": {"mtu": 99_999}}}
    with pytest.raises(client.refused) as caught:
        client.create(SWITCH, inputs)
    assert caught.value.text.endswith(
        "99999 is greater than the maximum of 9216 - 'interface/swp1/link/mtu'"
    )
    _, failures = client.check(SWITCH, {**inputs, "os": "eos", "confirmSeconds": 1})
    assert len(failures) == 2


def test_partitions_at_a_ufm(plugin, site):
    client = plugin(lab=site.lab, pace=0.01, secrets=SecretReader(standard_stores()))
    inputs, failures = client.check(
        PARTITIONS,
        {
            "site": "fra1",
            "network": "compute",
            "manager": "ufm",
            "routing": "ftree",
            "partitions": {
                "default": {"pkey": "0x7fff", "membership": "limited"},
                "tenant-a": {"pkey": "0x0101", "membership": "full", "nodes": {"train": 1}},
            },
            "guids": {"train": {"node-1": ["0x0002c90300445566"]}},
            "address": "ufm.fra1",
            "credentials": CREDENTIALS,
        },
    )
    assert failures == []
    id_, state = client.create(PARTITIONS, inputs)
    assert id_ == "fra1/compute"
    assert state["members"] == {
        "tenant-a": [{"node": "node-1", "pool": "train", "guids": ["0x0002c90300445566"]}]
    }
    assert site.seen("effect") == ["set"]
    assert client.diff(PARTITIONS, inputs, state, inputs).changes == "DIFF_NONE"
    found_state, _ = client.read(PARTITIONS, id_, inputs, state)
    assert found_state == state

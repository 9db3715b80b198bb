"""A node group over the plug-in's own wire, with a real Ironic between it and the machines."""

from __future__ import annotations

import hashlib

import pytest

from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.numbered import LOGIN, fleet_of
from aifactory_iac.lab.redfish.witness import Witness
from aifactory_iac.providers.provisioning.folder import service_folder
from aifactory_iac.providers.surroundings import Lab

pytestmark = [pytest.mark.ironic, pytest.mark.slow]

GROUP = "aifactory:metal:NodeGroup"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKXv0sTJ7VYcV4cTqCZxBqB4hV4J0bqjWQZ0dOB0Vd ops"
IMAGE = b"an image that runs from memory" * 100


def patient(client):
    """Ironic takes longer than anything else that these tests wait for."""
    for name in ("Create", "Delete", "Read"):
        asking = getattr(client.stub, name)
        setattr(client.stub, name, lambda request, timeout, ask=asking: ask(request, timeout=900))
    return client


def test_the_whole_life_of_a_group(
    plugin, before_ironic, real_ironic, serving, tmp_path, monkeypatch
):
    monkeypatch.setenv("BMC", f"{LOGIN.username}:{LOGIN.password}")
    (tmp_path / "live.iso").write_bytes(IMAGE)
    folder = service_folder(tmp_path / "state", "boot").path
    names = {"n0001": "grp-n1", "n0002": "grp-n2"}
    with Fleet(fleet_of(2, tmp_path, pace=0.1)) as fleet, serving(folder):
        ca = str(tmp_path / "lab-ca.pem")
        client = patient(plugin(lab=Lab(fleet.endpoints, ca=ca), pace=0.3))
        inputs = {
            "site": "fra1", "pool": "live", "scalableUnit": 1, "system": "generic",
            "machines": {
                name: {
                    "rack": "r01", "unit": at, "slot": at, "address": f"10.1.0.{at}",
                    "bmc": fleet.machines[spec].spec.address,
                    "serial": fleet.machines[spec].spec.serial,
                }
                for at, (spec, name) in enumerate(names.items(), 1)
            },
            "boot": {"method": "media", "secure": False},
            "disks": {"wipe": "never", "encrypt": False},
            "rollout": {"unavailable": 1, "drain": True},
            "domain": "fra1.example.org",
            "image": {
                "os": "live", "url": (tmp_path / "live.iso").as_uri(),
                "digest": f"sha256:{hashlib.sha256(IMAGE).hexdigest()}",
            },
            "install": {
                "config": {"cloudinit": {"users": {"ops": {"keys": [KEY], "admin": True}}}},
                "networks": ["127.0.0.0/8"],
            },
            "bmc": {"credentials": {"store": "env", "path": "BMC"}, "tls": "site-ca"},
            "backend": {
                "kind": "ironic", "url": before_ironic.url, "options": {"authority": ca},
            },
            "provisioningServer": "boot",
        }  # fmt: skip
        checked, failures = client.check(GROUP, inputs)
        assert failures == []
        client.create(GROUP, checked, preview=True)
        assert before_ironic.writes() == []

        id_, state = client.create(GROUP, checked, timeout=900)
        assert state["ready"] == 2
        assert {each["state"] for each in state["results"].values()} == {"installed"}
        for name in names.values():
            assert real_ironic.node(name)["provision_state"] == "active"
        resets = [Witness.of(fleet.journal.records).resets(spec) for spec in names]
        assert resets == [1, 1]

        before_ironic.passed.clear()
        client.read(GROUP, id_, checked, state)
        assert before_ironic.writes() == []
        assert client.diff(GROUP, checked, state, checked).changes == "DIFF_NONE"

        client.delete(GROUP, id_, checked, state)
        assert [real_ironic.knows(name) for name in names.values()] == [False, False]
        assert [fleet.machines[spec].host.power for spec in names] == ["On", "On"]
        assert "PUT" in {method for method, _path in before_ironic.passed}
        assert not [path for method, path in before_ironic.passed if "states/provision" in path
                    and method == "PUT"]  # fmt: skip

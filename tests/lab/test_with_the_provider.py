"""The provider, told of a lab by its environment alone, finds the blueprint's machines in it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from aifactory_iac.api import load
from aifactory_iac.api.run import built, lowered
from aifactory_iac.lab.identity import identity
from aifactory_iac.providers.plugin.configuration import configuration
from aifactory_iac.providers.resources.node_group import NodeGroupType
from aifactory_iac.providers.secrets import SecretReader, standard_stores
from aifactory_iac.providers.surroundings import Surroundings


def test_a_node_group_of_the_plan_adopts_the_machines_of_the_lab(lab, tmp_path):
    factory = load("edge-inference")
    unit = lowered(factory, built(factory)).unit("plant-muc/compute")
    args = unit.calls[0].args
    inputs = {
        "scalableUnit": 1,
        "machines": args["units"]["g001"]["machines"],
        **{key: args[key] for key in ("site", "pool", "system", "domain", "boot", "disks",
                                      "rollout", "bmc")},
    }  # fmt: skip

    up = lab("up", "edge-inference", "--only", "bmc", "--format", "json")
    script = (Path(up.json["folder"]) / "environment.sh").read_text()
    environment = dict(re.findall(r"export (\w+)=(.*)", script))
    found = configuration({"stateDir": str(tmp_path / "provider")}, environment)
    assert found.settings.lab is not None
    around = Surroundings(
        found.settings, SecretReader(standard_stores(), found.settings.lab.credentials)
    )

    kind = NodeGroupType()
    checked = kind.check(None, inputs)
    assert checked.failures == ()
    made = asyncio.run(kind.create("muc", checked.inputs, around, preview=False))
    results = made.state["results"]
    for host in ("muc-n0001", "muc-n0002"):
        me = identity("edge-inference", host)
        seen = results[host]
        assert (seen["serial"], seen["uuid"]) == (me.serial, me.uuid)
        assert set(seen["macs"]) == set(me.macs)

    # It has read, and written nothing: that is what adopting is.
    witness = Path(up.json["parts"][1]["folder"]) / "witness.jsonl"
    writes = re.findall(r'"method":"(POST|PATCH|PUT|DELETE)","path":"([^"]*)"', witness.read_text())
    assert {path.partition("/Sessions")[0] for _, path in writes} <= {"/redfish/v1/SessionService"}

"""What the program renders for switches, against what their documents know."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from aifactory_iac.catalog import Catalog
from aifactory_iac.lab.switches.device import Surround
from aifactory_iac.lab.switches.faults import Faults
from aifactory_iac.lab.switches.mlnx_model import MlnxSwitch
from aifactory_iac.lab.switches.nvue_rules import apply_problems, schema_problems
from aifactory_iac.lab.switches.sonic_model import SonicSwitch
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.lab.switches.witness import Witness
from aifactory_iac.program.lower.onprem.switches import operating_system, tiers
from aifactory_iac.providers.resources.switch_config import SwitchConfigType
from aifactory_iac.providers.switches import mlnx_text, nvue_tree, sonic_tree
from aifactory_iac.providers.switches.tree import Goal

CATALOG = Catalog.shipped()


def network(switch, technology, gbps):
    """A network of two tiers on one model, as the lowering reads it."""
    half = switch.radix[gbps] // 2
    return SimpleNamespace(
        name="fabric",
        site="fra1",
        technology=technology,
        mtu=4096 if switch.fabric == "infiniband" else 9216,
        tiers=2,
        port_gbps=gbps,
        leaf_down=half,
        leaf_up=half,
        switches=SimpleNamespace(leaf=2, spine=1, core=0),
        switch_names=("fabric-leaf-001", "fabric-leaf-002", "fabric-spine-001"),
    )


def rendered():
    """Every switch of the catalog that is managed, at every port speed, in every role."""
    for switch in CATALOG.switches.values():
        technology = {"infiniband": "infiniband-ndr", "ethernet": "ethernet-roce"}.get(
            switch.fabric
        )
        if technology is None:
            continue
        for gbps in switch.radix:
            for role, tier in tiers(network(switch, technology, gbps), switch).items():
                config = {**tier["config"], "system": {"hostname": tier["switches"][0]}}
                yield pytest.param(switch, config, id=f"{switch.id}-{gbps}-{role}")


def device(kind, switch, **more):
    witness = Witness(lambda: 0.0)
    spec = SwitchSpec("fabric-leaf-001", operating_system(switch), **more)
    return kind(spec, Surround(lambda: 0.0, witness, Faults()))


@pytest.mark.parametrize(("switch", "config"), list(rendered()))
def test_rendered_configurations_are_what_the_switch_takes(switch, config):
    system = operating_system(switch)
    declared = {
        "site": "fra1",
        "network": "fabric",
        "hostname": "fabric-leaf-001",
        "role": "leaf",
        "model": switch.id,
        "os": system,
        "config": config,
        "tls": {"trust": "site-ca"},
    }
    assert SwitchConfigType().check(None, declared).failures == ()
    if system == "nvue":
        tree = nvue_tree.normalised(config)
        assert list(schema_problems(tree)) == []
        assert list(apply_problems(tree, switch.cages)) == []
        assert json.loads(json.dumps(tree)) == tree
    elif system == "sonic":
        emulated = device(SonicSwitch, switch, ports=switch.cages)
        goal = Goal("x", sonic_tree.normalised(config, emulated.config))
        patch = json.loads(json.dumps(sonic_tree.patch(goal, emulated.config)))
        assert goal.holds(emulated.patched(patch))
    else:
        two = 2 if switch.asic == "Quantum-2" else 1
        emulated = device(MlnxSwitch, switch, ports=switch.cages, per_cage=two)
        goal = Goal("x", mlnx_text.normalised(config))
        for command in mlnx_text.commands(goal.edit(emulated.config), emulated.config):
            emulated.configure(command)
        assert goal.holds(emulated.config)


def test_every_system_is_among_them():
    assert {operating_system(each.values[0]) for each in rendered()} == {
        "mlnx-os",
        "nvue",
        "sonic",
    }

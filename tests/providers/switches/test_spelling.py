"""Declared configurations in each switch's own spelling, and what cannot be written out."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.lab.switches import mlnx_commands, sonic_model
from aifactory_iac.lab.switches.device import Surround
from aifactory_iac.lab.switches.faults import Faults
from aifactory_iac.lab.switches.mlnx_model import MlnxSwitch
from aifactory_iac.lab.switches.spec import SwitchSpec
from aifactory_iac.lab.switches.witness import Witness
from aifactory_iac.providers.switches import mlnx_text, nvue_tree, sonic_tree
from aifactory_iac.providers.switches.errors import RefusedError, SwitchError
from aifactory_iac.providers.switches.names import RangeError, nvue_names, slot_names
from aifactory_iac.providers.switches.tree import Goal, apart_from


def lab_switch(kind, system, **more):
    witness = Witness(lambda: 0.0)
    return kind(SwitchSpec("leaf", system, **more), Surround(lambda: 0.0, witness, Faults()))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("swp1", ["swp1"]),
        ("swp1-3,swp7", ["swp1", "swp2", "swp3", "swp7"]),
        ("swp1s0-1", ["swp1s0", "swp1s1"]),
        ("vlan10-11", ["vlan10", "vlan11"]),
        ("peer-1-2", ["peer-1-2"]),
        ("eth0", ["eth0"]),
    ],
)
def test_ranges_of_nvue(text, names):
    assert list(nvue_names(text)) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1/1", ["1/1"]),
        ("1/1-3", ["1/1", "1/2", "1/3"]),
        ("1/1-1/2", ["1/1", "1/2"]),
        ("1/2/1-1/2/2", ["1/2/1", "1/2/2"]),
    ],
)
def test_ranges_of_mlnx_os(text, names):
    assert list(slot_names(text)) == names


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("swp3-1", "`swp3-1` runs backwards"),
        ("1/3-1/1", "`1/3-1/1` runs backwards"),
        ("1/1-2/4", "`1/1-2/4` runs from one slot into another"),
    ],
)
def test_ranges_that_lead_nowhere(text, reason):
    with pytest.raises(RangeError) as caught:
        (nvue_names if text.startswith("swp") else slot_names)(text)
    assert str(caught.value) == reason


def test_a_list_is_a_collection_in_nvue():
    config = {"qos": {"pfc": {"default-global": {"switch-priority": [3], "rx": "enable"}}}}
    assert nvue_tree.normalised(config) == {
        "qos": {"pfc": {"default-global": {"switch-priority": {"3": {}}, "rx": "enable"}}}
    }


def test_ports_declared_twice_are_told_all_at_once():
    config = {"interface": {"swp1-2": {"a": 1}, "swp2": {"a": 2}, "swp9-8": {}}}
    with pytest.raises(RefusedError) as caught:
        nvue_tree.normalised(config)
    assert caught.value.issues == (
        "swp2 is declared twice, with different settings",
        "`swp9-8` runs backwards",
    )


def test_a_split_without_settings_makes_no_parts():
    config = {"interface": {"swp1": {"link": {"breakout": {"4x": {}}}}}}
    assert nvue_tree.normalised(config) == config
    plain = {"interface": {"swp1": {"link": {"breakout": {"1x": {}}}}}}
    assert nvue_tree.normalised(plain) == plain


def test_sonic_writes_text_and_every_port():
    running = {"PORT": {"Ethernet0": {}, "Ethernet8": {}}}
    config = {
        "PORT": {"*": {"mtu": 9100, "autoneg": True}, "Ethernet8": {"mtu": 1500}},
        "ACL_TABLE": {"A": {"ports": ["Ethernet0"]}},
        "DEVICE_METADATA": {"localhost": {"type": "LeafRouter"}},
        "system": {"hostname": "leaf"},
    }
    assert sonic_tree.normalised(config, running) == {
        "PORT": {
            "Ethernet0": {"mtu": "9100", "autoneg": "true"},
            "Ethernet8": {"mtu": "1500", "autoneg": "true"},
        },
        "ACL_TABLE": {"A": {"ports": ["Ethernet0"]}},
        "DEVICE_METADATA": {"localhost": {"type": "LeafRouter", "hostname": "leaf"}},
    }
    with pytest.raises(RefusedError) as caught:
        sonic_tree.normalised({"PORT": {"*": {}}}, {})
    assert str(caught.value) == "`PORT` is declared for every port, and the switch has none"


tables = st.dictionaries(
    st.sampled_from(["PORT", "VLAN", "INTERFACE"]),
    st.dictionaries(
        st.sampled_from(["Ethernet0", "Vlan10", "Ethernet0|10.0.0.1/31", "a~b"]),
        st.dictionaries(st.sampled_from(["mtu", "vrf"]), st.sampled_from(["68", "9100"])),
        min_size=1,
        max_size=3,
    ),
    max_size=3,
)


@given(tables, tables, tables)
def test_a_sonic_patch_applied_by_somebody_else_ends_at_the_goal(wanted, owned, running):
    goal = Goal("x", wanted, owned)
    switch = lab_switch(sonic_model.SonicSwitch, "sonic", ports=1)
    switch.config = running
    patch = json.loads(json.dumps(sonic_tree.patch(goal, running)))
    target = switch.patched(patch)
    assert goal.holds(target)
    assert all(target.values()), "no table is left empty"


def test_names_in_a_patch_are_escaped():
    goal = Goal("x", {"INTERFACE": {"Ethernet0|10.0.0.1/31": {}}})
    assert sonic_tree.patch(goal, {"INTERFACE": {"a~b": {}}}) == [
        {"op": "add", "path": "/INTERFACE/Ethernet0|10.0.0.1~131", "value": {}}
    ]


def test_mlnx_os_is_told_by_commands_and_read_back_the_same():
    switch = lab_switch(MlnxSwitch, "mlnx-os", ports=4)
    config = {
        "ib": {
            "mtu": 4096,
            "ports": {"hosts": "1/1-2"},
            "routing": "ftree",
            "partitions": {
                "default": {"pkey": "0x7fff", "members": {"ALL": "limited"}},
                "tenant-a": {"pkey": "0x101", "members": {"0x0002c90300445566": "full"}},
            },
        },
        "system": {"hostname": "ib-leaf"},
    }
    wanted = mlnx_text.normalised(config)

    def tree():
        shown = [
            mlnx_commands.run(switch, f'cli -h "enable" "{command}"', "")[0]
            for command in ("show running-config", "show ib partition")
        ]
        return mlnx_text.running_tree(*shown)

    lines = mlnx_text.commands(Goal("x", wanted).edit(tree()), tree())
    assert lines == [
        "hostname ib-leaf",
        "interface ib 1/1 description hosts",
        "interface ib 1/1 mtu 4K",
        "interface ib 1/2 description hosts",
        "interface ib 1/2 mtu 4K",
        "ib partition Default member ALL type limited force",
        "ib partition tenant-a pkey 0x0101 force",
        "ib partition tenant-a member 00:02:c9:03:00:44:55:66 type full force",
        "ib sm routing-engines ftree",
    ]
    for line in lines:
        switch.configure(line)
    assert Goal("x", wanted).holds(tree())
    owned = apart_from(wanted, ("hostname",), ("sm",), ("partition", "Default"))
    away = mlnx_text.commands(Goal("x", {}, owned).edit(tree()), tree())
    assert away == [
        "no interface ib 1/1 description",
        "no interface ib 1/1 mtu",
        "no interface ib 1/2 description",
        "no interface ib 1/2 mtu",
        "no ib partition tenant-a",
    ]


def test_what_mlnx_os_cannot_have_is_told_all_at_once():
    config = {"ib": {"mtu": 9000, "ports": {"hosts": "1/1-2", "spines": "1/2", "cores": "1/4-1"}}}
    with pytest.raises(RefusedError) as caught:
        mlnx_text.normalised(config)
    assert sorted(caught.value.issues) == [
        "InfiniBand has no MTU of 9000; it has 256, 512, 1024, 2048, 4096",
        "`1/4-1` runs backwards",
        "port 1/2 is for `hosts` and for `spines`",
    ]


def test_both_spellings_of_partitions_are_read():
    old = (
        "  Default\n    PKey = 0x7FFF\n    ipoib = yes\n    members\n      GUID='ALL' member='full'"
    )
    new = "\nDefault:\n  PKey : 0x7FFF\n  ipoib: yes\n  members:\n    GUID='ALL' member='full'\n"
    expected = {"Default": {"pkey": "0x7fff", "member": {"ALL": "full"}}}
    assert mlnx_text.running_tree("", new)["partition"] == expected
    assert mlnx_text.running_tree("", old)["partition"] == expected


def test_the_switchs_own_clock_and_jobs():
    text = "Time: 23:59:58\nDate: 2026/12/31\nTime zone: UTC (Etc/UTC)\n"
    assert mlnx_text.clock(text) == dt.datetime(2026, 12, 31, 23, 59, 58)
    with pytest.raises(SwitchError, match="does not say what time it is"):
        mlnx_text.clock("Time: soon")
    shown = (
        "Job 7:\n   Status:  pending\n   Enabled: yes\n   Commands:\n      Command 1: show clock\n"
    )
    assert mlnx_text.jobs(shown)[7]["command"] == "show clock"
    assert mlnx_text.errors("ok\n% Invalid port GUID\n") == ("Invalid port GUID",)

"""Switch configurations: every switch of the design once, with its ports, MTU and QoS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.program.lower.onprem.switches import partition_key


def cages(first, last):
    """Both ports of each cage of a Quantum-2 switch, as MLNX-OS names them."""
    return ",".join(f"1/{cage}/1-2" for cage in range(first, last + 1))


def configs(found, network):
    return {
        item.name: item
        for item in found.values()
        if item.type == "aifactory:metal:SwitchConfig" and item.inputs["network"] == network
    }


@pytest.mark.parametrize("network", ["compute", "storage", "in-band"])
def test_every_switch_of_the_design_once(metal, engineer, document, network):
    _, design = engineer(document)
    assert sorted(configs(metal("fabric"), network)) == sorted(
        design.networks[network].switch_names
    )


def test_cloud_networks_have_no_switches_of_ours(metal):
    assert {item.inputs["network"] for key, item in metal("fabric").items() if "Switch" in key} == {
        "compute",
        "storage",
        "in-band",
    }


def test_an_infiniband_leaf(metal):
    item = configs(metal("fabric"), "compute")["compute-leaf-train-001-r1"]
    assert item.inputs == {
        "site": "fra1",
        "network": "compute",
        "hostname": "compute-leaf-train-001-r1",
        "role": "leaf",
        "model": "QM9700",
        "os": "mlnx-os",
        "config": {
            "ib": {
                "mtu": 4096,
                "ports": {"hosts": cages(1, 16), "spines": cages(17, 32)},
            },
            "system": {"hostname": "compute-leaf-train-001-r1"},
        },
        "tls": {"trust": "site-ca"},
    }


def test_an_infiniband_spine_leads_down_on_all_its_ports(metal):
    item = configs(metal("fabric"), "compute")["compute-spine-001"]
    assert item.inputs["role"] == "spine"
    assert item.inputs["config"]["ib"]["ports"] == {"leaves": cages(1, 32)}
    assert cages(1, 2) == "1/1/1-2,1/2/1-2"


def test_a_roce_switch_has_nvidias_lossless_profile(metal):
    found = configs(metal("fabric"), "storage")
    item = next(item for item in found.values() if item.inputs["role"] == "leaf")
    assert item.inputs["os"] == "nvue"
    assert item.inputs["config"]["qos"] == {
        "roce": {"state": "enabled", "mode": "lossless"},
        "mapping": {
            "default-global": {
                "trust": "l3",
                "dscp": {"26": {"switch-priority": 3}, "48": {"switch-priority": 6}},
            }
        },
        "pfc": {"default-global": {"switch-priority": [3], "rx": "enable", "tx": "enable"}},
        "congestion-control": {
            "default-global": {
                "traffic-class": {
                    "3": {
                        "ecn": "enable",
                        "min-threshold": 150_000,
                        "max-threshold": 1_500_000,
                        "probability": 100,
                    }
                }
            }
        },
        "egress-scheduler": {
            "default-global": {
                "traffic-class": {
                    "0": {"mode": "dwrr", "bw-percent": 50},
                    "3": {"mode": "dwrr", "bw-percent": 50},
                    "6": {"mode": "strict"},
                }
            }
        },
    }


def test_mtu_is_the_networks_on_every_port(metal, engineer, document):
    _, design = engineer(document)
    for network in ("storage", "in-band"):
        mtu = design.networks[network].mtu
        for item in configs(metal("fabric"), network).values():
            ports = item.inputs["config"]["interface"]
            assert {port["link"]["mtu"] for port in ports.values()} == {mtu}


def test_plain_ethernet_has_no_qos(metal):
    for item in configs(metal("fabric"), "in-band").values():
        assert "qos" not in item.inputs["config"]


def test_another_vendors_switch_gets_sonic_tables(units, changed):
    document = changed(fabric__1__switch="7060X6-64PE")
    call = next(c for c in units(document)["fra1/fabric"].calls if c.name == "fra1-storage")
    config = call.args["tiers"]["leaf"]["config"]
    assert call.args["os"] == "sonic"
    # SONiC's own default would put DSCP 26 into a lossy class.
    assert config["DSCP_TO_TC_MAP"]["AIFACTORY"]["26"] == "3"
    assert config["DSCP_TO_TC_MAP"]["AIFACTORY"]["48"] == "6"
    assert config["PORT_QOS_MAP"]["*"]["pfc_enable"] == "3"


def test_partitions_keep_a_tenant_with_nodes_of_its_own_apart(metal):
    item = metal("fabric")["FabricPartitions:fra1-compute"]
    assert item.inputs == {
        "site": "fra1",
        "network": "compute",
        "manager": "ufm",
        "routing": "ftree",
        "partitions": {
            "default": {"pkey": "0x7fff", "membership": "limited"},
            "tenant-clinic": {
                "pkey": partition_key("clinic"),
                "membership": "full",
                "tenant": "clinic",
                "nodes": {"train": 8},
            },
        },
    }


def test_without_such_tenants_all_share_the_default_partition(units, changed):
    document = changed(governance__tenants=[])
    call = next(c for c in units(document)["fra1/fabric"].calls if c.name == "fra1-compute")
    assert call.args["subnet_manager"]["partitions"] == {
        "default": {"pkey": "0x7fff", "membership": "full"}
    }


@given(st.lists(st.text("abcdefgh-", min_size=1, max_size=12), unique=True, max_size=60))
def test_partition_keys_never_meet(tenants):
    keys = []
    for tenant in sorted(tenants):
        keys.append(partition_key(tenant, keys))
    assert len(set(keys)) == len(keys)
    assert all(1 <= int(key, 16) <= 0x7FFE for key in keys)


def test_a_partition_key_follows_from_the_name_alone():
    assert partition_key("clinic") == partition_key("clinic", ["0x0001"])


def test_growing_adds_switches_and_moves_none(resources, changed):
    small = configs(resources(changed(compute__0__scalable_units=2), "fra1/fabric"), "compute")
    large = configs(resources(changed(compute__0__scalable_units=4), "fra1/fabric"), "compute")
    leaves = {name for name in small if "-leaf-" in name}
    assert leaves < {name for name in large if "-leaf-" in name}
    assert all(small[name].inputs == large[name].inputs for name in leaves)

"""Switch configurations: every switch of the design once, with its ports, MTU and QoS."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.program.lower.onprem.switches import partition_key
from aifactory_iac.providers.resources.switch_config import TYPE as switch_config  # noqa: N811


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
        "domain": "fra1.internal",
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


SWITCHES = {"secret": "file", "path": "secrets/switches.age"}
UFM = {"secret": "vault", "path": "fra1/ufm"}
REFERENCE = {"store": "file", "path": "secrets/switches.age"}


def test_switches_with_credentials_are_reached_by_name_and_managed(resources, changed):
    found = resources(changed(fabric__1__credentials=SWITCHES), "fra1/fabric")
    for item in configs(found, "storage").values():
        assert item.inputs["credentials"] == REFERENCE
        assert item.inputs["domain"] == "fra1.internal"
        checked = switch_config.check(None, item.inputs).inputs
        assert checked["address"] == f"{item.name}.fra1.internal"
    assert not any("credentials" in each.inputs for each in configs(found, "in-band").values())


def test_a_pin_is_a_certificate_over_https_and_a_host_key_over_ssh(resources, changed, metal):
    leaf, other = "compute-leaf-train-001-r1", min(configs(metal("fabric"), "in-band"))
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5"
    found = resources(
        changed(
            fabric__0__tls="pinned",
            fabric__0__pins={leaf: key},
            fabric__1__tls="insecure",
            fabric__1__exception="a test bench",
            fabric__2__tls="pinned",
            fabric__2__pins={other: "00" * 32},
        ),
        "fra1/fabric",
    )
    assert found[f"SwitchConfig:{leaf}"].inputs["tls"] == {"trust": "pinned", "hostkey": key}
    one, *_ = configs(found, "storage").values()
    assert one.inputs["tls"] == {"trust": "insecure", "exception": "a test bench"}
    pinned = {
        name: item.inputs["tls"]
        for name, item in configs(found, "in-band").items()
        if len(item.inputs["tls"]) > 1
    }
    assert pinned == {other: {"trust": "pinned", "fingerprint": "00" * 32}}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"fabric__0__credentials": SWITCHES}, {}),
        (
            {"fabric__0__manager": {"address": "ufm.fra1.internal", "credentials": UFM}},
            {
                "address": "ufm.fra1.internal",
                "credentials": {"store": "vault", "path": "fra1/ufm"},
                "tls": {"trust": "site-ca"},
            },
        ),
        (
            {"fabric__0__subnet_manager": "switch", "fabric__0__credentials": SWITCHES},
            {
                "address": "compute-leaf-train-001-r1.fra1.internal",
                "credentials": REFERENCE,
                "tls": {"trust": "site-ca"},
            },
        ),
        (
            {
                "fabric__0__subnet_manager": "opensm",
                "fabric__0__manager": {
                    "address": "10.0.0.9",
                    "credentials": UFM,
                    "tls": "pinned",
                    "pin": "ssh-ed25519 AAAA",
                },
            },
            {
                "address": "10.0.0.9",
                "credentials": {"store": "vault", "path": "fra1/ufm"},
                "tls": {"trust": "pinned", "hostkey": "ssh-ed25519 AAAA"},
            },
        ),
    ],
    ids=["nobody said where the UFM is", "ufm", "on the first leaf", "opensm"],
)
def test_the_subnet_manager_is_told_where_it_is_known(resources, changed, refused, asked, told):
    item = resources(changed(**asked), "fra1/fabric")["FabricPartitions:fra1-compute"]
    reached = {
        key: item.inputs[key] for key in ("address", "credentials", "tls") if key in item.inputs
    }
    assert reached == told
    assert refused(item) == []


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

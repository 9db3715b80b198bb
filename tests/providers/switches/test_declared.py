"""Everything that can be wrong with what is declared: all at once, each with a way out."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.fabric_partitions import FabricPartitionsType
from aifactory_iac.providers.resources.switch_config import SwitchConfigType

GOOD = {
    "site": "fra1",
    "network": "storage",
    "hostname": "storage-leaf-001",
    "role": "leaf",
    "model": "SN5600",
    "os": "nvue",
    "config": {"interface": {"swp1-4": {"description": "hosts"}}},
    "tls": {"trust": "site-ca"},
}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKh3"


def failures(kind, inputs):
    return {each.property: each.reason for each in kind.check(None, inputs).failures}


BAD_SWITCHES = {
    "a name with an underscore": (
        {"hostname": "leaf_1"},
        {
            "hostname": "`leaf_1` is no host name: letters, digits and `-` in parts of up to 63 "
            "characters"
        },
    ),
    "an address that is none": (
        {"address": "10.0.0.0/8"},
        {
            "address": "`10.0.0.0/8` is no host name: letters, digits and `-` in parts of up to 63 "
            "characters"
        },
    ),
    "an unknown system": ({"os": "eos"}, {"os": "`eos` is none of nvue, sonic, mlnx-os"}),
    "no time to confirm": (
        {"confirmSeconds": 5},
        {"confirmSeconds": "5 is not from 30 to 3600 whole seconds"},
    ),
    "half a second": (
        {"confirmSeconds": 60.5},
        {"confirmSeconds": "60.5 is not from 30 to 3600 whole seconds"},
    ),
    "an unknown object of nvue": (
        {"config": {"interfaces": {}}},
        {
            "config.interfaces": "`nvue` knows no `interfaces`; it takes one of `acl`, `bridge`, "
            "`evpn`, `interface`, `maintenance`, `mlag`, `nve`, `platform`, `qos`, `router`, "
            "`service`, `system`, `vrf`"
        },
    ),
    "an unknown table of sonic": (
        {"os": "sonic", "config": {"PORTS": {}}},
        {"config.PORTS": "`sonic` knows no `PORTS`; it takes a table of CONFIG_DB"},
    ),
    "a row that is none": (
        {"os": "sonic", "config": {"PORT": {"Ethernet0": "up"}}},
        {"config.PORT.Ethernet0": "is no row: a mapping of fields"},
    ),
    "an unknown key of an infiniband switch": (
        {"os": "mlnx-os", "config": {"ib": {"speed": 1, "lanes": 2}}},
        {
            "config.ib.lanes": "`mlnx-os` knows no `lanes` under `ib`; it takes `mtu`, `ports`, "
            "`partitions`, `routing`",
            "config.ib.speed": "`mlnx-os` knows no `speed` under `ib`; it takes `mtu`, `ports`, "
            "`partitions`, `routing`",
        },
    ),
    "an MTU that infiniband lacks": (
        {"os": "mlnx-os", "config": {"ib": {"mtu": 9000}}},
        {"config": "InfiniBand has no MTU of 9000; it has 256, 512, 1024, 2048, 4096"},
    ),
    "something else than a mapping": ({"config": {"qos": 1}}, {"config.qos": "is no mapping"}),
    "insecure without a reason": (
        {"tls": {"trust": "insecure", "exception": " "}},
        {
            "tls.exception": "`insecure` verifies nothing, and the password goes to whoever "
            "answers: say here why that is accepted, or use `pinned`"
        },
    ),
    "pinned without a pin": (
        {"tls": {"trust": "pinned", "hostkey": KEY}},
        {"tls.fingerprint": "`pinned` needs the certificate's SHA-256 fingerprint"},
    ),
    "pinned without a host key": (
        {"os": "sonic", "config": {}, "tls": {"trust": "pinned"}},
        {"tls.hostkey": "`pinned` needs the host key, as a line of `ssh-keyscan` without host"},
    ),
    "pins that are none": (
        {"tls": {"trust": "site-ca", "fingerprint": "12:34", "hostkey": "key"}},
        {
            "tls.fingerprint": "`12:34` is no SHA-256 fingerprint of 32 bytes in hex",
            "tls.hostkey": "is no public key such as `ssh-ed25519 AAAA...`",
        },
    ),
    "an unknown trust": (
        {"tls": {"trust": "friends"}},
        {"tls.trust": "`friends` is none of site-ca, system-ca, pinned, insecure"},
    ),
}


@pytest.mark.parametrize("case", BAD_SWITCHES)
def test_bad_switches(case):
    change, expected = BAD_SWITCHES[case]
    assert failures(SwitchConfigType(), {**GOOD, **change}) == expected


def test_a_good_switch_gets_its_defaults():
    kind = SwitchConfigType()
    assert kind.check(None, GOOD).inputs == {**GOOD, "confirmSeconds": 300}
    managed = {
        **GOOD,
        "credentials": {"store": "env", "path": "X"},
        "domain": "fra1.internal",
        "serial": " mt1 ",
    }
    checked = kind.check(None, managed)
    assert checked.failures == ()
    assert checked.inputs["address"] == "storage-leaf-001.fra1.internal"
    assert checked.inputs["serial"] == "MT1"


def test_what_is_not_known_yet_is_let_pass():
    kind = SwitchConfigType()
    unknown = {
        **GOOD,
        "hostname": UNKNOWN,
        "os": UNKNOWN,
        "config": UNKNOWN,
        "tls": UNKNOWN,
        "credentials": {"store": "env", "path": "X"},
    }
    checked = kind.check(None, unknown)
    assert checked.failures == ()
    assert "address" not in checked.inputs
    assert failures(kind, {**GOOD, "config": {"qos": UNKNOWN}}) == {}
    found = kind.diff(GOOD, {}, {**GOOD, "config": {"qos": UNKNOWN}})
    assert found.known is False


def test_changes_are_told_by_property():
    kind = SwitchConfigType()
    old = {**GOOD, "config": {"interface": {"swp1": {"a": 1, "b": 2}}}, "serial": "X"}
    new = {**GOOD, "config": {"interface": {"swp1": {"a": 3}, "swp2": {}}}, "role": "spine"}
    found = kind.diff(old, {"drift": {"config.qos.x": {}}}, new)
    assert {path: each.kind for path, each in found.changes.items()} == {
        "config.interface.swp1.a": "update",
        "config.interface.swp1.b": "delete",
        "config.interface.swp2": "add",
        "config.qos.x": "update",
        "role": "update",
        "serial": "delete",
    }
    assert not any(each.replace for each in found.changes.values())
    assert kind.diff(old, {"drift": {}, "revision": "7"}, old).changes == {}


PARTITIONS = {
    "site": "fra1",
    "network": "compute",
    "manager": "ufm",
    "routing": "ftree",
    "partitions": {"default": {"pkey": "0x7fff", "membership": "full"}},
}


def partition(pkey, **more):
    return {"partitions": {"tenant-a": {"pkey": pkey, "membership": "full", **more}}}


AT = 'partitions["tenant-a"]'
BAD_PARTITIONS = {
    "no key": (partition("12"), {f"{AT}.pkey": "`12` is no P_Key such as `0x1234`"}),
    "the membership bit": (
        partition("0x8001"),
        {
            f"{AT}.pkey": "`0x8001` has the membership bit; declare `0x0001` and `membership`",
        },
    ),
    "zero": (partition("0x0"), {f"{AT}.pkey": "`0x0` is no valid P_Key"}),
    "the default key": (
        partition("0x7fff"),
        {f"{AT}.pkey": "0x7fff is the P_Key of the partition `default`, and of no other"},
    ),
    "half a node": (
        partition("0x1", nodes={"train": 1.5}),
        {f"{AT}.nodes.train": "1.5 is no number of nodes"},
    ),
    "the same key twice": (
        {
            "partitions": {
                "b": {"pkey": "0x001", "membership": "full"},
                "a": {"pkey": "0x1", "membership": "full"},
            }
        },
        {"partitions.b.pkey": "0x0001 is the P_Key of `a` too"},
    ),
    "a name that no manager takes": (
        {"partitions": {"a b": {"pkey": "0x1", "membership": "full"}}},
        {'partitions["a b"]': "is no partition name: letters, digits, `_` and `-`, up to 64"},
    ),
    "nodes of the default partition": (
        {"partitions": {"default": {"pkey": "0x7fff", "membership": "full", "nodes": {"t": 1}}}},
        {
            "partitions.default.nodes": "every port is in the default partition, so none is named",
        },
    ),
    "an unknown manager and engine": (
        {"manager": "snmp", "routing": "fastest"},
        {
            "manager": "`snmp` is none of ufm, switch, opensm",
            "routing": "`fastest` is no routing engine: minhop, updn, dnup, file, ftree, lash, "
            "dor, torus-2QoS, dfsssp, sssp, nue, ar_updn, ar_ftree, ar_torus, ar_dor, kdor-hc, "
            "kdor-ghc, dfp, dfp2, auto",
        },
    ),
    "a relative folder": (
        {"target": "etc/opensm"},
        {"target": "`etc/opensm` is no absolute path of a folder"},
    ),
    "credentials for nobody": (
        {"credentials": {"store": "env", "path": "X"}},
        {"address": "is needed to know whom `credentials` are for"},
    ),
    "port GUIDs": (
        {"guids": {"train": {"n1": ["0x12"], "n2": ["0x" + "0" * 16], "n3": ["0" * 16]}}},
        {
            "guids.train.n1": "`0x12` is no port GUID of 16 hexadecimal digits",
            "guids": "port GUID 0x0000000000000000 is given to n2 and to n3",
        },
    ),
}


@pytest.mark.parametrize("case", BAD_PARTITIONS)
def test_bad_partitions(case):
    change, expected = BAD_PARTITIONS[case]
    assert failures(FabricPartitionsType(), {**PARTITIONS, **change}) == expected


def test_more_partitions_than_a_subnet_has():
    many = {
        f"t{number}": {"pkey": f"0x{number % 0x7FFE + 1:04x}", "membership": "full"}
        for number in range(0x7FFF)
    }
    found = failures(FabricPartitionsType(), {**PARTITIONS, "partitions": many})
    assert found["partitions"] == "are 32767, and a subnet has no more than 32766"


def test_good_partitions_get_their_defaults():
    checked = FabricPartitionsType().check(None, PARTITIONS)
    assert checked.failures == ()
    assert checked.inputs == {**PARTITIONS, "confirmSeconds": 300, "tls": {"trust": "site-ca"}}

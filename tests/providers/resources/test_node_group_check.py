"""What is wrong with the inputs of a node group: all of it, by path, with the way out."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from aifactory_iac.providers.plugin.structure import checked, inputs_of
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.node_group import TYPE

DIGEST = "sha256:" + "ab" * 32
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1u7rSkRf0EPx4Ml0bWVcbwKmkdCkkzwJ4V4G5ZWdzY ops"


def machine(number, **more):
    return {
        "rack": f"r{(number - 1) // 2 + 1}",
        "unit": (number - 1) % 2 * 8 + 1,
        "slot": number,
        "bmc": f"10.0.0.{number}",
        "address": f"10.1.0.{number}",
        **more,
    }


GOOD = {
    "site": "fra1",
    "pool": "train",
    "scalableUnit": 1,
    "system": "dgx-h100",
    "machines": {f"n{number}": machine(number) for number in range(1, 5)},
    "boot": {"method": "media", "secure": True},
    "disks": {"wipe": "never", "encrypt": False},
    "rollout": {"unavailable": 1, "drain": True},
    "domain": "fra1.example.org",
    "image": {"os": "ubuntu-24.04"},
    "bmc": {"credentials": {"store": "vault", "path": "bmc"}, "tls": "site-ca"},
}
INSTALL = {
    "image": {"os": "ubuntu-24.04", "url": "https://images.example.org/u.iso", "digest": DIGEST},
    "disks": {"wipe": "never", "encrypt": False, "root": {"model": "KCM6*"}},
    "install": {
        "config": {"autoinstall": {"users": {"ops": {"keys": [KEY], "admin": True}}}},
    },
    "provisioningServer": "fra1",
}
LATE = "2099-01-01T00:00:00Z"


def changed(changes):
    """Good inputs with values at dotted paths; None leaves one out."""
    inputs = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = inputs
        for key in way:
            place = place.setdefault(key, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return inputs


def said(inputs):
    shape = checked(inputs_of(TYPE.token), inputs)
    assert shape.failures == [], "a test of meaning needs inputs whose structure is right"
    return {each.property: each.reason for each in TYPE.check(None, shape.inputs).failures}


def test_good_inputs_are_good():
    assert said(GOOD) == {}
    assert said({**GOOD, **INSTALL}) == {}
    everything = {
        **GOOD,
        **INSTALL,
        "owner": "managed",
        "power": "On",
        "bios": {"SriovSupport": "Enabled", "Retries": 3, "Turbo": True},
        "firmware": [
            {"name": "HostBIOS_0", "version": "1.2", "allowed": ["1.1"]},
            {
                "name": "HostBMC_0",
                "version": "24",
                "url": "https://f.example.org/b",
                "digest": DIGEST,
            },
        ],
        "budget": {
            "percent": 25,
            "rack": 1,
            "breaker": 1,
            "watts": 12000,
            "failures": 0,
            "hourly": 2,
            "daily": 6,
        },
        "breakers": {"r1": "a", "r2": "b"},
        "watts": 10200,
        "cluster": {"id": "fra1/metal", "kind": "slurm", "seconds": 600},
        "approval": {
            "by": ["anna", "ben"],
            "until": LATE,
            "serials": ["S1"],
            "actions": ["reset", "power-off", "install", "wipe", "retire"],
        },
        "backend": {"kind": "redfish"},
    }
    assert said(everything) == {}


EXAMPLES = YAML(typ="safe").load(Path(__file__).with_name("node_group_refused.yaml"))


@pytest.mark.parametrize("example", EXAMPLES["group"], ids=lambda each: ", ".join(each["when"]))
def test_what_is_wrong_is_said_with_the_way_out(example):
    assert said(changed(example["when"])) == example["said"]


@pytest.mark.parametrize(
    "example", EXAMPLES["installing"], ids=lambda each: ", ".join(each["when"])
)
def test_an_installation_is_checked_as_a_whole(example):
    inputs = {**GOOD, **INSTALL, **example["when"]}
    given_ = {key: value for key, value in inputs.items() if value is not None}
    assert said(given_) == example["said"]


def test_everything_is_said_at_once():
    everything = {
        "machines.n2.bmc": "10.0.0.1",
        "rollout.unavailable": 0,
        "bmc.tls": "insecure",
        "bios": {"AdminPassword": "hunter22"},
    }
    assert sorted(said(changed(everything))) == [
        "bios.AdminPassword",
        "bmc.tls",
        "machines.n1.bmc",
        "machines.n2.bmc",
        "rollout.unavailable",
    ]


def test_no_failure_shows_a_secret():
    inputs = changed(
        {
            "bmc.credentials": {"store": "env", "path": "admin:hunter22"},
            "bios": {"AdminPassword": "hunter22"},
        }
    )
    assert "hunter22" not in str(said(inputs))


@pytest.mark.parametrize(
    "name", sorted({*GOOD, *INSTALL, "budget", "breakers", "watts", "approval"})
)
def test_what_a_preview_does_not_know_is_not_judged(name):
    inputs = {**GOOD, **INSTALL, name: UNKNOWN}
    wrong = {each.property for each in TYPE.check(None, inputs).failures}
    # Without knowing the disks it cannot be said that they are told apart, and so on.
    assert wrong == set()


@pytest.mark.parametrize(
    "path",
    [
        *("machines.n1.bmc", "machines.n1.rack", "machines.n1.serial", "bmc.tls"),
        *("bmc.credentials", "rollout.unavailable", "budget.rack", "image.digest"),
    ],
)
def test_nor_is_what_it_does_not_know_inside(path):
    assert {each.property for each in TYPE.check(None, changed({path: UNKNOWN})).failures} == set()


def test_spellings_are_made_alike():
    inputs = changed(
        {
            "machines.n1.serial": " S1\n",
            "machines.n1.uuid": " 4C4C4544-0000-2010-8020-80C04F202020",
            "machines.n1.macs": ["02-AA-00-00-00-02", "02aa.0000.0001"],
            "machines.n1.fingerprint": "SHA256:",
            "firmware": [{"name": "BIOS", "version": "1", "allowed": ["2", "1", "2"]}],
            "approval": {"by": ["ben", "anna"], "until": LATE, "actions": ["reset", "install"]},
        }
    )
    found = TYPE.check(None, inputs).inputs
    assert found["machines"]["n1"]["serial"] == "S1"
    assert found["machines"]["n1"]["uuid"] == "4c4c4544-0000-2010-8020-80c04f202020"
    assert found["machines"]["n1"]["macs"] == ["02:aa:00:00:00:01", "02:aa:00:00:00:02"]
    assert found["firmware"][0]["allowed"] == ["1", "2"]
    assert found["approval"]["by"] == ["anna", "ben"]
    assert found["approval"]["actions"] == ["install", "reset"]


@settings(deadline=None)
@given(
    st.permutations(sorted(GOOD["machines"])),
    st.permutations(["02:aa:00:00:00:01", "02:aa:00:00:00:02"]),
)
def test_no_order_of_machines_or_addresses_is_a_change(names, macs):
    inputs = {
        **GOOD,
        "machines": {name: {**GOOD["machines"][name], "macs": []} for name in names},
    }
    inputs["machines"]["n1"]["macs"] = macs
    found = TYPE.check(None, inputs).inputs
    reference = copy.deepcopy(inputs)
    reference["machines"] = {name: reference["machines"][name] for name in sorted(names)}
    reference["machines"]["n1"]["macs"] = sorted(macs)
    assert list(found["machines"]) == sorted(names)
    assert TYPE.diff(reference, {"results": {}}, found).changes.keys() == {
        f"results.n{number}" for number in range(1, 5)
    }

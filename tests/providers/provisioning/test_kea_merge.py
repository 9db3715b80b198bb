"""Our part of a running Kea: put in, taken out, looked at; what is not ours stays."""

from __future__ import annotations

import copy

import pytest

from aifactory_iac.providers.provisioning.kea import kea_config
from aifactory_iac.providers.provisioning.kea_merge import (
    held,
    in_the_way,
    merged,
    part,
    without,
)

RUNNING = {
    "control-socket": {"socket-type": "unix", "socket-name": "/run/kea/kea4.sock"},
    "interfaces-config": {"interfaces": ["eth0"], "re-detect": True},
    "host-reservation-identifiers": ["duid"],
    "client-classes": [{"name": "voip", "test": "substring(option[60].hex,0,4) == 'voip'"}],
    "subnet4": [{"id": 1, "subnet": "192.0.2.0/24", "pools": [{"pool": "192.0.2.5-192.0.2.9"}]}],
}


@pytest.fixture
def ours(service):
    return kea_config(service())["Dhcp4"]


def test_what_is_not_ours_stays(ours):
    found = merged(RUNNING, ours)
    assert found["control-socket"] == RUNNING["control-socket"]
    assert found["interfaces-config"] == RUNNING["interfaces-config"]
    assert found["host-reservation-identifiers"] == ["duid", "hw-address"]
    assert found["subnet4"][0] == RUNNING["subnet4"][0]
    assert found["client-classes"][0] == RUNNING["client-classes"][0]
    assert [one["subnet"] for one in found["subnet4"][1:]] == [
        "10.0.0.0/24",
        "10.1.0.0/24",
        "127.0.0.0/8",
    ]
    assert held(found, ours) == part(ours)


def test_interfaces_are_ours_when_they_were_declared(service):
    declared = kea_config(service(interfaces=["eth1"]))["Dhcp4"]
    assert merged(RUNNING, declared)["interfaces-config"] == {
        "interfaces": ["eth1"],
        "re-detect": True,
    }
    assert merged({}, declared)["interfaces-config"] == {"interfaces": ["eth1"]}


def test_merging_again_changes_nothing_and_neither_value_is_touched(ours):
    running, mine = copy.deepcopy(RUNNING), copy.deepcopy(ours)
    once = merged(running, mine)
    assert merged(once, mine) == once
    assert (running, mine) == (RUNNING, ours)


def test_taken_out_it_is_as_it_was(ours):
    cidrs = [one["subnet"] for one in ours["subnet4"]]
    found = without(merged(RUNNING, ours), cidrs)
    assert found == RUNNING | {"host-reservation-identifiers": ["duid", "hw-address"]}


def test_a_subnet_that_is_no_longer_declared_leaves(ours, service):
    fewer = kea_config(
        service(subnets={"in-band": {"cidr": "10.0.0.0/24"}}, reservations={}, endpoint=None)
    )["Dhcp4"]
    before = [one["subnet"] for one in ours["subnet4"]]
    found = merged(merged(RUNNING, ours), fewer, before)
    assert [one["subnet"] for one in found["subnet4"]] == ["192.0.2.0/24", "10.0.0.0/24"]


def test_subnets_of_others_that_ours_would_overlap(ours):
    theirs = {"subnet4": [{"subnet": "10.0.0.0/16"}, {"subnet": "10.0.0.0/24"}]}
    assert in_the_way(theirs, ours) == ["10.0.0.0/16 (ours: 10.0.0.0/24)"]
    assert in_the_way(theirs, ours, ["10.0.0.0/16"]) == []
    assert in_the_way(RUNNING, ours) == []


DRIFT = {
    "a class that was changed": lambda found: found["client-classes"][2].update(test="member('X')"),
    "a class that is gone": lambda found: found["client-classes"].pop(),
    "a class under our name": lambda found: found["client-classes"].append(
        {"name": "aifactory-own", "test": "member('ALL')"}
    ),
    "a reservation that was added": lambda found: found["subnet4"][1]["reservations"].append(
        {"hw-address": "aa:bb:cc:99:99:99", "ip-address": "10.0.0.77"}
    ),
    "a reservation that was changed": lambda found: found["subnet4"][1]["reservations"][0].update(
        {"ip-address": "10.0.0.77"}
    ),
    "a pool that was added": lambda found: found["subnet4"][2]["pools"].append(
        {"pool": "10.1.0.5-10.1.0.9"}
    ),
    "an option that was changed": lambda found: found["subnet4"][1]["option-data"][1].update(
        data="10.0.0.254"
    ),
    "a subnet that is gone": lambda found: found["subnet4"].pop(),
    "a tag that was taken": lambda found: found["subnet4"][1]["reservations"][0].update(
        {"client-classes": []}
    ),
}


@pytest.mark.parametrize("what", DRIFT)
def test_drift_is_seen(what, ours):
    found = merged(RUNNING, ours)
    DRIFT[what](found)
    assert held(found, ours) != part(ours)


def test_what_kea_adds_by_itself_is_no_drift(ours):
    found = merged(RUNNING, ours)
    for subnet in found["subnet4"]:
        subnet.update({"4o6-subnet": "", "t1-percent": 0.5})
        subnet.get("option-data", []).reverse()
        for option in subnet.get("option-data", []):
            option.update({"code": 3, "always-send": False})
    found["client-classes"].reverse()
    assert held(found, ours) == part(ours)

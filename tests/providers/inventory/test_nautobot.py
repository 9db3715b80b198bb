"""Nautobot's shapes, as 3.2.7 was seen to answer: sites above halls, addresses on interfaces."""

from __future__ import annotations

import asyncio

import pytest

from aifactory_iac.providers.inventory.reader import InventoryError
from aifactory_iac.providers.inventory.reading import Ask, read_inventory
from aifactory_iac.providers.inventory.values import Cable, Device, End

TOKEN = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def nautobot(netbox):
    netbox.locations = [
        {"id": "l1", "name": "Frankfurt", "parent": None},
        {"id": "l2", "name": "Hall 1", "parent": {"id": "l1", "object_type": "dcim.location"}},
        {"id": "l3", "name": "Paris", "parent": None},
    ]
    common = {
        "role": {"id": "r1", "name": "GPU"},
        "device_type": {"id": "t1", "model": "DGX H100"},
        "rack": {"id": "k1", "name": "R01"},
        "position": 3,
        "face": {"value": "front", "label": "Front"},
        "serial": " SN1 ",
        "status": {"id": "s1", "name": "Active"},
        "primary_ip4": {"id": "a1", "address": "10.1.0.1/24"},
    }
    netbox.devices[:] = [
        {"id": "d1", "name": "n1", "location": {"id": "l2"}, **common},
        {"id": "d2", "name": "n2", "location": {"id": "l3"}, **common, "primary_ip4": None},
        {"id": "d3", "name": None, "location": None},
    ]
    netbox.interfaces[:] = [
        {"id": "i1", "name": "eno1", "device": {"id": "d1"}, "mac_address": "02:00:00:00:00:01",
         "mgmt_only": False, "ip_addresses": [{"id": "a1", "address": "10.1.0.1/24"}]},
        {"id": "i2", "name": "bmc", "device": {"id": "d1"}, "mac_address": "02:00:00:00:01:01",
         "mgmt_only": True, "ip_addresses": [{"id": "a2", "address": "10.0.0.1/24"}]},
        {"id": "i3", "name": "eno1", "device": {"id": "d2"}, "mac_address": None,
         "mgmt_only": False, "ip_addresses": []},
    ]  # fmt: skip
    netbox.cables[:] = [
        {"id": "c1", "termination_a_id": "i3", "termination_b_id": "i1", "label": "C1",
         "status": {"name": "Connected"}},
        {"id": "c2", "termination_a": {"id": "i1"}, "termination_b": {"id": "x"}, "label": ""},
        {"id": "c3", "termination_a_id": "x", "termination_b_id": "y"},
    ]  # fmt: skip
    return netbox


def read(server, *sites):
    ask = Ask("nautobot", server.url, TOKEN, sites)
    return asyncio.run(read_inventory(ask))


def test_all_of_it(nautobot):
    found = read(nautobot)
    assert found.devices == (
        Device("d3", ""),
        Device(
            "d1", "n1", "Frankfurt", "GPU", "DGX H100", "R01", 3, "front", "SN1", "active",
            "10.1.0.1", "10.0.0.1", {"eno1": "02:00:00:00:00:01"},
        ),
        Device(
            "d2", "n2", "Paris", "GPU", "DGX H100", "R01", 3, "front", "SN1", "active",
        ),
    )  # fmt: skip
    assert found.cables == (
        Cable((End("n1", "eno1"),)),
        Cable((End("n1", "eno1"), End("n2", "eno1")), "connected", "C1"),
    )
    assert {method for method, _path, _token in nautobot.asked} == {"GET"}


@pytest.mark.parametrize(
    ("sites", "found"),
    [
        (("frankfurt",), [("n1", "Frankfurt")]),
        (("Hall 1",), [("n1", "Hall 1")]),
        (("paris", "hall 1"), [("n1", "Hall 1"), ("n2", "Paris")]),
        (("Nowhere",), []),
    ],
)
def test_a_site_is_any_location_above_a_device(nautobot, sites, found):
    assert [(each.name, each.site) for each in read(nautobot, *sites).devices] == found


def test_locations_that_are_their_own_parents_end(nautobot):
    nautobot.locations[0]["parent"] = {"id": "l2"}
    assert [each.name for each in read(nautobot, "frankfurt").devices] == ["n1"]


def test_a_netbox_is_no_nautobot(netbox):
    with pytest.raises(InventoryError, match="has no such list"):
        read(netbox)

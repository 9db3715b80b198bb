"""Reading: what comes out of a NetBox, what is asked of it, and every way in which it can fail."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from aifactory_iac.providers.inventory.reader import InventoryError, authorization
from aifactory_iac.providers.inventory.reading import Ask, address_failure, read_inventory
from aifactory_iac.providers.inventory.values import Cable, Device, End

TOKEN = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Passing:
    """A clock that passes only when somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return 1_800_000_000.0 + sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock():
    return Passing()


def read(netbox, clock=None, **changed):
    ask = Ask(**{"kind": "netbox", "url": netbox.url, "token": TOKEN, **changed})
    return asyncio.run(read_inventory(ask, clock or Passing()))


def test_devices_and_cables_come_as_they_are_recorded(netbox):
    found = read(netbox)
    assert found.source == netbox.url
    assert found.devices[0] == Device(
        id="1", name="n0001", site="hall", role="gpu-node", kind="dgx-h100", rack="R01", unit=3,
        face="front", serial="SN0001", status="active", address="10.1.0.1", controller="10.0.0.1",
        macs={"eno1": "02:00:00:00:00:01"},
    )  # fmt: skip
    assert found.devices[0].identity.macs == ("02:00:00:00:00:01",)
    assert [each.name for each in found.devices] == ["n0001", "n0002", "n0003"]
    assert found.cables == (
        Cable((End("leaf01", "swp1"), End("n0001", "eno1")), "connected", "C1"),
    )


def test_what_is_not_recorded_is_empty(netbox):
    bare = {"id": 9, "name": None, "site": None, "rack": None, "position": None, "status": None}
    netbox.devices[:] = [bare]
    netbox.cables[0]["b_terminations"] = []
    netbox.cables.append({"id": 2, "a_terminations": [], "b_terminations": []})
    found = read(netbox)
    assert found.devices == (Device(id="9", name=""),)
    assert [each.ends for each in found.cables] == [(End("n0001", "eno1"),)]


def test_only_gets_are_sent_and_every_one_carries_the_token(netbox):
    read(netbox)
    assert [method for method, _path, _token in netbox.asked] == ["GET"] * 3
    assert {token for _method, _path, token in netbox.asked} == {f"Token {TOKEN}"}


def test_all_pages_are_read_from_the_server_that_was_asked(netbox):
    """It names itself `netbox:8080` in its links, which nobody outside can reach."""
    netbox.most = 1
    assert len(read(netbox).devices) == 3
    assert sum("/devices/" in path for _method, path, _token in netbox.asked) == 3


def test_pages_that_go_around_in_circles_end(netbox):
    circle = b'{"results": [], "next": "http://netbox/api/dcim/devices/?offset=1"}'
    netbox.wrong = lambda _path, _count: (200, {}, circle)
    with pytest.raises(InventoryError, match=r"the pages of dcim/devices do not end$"):
        read(netbox)


def test_sites_are_asked_for_one_by_one_and_no_device_comes_twice(netbox):
    found = read(netbox, sites=("hall", "annex", "hall"))
    assert len(found.devices) == 3
    asked = [path for _method, path, _token in netbox.asked if "/devices/" in path]
    assert ["site=annex" in path for path in asked] == [True, False, False]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_sent_once_and_never_shown(netbox, status):
    netbox.wrong = lambda _path, _count: (status, {}, b"{}")
    with pytest.raises(InventoryError) as refused:
        read(netbox)
    assert refused.value.wrong
    assert str(refused.value) == (
        f"{netbox.url} refused the token ({status}); it was sent once and is not tried again: give "
        "one that may read `dcim` and `ipam`"
    )
    assert len(netbox.asked) == 1


def test_a_busy_server_is_asked_again_when_it_says(netbox, clock):
    netbox.wrong = lambda path, count: (
        (503, {"Retry-After": "7"}, b"{}") if "devices" in path and count == 1 else None
    )
    assert len(read(netbox, clock).devices) == 3
    assert clock.slept == [7.0]


def test_a_server_that_stays_broken_is_given_up_on_with_growing_pauses(netbox, clock):
    netbox.wrong = lambda _path, _count: (500, {}, b"<h1>Server Error</h1>")
    with pytest.raises(InventoryError) as failed:
        read(netbox, clock)
    assert not failed.value.wrong
    assert len(netbox.asked) == 4
    assert all(later > earlier * 0.6 for earlier, later in pairwise(clock.slept))


def test_a_slow_server_is_waited_for_no_longer_than_was_said(netbox, clock):
    netbox.slow = 0.4
    with pytest.raises(InventoryError, match=r"no answer in 0\.1 s"):
        read(netbox, clock, timeout=0.1)


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (200, b"<html>", "answered 200 with something that is no JSON object"),
        (200, b"{}", "/api/dcim/devices/ gives no `results`: it is neither NetBox nor Nautobot"),
        (404, b"{}", "is it the address of an inventory, without /api?"),
    ],
)
def test_what_is_no_inventory_is_told(netbox, status, body, text):
    netbox.wrong = lambda _path, _count: (status, {}, body)
    with pytest.raises(InventoryError) as failed:
        read(netbox)
    assert text in str(failed.value)


def test_nobody_listens(clock):
    with pytest.raises(InventoryError) as failed:
        asyncio.run(read_inventory(Ask("netbox", "http://127.0.0.1:9", TOKEN), clock))
    assert not failed.value.wrong
    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("netbox", "`netbox` is no URL such as https://netbox.example.com"),
        ("ftp://netbox", "`ftp://netbox` is no URL such as https://netbox.example.com"),
        (
            "https://me:secret@netbox",
            "the URL holds a user or a password: give a token by reference instead",
        ),
        ("https://netbox/api/", "`https://netbox/api/` ends in /api, which is added: leave it out"),
        (
            "https://netbox?a=1",
            "`https://netbox?a=1` has a query or a fragment: give the address alone",
        ),
        (
            "http://netbox",
            "`http://netbox` is plain http, and the token would go over it: use https",
        ),
        ("https://netbox", ""),
        ("http://127.0.0.1:8000/netbox", ""),
    ],
)
def test_addresses(url, reason):
    assert address_failure(url) == reason


def test_a_wrong_address_reaches_nobody(netbox):
    with pytest.raises(InventoryError) as failed:
        read(netbox, url="http://netbox.example.com")
    assert failed.value.wrong


def test_tokens_of_both_versions():
    assert authorization("") == ""
    assert authorization("abc") == "Token abc"
    assert authorization("nbt_abc") == "Bearer nbt_abc"


def test_the_token_is_in_no_representation(netbox):
    assert TOKEN not in repr(Ask("netbox", netbox.url, TOKEN))


def test_an_independent_client_reads_the_same_from_this_netbox(netbox):
    """The fake is proven by NetBox's own client library, which is not ours."""
    pynetbox = pytest.importorskip("pynetbox")
    theirs = pynetbox.api("http://" + netbox.url.partition("://")[2], token=TOKEN)
    found = {each.name: (each.serial, str(each.rack), each.position) for each in
             theirs.dcim.devices.all()}  # fmt: skip
    assert found == {
        each.name: (each.serial, each.rack, float(each.unit)) for each in read(netbox).devices
    }

"""Machines that say that they are the same one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.fleet.identities import shared
from aifactory_iac.providers.machine.identity import Identity


def test_each_of_them_is_told_what_it_shares_and_with_whom():
    found = shared(
        {
            "n3": Identity.of("S3", "U1", ["AA:BB:CC:00:00:01"]),
            "n1": Identity.of("S1", "u1", ["aa-bb-cc-00-00-01", "aa:bb:cc:00:00:02"]),
            "n2": Identity.of("S1"),
            "n4": Identity.of("S4", "u4"),
        }
    )
    assert found == {
        "n1": "MAC address aa:bb:cc:00:00:01 is also that of n3; UUID u1 is also that of n3; "
        "serial S1 is also that of n2",
        "n2": "serial S1 is also that of n1",
        "n3": "MAC address aa:bb:cc:00:00:01 is also that of n1; UUID u1 is also that of n1",
    }


def test_what_is_not_known_is_shared_with_nobody():
    assert shared({"n1": Identity(), "n2": Identity()}) == {}


def test_one_machine_that_names_an_address_twice_is_no_twin():
    assert shared({"n1": Identity(macs=("aa:aa:aa:aa:aa:aa",) * 2)}) == {}


@settings(deadline=None)
@given(st.permutations(["n1", "n2", "n3", "n4"]))
def test_the_order_is_nothing(names):
    identities = {name: Identity("S1" if name in ("n1", "n3") else name) for name in names}
    assert shared(identities) == {
        "n1": "serial S1 is also that of n3",
        "n3": "serial S1 is also that of n1",
    }

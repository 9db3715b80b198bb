"""What the server makes of the folder: who is answered, and which install a machine is about."""

from __future__ import annotations

import os

import pytest

from aifactory_iac.providers.provisioning.orders import Index, Orders


@pytest.mark.parametrize(
    ("peer", "admitted"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.77", True),
        ("10.1.0.77", True),
        ("10.2.0.77", False),
        ("192.0.2.1", False),
        ("fe80::1", False),
    ],
)
def test_who_is_answered(peer, admitted, folder, now):
    assert Orders(folder, now, Index(folder)).admits(peer) is admitted


def test_changes_at_the_same_time_are_all_seen(folder, seeds, wanted):
    """File systems count time in ticks; what comes within one must not be missed."""
    index, place = Index(folder), folder.machine("any").parent
    assert index.machine("mac", "aa:bb:cc:00:00:01") is None
    seeds.publish(wanted("n1", serial="S1", macs=["aa:bb:cc:00:00:01"]))
    at = place.stat().st_mtime_ns
    assert index.machine("mac", "aa:bb:cc:00:00:01")["machine"] == "n1"
    seeds.publish(wanted("n2", serial="S2", macs=["aa:bb:cc:00:00:02"]))
    os.utime(place, ns=(at, at))
    assert index.machine("mac", "aa:bb:cc:00:00:02")["machine"] == "n2"


def test_what_has_not_changed_for_a_while_is_not_read_again(folder, seeds, wanted):
    index, place = Index(folder), folder.machine("any").parent
    seeds.publish(wanted("n1", serial="S1"))
    os.utime(place, ns=(1, 1))
    assert index.machine("serial", "S1")["machine"] == "n1"
    index.found["serial"]["S9"] = "n1"
    assert index.machine("serial", "S9")["machine"] == "n1"


def test_a_machine_that_cannot_be_read_is_left_out(folder, seeds, wanted):
    seeds.publish(wanted("n1", serial="S1"))
    folder.machine("broken").write_text("no JSON")
    assert Index(folder).machine("name", "n1")["machine"] == "n1"
    assert Index(folder).machine("name", "broken") is None

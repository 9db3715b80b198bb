"""What an emulated machine says it is."""

from __future__ import annotations

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.lab.identity import identity

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=40)


def test_an_identity_is_the_same_in_every_lab():
    found = identity("superpod-h100", "dgx-su001-n01")
    assert found.serial == "Q0BVZ83UXK1H"
    assert found.uuid == "dfb8889f-c07a-5ee0-ae84-904c5ff93899"
    assert found.macs == ("02:a1:d9:4f:c3:55", "02:09:5a:3f:9d:31")
    assert found.bmc_mac == "02:bb:6b:86:70:c0"


@given(NAMES, NAMES)
def test_every_identity_has_valid_forms(blueprint, host):
    found = identity(blueprint, host, ports=4)
    assert re.fullmatch(r"[0-9A-HJ-NP-Z]{12}", found.serial)
    assert str(uuid.UUID(found.uuid)) == found.uuid
    for mac in (*found.macs, found.bmc_mac):
        assert re.fullmatch(r"02(:[0-9a-f]{2}){5}", mac)
    assert len({*found.macs, found.bmc_mac}) == 5


@given(NAMES, NAMES, NAMES)
def test_other_names_are_other_machines(blueprint, one, other):
    if one != other:
        a, b = identity(blueprint, one), identity(blueprint, other)
        assert a.serial != b.serial
        assert a.uuid != b.uuid
        assert not {*a.macs, a.bmc_mac} & {*b.macs, b.bmc_mac}


def test_the_same_host_of_another_blueprint_is_another_machine():
    assert identity("one", "n1") != identity("two", "n1")


def test_more_ports_leave_the_first_ones_as_they_are():
    assert identity("b", "n1", ports=8).macs[:2] == identity("b", "n1", ports=2).macs

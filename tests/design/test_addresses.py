"""The address plan: no overlap, no reserved octet, nothing moves when a pool grows."""

from __future__ import annotations

import ipaddress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.design import design
from aifactory_iac.design.fabric.addresses import RESERVED, Block, pool_share
from aifactory_iac.findings import Severity


def said(made):
    rules = {"AIF-DSN-017", "AIF-DSN-018", "AIF-DSN-019"}
    return [(f.rule, f.severity, f.path, f.message) for f in made.findings if f.rule in rules]


def test_a_site_is_cut_by_purpose_whatever_it_holds(superpod, catalog):
    made = design(superpod(1), catalog)

    assert {subnet.purpose: subnet.cidr for subnet in made.subnets} == {
        "out-of-band": "10.0.0.0/15",
        "out-of-band/devices": "10.2.0.0/15",
        "in-band": "10.4.0.0/14",
        "storage/port-1": "10.8.0.0/17",
        "storage/port-2": "10.8.128.0/17",
        "loopback": "10.12.0.0/14",
        **{f"compute/rail-{rail}": f"10.{30 + 2 * rail}.0.0/15" for rail in range(1, 9)},
    }
    assert made.networks["compute"].subnets["rail-8"] == "10.46.0.0/15"
    assert made.networks["in-band"].subnets == {"in-band": "10.4.0.0/14"}


def test_no_two_blocks_of_a_site_overlap(superpod, catalog):
    made = design(superpod(4), catalog)
    blocks = [ipaddress.ip_network(subnet.cidr) for subnet in made.subnets]
    whole = ipaddress.ip_network("10.0.0.0/10")

    assert all(block.subnet_of(whole) for block in blocks)
    assert not [(a, b) for a in blocks for b in blocks if a is not b and a.overlaps(b)]


def test_every_node_has_one_address_of_its_own_on_each_management_network(superpod, catalog):
    nodes = design(superpod(4), catalog).nodes
    every = np.concatenate([nodes.in_band, nodes.out_of_band])

    assert len(np.unique(every)) == 2 * 127
    assert str(ipaddress.ip_address(int(nodes.in_band[0]))) == "10.4.0.4"
    assert not set((every % 256).tolist()) & set(RESERVED)


def test_a_node_keeps_its_host_part_over_its_pool_and_networks(superpod, catalog):
    nodes = design(superpod(2), catalog).nodes
    difference = nodes.in_band - nodes.out_of_band

    assert len(np.unique(difference)) == 1


@given(st.integers(4, 20), st.integers(1, 3000))
def test_positions_fill_a_block_up_to_its_end_and_no_further(bits, count):
    block = Block(10 << 24, 1 << bits)
    addresses = block.addresses(np.arange(count, dtype=np.int32))
    given_ = addresses[addresses > 0].astype(np.int64)

    assert len(given_) == min(count, block.hosts)
    assert len(np.unique(given_)) == len(given_)
    assert np.all((given_ >= block.first) & (given_ < block.first + block.size))
    if bits >= 8:
        assert not set((given_ % 256).tolist()) & set(RESERVED)


@given(st.integers(8, 24), st.integers(1, 9))
def test_shares_of_a_block_are_apart_and_inside(bits, shares):
    block = Block(10 << 24, 1 << bits)
    parts = [block.share(index, shares) for index in range(shares)]

    assert not [(a, b) for a in parts for b in parts if a is not b and a.overlaps(b)]
    assert all(block.first <= part.first < block.first + block.size for part in parts)


def test_pools_of_one_site_have_shares_of_their_own(build, catalog):
    compute = [
        {"name": name, "site": "dc1", "system": "dgx-h100", "count": 3} for name in ("b", "a", "c")
    ]
    made = design(build(compute=compute), catalog)
    addresses = [str(ipaddress.ip_address(int(each))) for each in made.nodes.in_band]

    assert addresses == [f"10.{octet}.0.{host}" for octet in (4, 5, 6) for host in (4, 5, 6)]


def test_shares_follow_from_the_place_in_build_order_alone():
    """A quarter each for the first three pools of a site, then quarters of what is left; halves in
    a block of fewer than 1,000 hosts.
    """
    large, small = Block(10 << 24, 1 << 18), Block(10 << 24, 1 << 7)

    shares = [pool_share(large, place) for place in range(7)]
    assert [(share.start, share.hosts) for share in shares] == [
        (0, 64_000),
        (64_000, 64_000),
        (128_000, 64_000),
        (192_000, 16_000),
        (208_000, 16_000),
        (224_000, 16_000),
        (240_000, 4_000),
    ]
    halves = [pool_share(small, place) for place in range(4)]
    assert [(share.start, share.hosts) for share in halves] == [
        (0, 61),
        (61, 30),
        (91, 15),
        (106, 8),
    ]


@given(st.integers(0, 22), st.integers(1, 40))
def test_shares_of_pools_never_overlap(bits, places):
    block = Block(10 << 24, 1 << bits)
    shares = [pool_share(block, place) for place in range(places)]
    ends = [(share.start, share.start + share.hosts) for share in shares]

    assert ends == sorted(ends)
    assert all(end <= start for (_, end), (start, _) in pairwise(ends))
    assert ends[-1][1] <= block.hosts


def test_networks_of_one_role_halve_what_is_left():
    block = Block.of("10.32.0.0/11")

    assert [block.half(place).cidr for place in range(3)] == [
        "10.32.0.0/12",
        "10.48.0.0/13",
        "10.56.0.0/14",
    ]


def test_a_block_that_is_too_small_is_said_with_both_numbers(build, catalog, site):
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": "dgx-h100", "count": 40}],
            sites=[site(addresses="10.0.0.0/23")],
        ),
        catalog,
    )

    assert said(made) == [
        (
            "AIF-DSN-017",
            Severity.HIGH,
            ("sites", "dc1", "addresses"),
            (
                f"Block 10.0.0.0/23 of site `dc1` leaves {room} addresses to a pool for {purpose}, "
                "but 40 are needed."
            ),
        )
        for purpose, room in (("in-band", 13), ("out-of-band", 5))
    ]
    assert int((made.nodes.in_band == 0).sum()) == 40 - 13


@pytest.mark.parametrize("addresses", ["10.0.0.1/24", "300.0.0.0/8", "10.0.0.0/33"])
def test_a_block_that_is_no_network(build, catalog, site, addresses):
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": "dgx-h100", "count": 1}],
            sites=[site(addresses=addresses)],
        ),
        catalog,
    )

    assert [each[:3] for each in said(made)] == [
        ("AIF-DSN-018", Severity.HIGH, ("sites", "dc1", "addresses"))
    ]


def test_linked_sites_must_not_share_addresses(build, catalog, site):
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": "dgx-h100", "count": 1}],
            sites=[site(), site("dc2"), site("dc3", addresses="10.64.0.0/16")],
            links=[
                {"name": n, "between": [a, b], "kind": "vpn", "bandwidth": "1 Gb/s"}
                for n, a, b in (("one", "dc2", "dc1"), ("two", "dc1", "dc3"))
            ],
        ),
        catalog,
    )

    assert said(made) == [
        (
            "AIF-DSN-019",
            Severity.HIGH,
            ("sites", "dc2", "addresses"),
            (
                "Sites `dc1` (10.0.0.0/10) and `dc2` (10.0.0.0/10), joined by link `one`, have "
                "addresses in common."
            ),
        )
    ]


@pytest.mark.parametrize("addresses", ["10.0.0.0/28", "10.0.0.0/30", "10.0.0.0/32"])
def test_a_tiny_block_says_what_is_lacking(superpod, build, catalog, site, addresses):
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": "dgx-h100", "count": 1}],
            fabric=[{"name": "compute", "serves": ["p"], "technology": "infiniband-ndr"}],
            sites=[site(addresses=addresses)],
        ),
        catalog,
    )

    assert {(rule, severity) for rule, severity, _, _ in said(made)} == {
        ("AIF-DSN-017", Severity.HIGH)
    }
    assert made.nodes.in_band.tolist() == [0]
    assert all(ipaddress.ip_network(subnet.cidr) for subnet in made.subnets)

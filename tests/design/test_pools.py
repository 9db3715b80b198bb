"""Pools: nodes, slots, names, and what a pool that cannot be built leaves behind."""

from __future__ import annotations

import pytest

from aifactory_iac.design.inventory.nodes import positions, span, take_inventory
from aifactory_iac.design.inventory.pools import design_pools
from aifactory_iac.findings import Severity


def test_ufm_takes_the_last_slot_of_the_first_unit_and_no_other(superpod, catalog):
    blueprint = superpod(2)
    pools, _ = design_pools(blueprint, catalog)
    inventory = take_inventory(blueprint, catalog, pools)

    assert pools["dgx"].nodes == 63
    assert inventory.name[30:33] == ("dgx-su001-n31", "dgx-su002-n01", "dgx-su002-n02")
    assert inventory.name[-1] == "dgx-su002-n32"
    assert span(pools["dgx"]) == 64


def test_a_count_is_the_number_of_nodes_and_skips_the_vacated_slot(superpod, catalog):
    pools, _ = design_pools(superpod(0, count=32), catalog)

    assert pools["dgx"].nodes == 32
    assert positions(pools["dgx"]).tolist() == [*range(31), 32]
    assert pools["dgx"].scalable_units == 2


def test_without_ufm_a_unit_is_full(build, catalog):
    blueprint = build(
        compute=[{"name": "dgx", "site": "dc1", "system": "dgx-h100", "scalable_units": 4}]
    )

    assert design_pools(blueprint, catalog)[0]["dgx"].nodes == 128


@pytest.mark.parametrize(
    ("technology", "nodes"), [("ethernet-roce", 64), ("infiniband-xdr", 72), (None, 64)]
)
def test_the_size_of_a_unit_follows_the_compute_network(build, catalog, technology, nodes):
    """DGX B300: 64 nodes with Spectrum-4 (RA-11337-001), 72 with XDR (RA-11339-001)."""
    fabric = [{"name": "compute", "serves": ["b300"], "technology": technology}]
    blueprint = build(
        compute=[{"name": "b300", "site": "dc1", "system": "dgx-b300", "scalable_units": 1}],
        fabric=fabric if technology else [],
    )

    assert design_pools(blueprint, catalog)[0]["b300"].nodes == nodes


def test_a_rack_scale_pool_counts_racks_and_lists_trays(build, catalog):
    """NVL72: 18 compute trays of 4 GPUs (DGX GB200 user guide)."""
    blueprint = build(compute=[{"name": "nvl", "site": "dc1", "system": "gb200-nvl72", "count": 2}])
    pool = design_pools(blueprint, catalog)[0]["nvl"]

    assert (pool.machines, pool.nodes, pool.gpus, pool.gpus_per_node) == (2, 36, 144, 4)
    assert pool.node_power_kw == pytest.approx(132 / 18)


def test_colossus_is_12500_nodes_of_127_5_megawatts(build, catalog):
    """xAI Colossus 1: 100,000 H100 as 12,500 eight-GPU servers of 10.2 kW."""
    blueprint = build(
        compute=[{"name": "grok", "site": "dc1", "system": "dgx-h100", "count": 12_500}]
    )
    pool = design_pools(blueprint, catalog)[0]["grok"]

    assert pool.gpus == 100_000
    assert pool.nodes * pool.node_power_kw == pytest.approx(127_500)


def test_figures_of_a_pool_are_of_all_its_gpus(build, catalog):
    blueprint = build(compute=[{"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": 2}])
    pool = design_pools(blueprint, catalog)[0]["dgx"]

    assert pool.memory_tb == pytest.approx(16 * 0.08)
    assert pool.petaflops_dense["bf16"] == pytest.approx(16 * 0.9895, rel=1e-3)


def test_a_pool_without_units_is_numbered_through(build, catalog):
    blueprint = build(
        compute=[{"name": "burst", "site": "cloud", "instance": "p5.48xlarge", "count": 2}],
        sites=[{"name": "cloud", "kind": "aws", "region": "eu-central-1", "account": "123"}],
    )
    pools, _ = design_pools(blueprint, catalog)
    inventory = take_inventory(blueprint, catalog, pools)

    assert inventory.name == ("burst-n0001", "burst-n0002")
    assert (pools["burst"].node_power_kw, pools["burst"].gpus) == (None, 16)


def test_an_empty_pool_is_whole(build, catalog):
    blueprint = build(compute=[{"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": 0}])
    pools, findings = design_pools(blueprint, catalog)

    assert (pools["dgx"].nodes, pools["dgx"].scalable_units, findings) == (0, 0, ())
    assert len(take_inventory(blueprint, catalog, pools)) == 0


@pytest.mark.parametrize(
    ("pool", "rule", "path", "message"),
    [
        pytest.param(
            {"system": "dgx-h100"},
            "AIF-DSN-001",
            ("compute", "p"),
            "Pool `p` does not say how many nodes it has.",
            id="no size",
        ),
        pytest.param(
            {"system": "dgx-h100", "count": 4, "scalable_units": 1},
            "AIF-DSN-001",
            ("compute", "p"),
            "Pool `p` gives both `count` and `scalable_units`.",
            id="two sizes",
        ),
        pytest.param(
            {"system": "dgx-h1000", "count": 4},
            "AIF-DSN-002",
            ("compute", "p", "system"),
            "`dgx-h1000` of pool `p` is not in the catalog's `systems`.",
            id="unknown system",
        ),
        pytest.param(
            {"instance": "p5.48xlarge", "count": 4},
            "AIF-DSN-002",
            ("compute", "p"),
            "Pool `p` at the on-prem site `dc1` names no system.",
            id="an instance on-prem",
        ),
        pytest.param(
            {"system": "pcie-8x-l40s", "scalable_units": 2},
            "AIF-DSN-003",
            ("compute", "p", "scalable_units"),
            "Pool `p` asks for 2 scalable units, but the catalog knows none of `pcie-8x-l40s`.",
            id="units of a system without",
        ),
        pytest.param(
            {"system": "dgx-h100", "count": 1_000_001},
            "AIF-DSN-030",
            ("compute", "p"),
            "Pool `p` would have 1,000,001 nodes; the most is 1,000,000.",
            id="an impossible size",
        ),
        pytest.param(
            {"system": "dgx-h100", "count": 1, "site": "dc9"},
            "AIF-DSN-002",
            ("compute", "p", "site"),
            "Pool `p` names the site `dc9`, which does not exist.",
            id="a site that is not there",
        ),
    ],
)
def test_a_pool_that_cannot_be_built_is_left_out_and_said(
    build, catalog, pool, rule, path, message
):
    pools, findings = design_pools(build(compute=[{"name": "p", "site": "dc1", **pool}]), catalog)

    assert dict(pools) == {}
    assert [(each.rule, each.severity, each.path, each.message) for each in findings] == [
        (rule, Severity.HIGH, path, message)
    ]

"""NVIDIA's published DGX SuperPOD H100 tables (RA-11333-001, compute fabric component counts).

Node-leaf cables include those of the UFM appliances; nodes are those left when UFM takes the leaf
ports of one slot.
"""

from __future__ import annotations

import pytest

from aifactory_iac.design import design
from aifactory_iac.design.fabric.clos import Demand, Segment, size_clos, split_leaf
from aifactory_iac.design.fabric.networks import design_networks
from aifactory_iac.design.facility.racks import fit_pools
from aifactory_iac.design.inventory.pools import design_pools
from aifactory_iac.design.model import Cables, Switches

PUBLISHED = [
    # units, nodes, GPUs, leaf, spine, node-leaf and UFM cables, leaf-spine cables
    pytest.param(1, 31, 248, 8, 4, 252, 256, id="RA-11333-001-1SU"),
    pytest.param(2, 63, 504, 16, 8, 508, 512, id="RA-11333-001-2SU"),
    pytest.param(3, 95, 760, 24, 16, 764, 768, id="RA-11333-001-3SU"),
    pytest.param(4, 127, 1016, 32, 16, 1020, 1024, id="RA-11333-001-4SU"),
]


@pytest.mark.parametrize(("units", "nodes", "gpus", "leaf", "spine", "host", "up"), PUBLISHED)
def test_superpod_h100_matches_the_published_table(
    superpod, catalog, units, nodes, gpus, leaf, spine, host, up
):
    blueprint = superpod(units)
    pools, _ = design_pools(blueprint, catalog)
    fabric = design_networks(blueprint, catalog, pools, fit_pools(blueprint, catalog, pools)[0])
    networks = fabric.networks

    assert (pools["dgx"].nodes, pools["dgx"].gpus) == (nodes, gpus)
    assert networks["compute"].switches == Switches(leaf, spine, 0)
    assert networks["compute"].cables == Cables(host, up, 0)
    assert networks["compute"].oversubscription == 1.0
    assert fabric.findings == ()


@pytest.mark.parametrize(
    ("leaves", "published", "ceiling"),
    [pytest.param(24, 16, 12, id="RA-11333-001-3SU: dividing by ports gives 12 spines, NVIDIA 16")],
)
def test_even_spread_is_not_a_plain_quotient(leaves, published, ceiling):
    clos = size_clos(Demand((Segment(3, 8),), Segment(3, 8), 1, 64), split_leaf(64, 1.0))

    assert clos is not None
    assert (clos.leaves, clos.spines) == (leaves, published)
    assert leaves * 32 / 64 == ceiling


def test_built_for_four_units_one_unit_has_all_spines_and_its_own_leaves(superpod, catalog):
    blueprint = superpod(1, grows_to={"scalable_units": 4})
    compute = design(blueprint, catalog).networks["compute"]

    assert compute.switches == Switches(8, 16, 0)
    assert compute.cables == Cables(252, 256, 0)
    assert compute.designed_for_nodes == 127


def test_a_partial_unit_gets_the_leaves_and_uplinks_of_a_full_one(superpod, catalog):
    blueprint = superpod(0, count=5)
    compute = design(blueprint, catalog).networks["compute"]

    assert compute.switches == Switches(8, 4, 0)
    assert compute.cables == Cables(5 * 8 + 4, 256, 0)


LARGER = [
    # nodes, leaf, spine, core, node-leaf, leaf-spine, spine-core
    pytest.param(64, 16, 8, 0, 512, 512, 0, id="RA-11334-001-2SU"),
    pytest.param(128, 32, 16, 0, 1024, 1024, 0, id="RA-11334-001-4SU"),
    pytest.param(256, 64, 32, 0, 2048, 2048, 0, id="RA-11334-001-8SU"),
    pytest.param(512, 128, 128, 64, 4096, 4096, 4096, id="RA-11334-001-16SU"),
    pytest.param(1024, 256, 256, 128, 8192, 8192, 8192, id="RA-11334-001-32SU"),
    pytest.param(2048, 512, 512, 256, 16384, 16384, 16384, id="RA-11334-001-64SU"),
]


@pytest.mark.parametrize(("nodes", "leaf", "spine", "core", "host", "up", "top"), LARGER)
def test_superpod_b200_matches_the_published_table_up_to_three_tiers(
    build, catalog, nodes, leaf, spine, core, host, up, top
):
    """DGX SuperPOD B200, RA-11334-001, larger component counts: no UFM in these rows."""
    compute = _compute_network(build, catalog, "dgx-b200", nodes, "infiniband-ndr")

    assert compute.switches == Switches(leaf, spine, core)
    assert compute.cables == Cables(host, up, top)
    assert compute.tiers == (3 if core else 2)


XDR = [
    pytest.param(72, 8, 4, 576, id="RA-11339-001-1SU"),
    pytest.param(144, 16, 8, 1152, id="RA-11339-001-2SU"),
    pytest.param(288, 32, 18, 2304, id="RA-11339-001-4SU"),
    pytest.param(576, 64, 36, 4608, id="RA-11339-001-8SU"),
    pytest.param(1296, 144, 72, 10368, id="RA-11339-001-18SU"),
]


@pytest.mark.parametrize(("nodes", "leaf", "spine", "cables"), XDR)
def test_superpod_b300_xdr_matches_the_published_table(build, catalog, nodes, leaf, spine, cables):
    """DGX SuperPOD B300 XDR, RA-11339-001, table 3. Its last row prints 9,216 GPUs for 1,296
    nodes of eight: the cables, 10,368, say what there is.
    """
    compute = _compute_network(build, catalog, "dgx-b300", nodes, "infiniband-xdr")

    assert compute.switches == Switches(leaf, spine, 0)
    assert compute.cables == Cables(cables, cables, 0)
    assert compute.endpoints == nodes * 8


TWIN_PLANE = [
    pytest.param(64, 16, 8, id="RA-11337-001-1SU"),
    pytest.param(128, 32, 16, id="RA-11337-001-2SU"),
    pytest.param(256, 64, 32, id="RA-11337-001-4SU"),
    pytest.param(512, 128, 64, id="RA-11337-001-8SU"),
    pytest.param(1024, 256, 128, id="RA-11337-001-16SU"),
]


@pytest.mark.parametrize(("nodes", "leaf", "spine"), TWIN_PLANE)
def test_superpod_b300_spectrum_matches_the_published_table(build, catalog, nodes, leaf, spine):
    """DGX SuperPOD B300 Spectrum-4, RA-11337-001, table 3: each 800 Gb/s adapter as 2 x 400 in two
    planes. The table counts 800 Gb/s cables; links of 400 Gb/s are twice as many.
    """
    compute = _compute_network(build, catalog, "dgx-b300", nodes, "ethernet-roce", planes=2)

    assert compute.switches == Switches(leaf, spine, 0)
    assert (compute.port_gbps, compute.planes) == (400, 2)
    assert compute.cables == Cables(nodes * 8 * 2, nodes * 8 * 2, 0)


def _compute_network(build, catalog, system, nodes, technology, **network):
    blueprint = build(
        compute=[{"name": "dgx", "site": "dc1", "system": system, "count": nodes}],
        fabric=[{"name": "compute", "serves": ["dgx"], "technology": technology, **network}],
    )
    pools, _ = design_pools(blueprint, catalog)
    fabric = design_networks(blueprint, catalog, pools, fit_pools(blueprint, catalog, pools)[0])
    assert fabric.findings == ()
    return fabric.networks["compute"]

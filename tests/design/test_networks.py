"""Networks besides the published tables: roles, ports, clouds, and what cannot be built."""

from __future__ import annotations

import pytest

from aifactory_iac.design import design
from aifactory_iac.design.model import Cables, Switches
from aifactory_iac.findings import Severity

RULES = {f"AIF-DSN-{number:03d}" for number in (13, 14, 15, 16, 20, 22, 24, 27)}


def said(made):
    return [(f.rule, f.severity, f.path, f.message) for f in made.findings if f.rule in RULES]


def networked(build, catalog, network, *, system="dgx-h100", count=32, **layers):
    made = design(
        build(
            compute=[{"name": "p", "site": "dc1", "system": system, "count": count}],
            fabric=[{"name": "compute", "serves": ["p"], **network}],
            **layers,
        ),
        catalog,
    )
    return made.networks.get("compute"), said(made)


def test_colossus_is_three_tiers_of_sn5600(build, catalog):
    """xAI Colossus: 100,000 GPUs on one 400 Gb/s port each, SN5600, three tiers (NVIDIA release
    2024-10-28).
    """
    compute, findings = networked(
        build, catalog, {"technology": "ethernet-roce", "switch": "SN5600"}, count=12_500
    )

    assert (compute.tiers, compute.endpoints, compute.port_gbps) == (3, 100_000, 400)
    assert compute.switches == Switches(1568, 1600, 1024)
    assert compute.cables == Cables(100_000, 100_352, 102_400)
    assert compute.oversubscription == 1.0
    assert findings == []


def test_the_four_networks_of_a_superpod(superpod, catalog):
    networks = design(superpod(4), catalog).networks

    assert {name: (n.role, n.switch, n.port_gbps) for name, n in networks.items()} == {
        "compute": ("compute", "QM9700", 400),
        "storage": ("storage", "QM9700", 400),
        "in-band": ("in-band", "SN4600C", 100),
        "out-of-band": ("out-of-band", "SN2201", 1),
    }
    assert networks["storage"].switches == Switches(8, 4, 0)
    assert networks["storage"].cables == Cables(2 * 127, 8 * 28, 0)
    assert networks["storage"].oversubscription == pytest.approx(36 / 28)
    assert networks["in-band"].switches == Switches(6, 2, 0)
    assert networks["in-band"].cables.host == 2 * 127


def test_out_of_band_joins_nodes_switches_and_power_units(superpod, catalog):
    """127 BMCs; 48 + 12 + 8 switches of the other networks; two PDUs in each of 32 racks."""
    made = design(superpod(4), catalog)
    network = made.networks["out-of-band"]

    assert network.endpoints == 127 + 48 + 12 + 8 + 2 * 32
    assert network.switches == Switches(6, 0, 0)
    assert network.cables == Cables(259, 12, 0)
    assert network.oversubscription == pytest.approx(48 / 200)


def test_a_unit_of_one_pair_of_in_band_switches_needs_no_spine(superpod, catalog):
    assert design(superpod(1), catalog).networks["in-band"].switches == Switches(2, 0, 0)


def test_an_efa_network_has_no_switches_of_ours(build, catalog):
    """p5.48xlarge: 32 EFA interfaces, 3,200 Gb/s."""
    made = design(
        build(
            compute=[{"name": "burst", "site": "aws", "instance": "p5.48xlarge", "count": 8}],
            fabric=[{"name": "efa", "serves": ["burst"]}],
            sites=[{"name": "aws", "kind": "aws", "region": "eu-central-1", "account": "1"}],
        ),
        catalog,
    )
    efa = made.networks["efa"]

    assert (efa.endpoints, efa.rails, efa.port_gbps, efa.technology) == (256, 32, 100, "efa")
    assert (efa.switches, efa.cables, efa.tiers) == (Switches(0, 0, 0), Cables(0, 0, 0), 0)
    assert said(made) == []


def test_an_instance_without_efa_on_an_efa_network(build, catalog):
    made = design(
        build(
            compute=[{"name": "small", "site": "aws", "instance": "g6.xlarge", "count": 1}],
            fabric=[{"name": "efa", "serves": ["small"]}],
            sites=[{"name": "aws", "kind": "aws", "region": "eu-central-1", "account": "1"}],
        ),
        catalog,
    )

    assert said(made) == [
        (
            "AIF-DSN-027",
            Severity.MEDIUM,
            ("fabric", "efa", "serves"),
            "`g6.xlarge` on network `efa` has no EFA interface.",
        )
    ]


def test_a_fat_tree_puts_all_ports_of_a_node_on_one_leaf(build, catalog):
    tree = {"technology": "infiniband-ndr", "topology": "fat-tree"}
    few, _ = networked(build, catalog, tree, count=4)
    many, _ = networked(build, catalog, tree, count=32)

    assert (few.switches, few.tiers) == (Switches(1, 0, 0), 1)
    assert many.switches == Switches(8, 4, 0)


def test_several_pools_have_leaves_of_their_own_on_a_compute_network(build, catalog):
    made = design(
        build(
            compute=[
                {"name": name, "site": "dc1", "system": "dgx-h100", "count": count}
                for name, count in (("b", 4), ("a", 33))
            ],
            fabric=[{"name": "compute", "serves": ["b", "a"], "technology": "infiniband-ndr"}],
        ),
        catalog,
    )
    names = made.networks["compute"].switch_names

    assert made.networks["compute"].switches.leaf == 8 * (2 + 1)
    assert names[0] == "compute-leaf-a-001-r1"
    assert names[16] == "compute-leaf-b-001-r1"
    assert names[24] == "compute-spine-001"
    assert len(set(names)) == len(names) == made.networks["compute"].switches.total


@pytest.mark.parametrize(
    ("network", "system", "finding"),
    [
        pytest.param(
            {},
            "dgx-h100",
            (
                "AIF-DSN-013",
                Severity.HIGH,
                ("fabric", "compute", "technology"),
                "Network `compute` at a site of one's own has no technology.",
            ),
            id="no technology",
        ),
        pytest.param(
            {"technology": "efa"},
            "dgx-h100",
            (
                "AIF-DSN-013",
                Severity.HIGH,
                ("fabric", "compute", "technology"),
                "Network `compute` at a site of one's own has EFA, which exists at AWS sites only.",
            ),
            id="EFA on-prem",
        ),
        pytest.param(
            {"technology": "infiniband-ndr", "switch": "SN5600"},
            "dgx-h100",
            (
                "AIF-DSN-013",
                Severity.HIGH,
                ("fabric", "compute", "switch"),
                "Switch `SN5600` is ethernet, but network `compute` is infiniband-ndr.",
            ),
            id="an Ethernet switch for InfiniBand",
        ),
        pytest.param(
            {"technology": "infiniband-ndr", "switch": "QM9999"},
            "dgx-h100",
            (
                "AIF-DSN-013",
                Severity.HIGH,
                ("fabric", "compute", "switch"),
                "Switch `QM9999` of network `compute` is not in the catalog.",
            ),
            id="unknown switch",
        ),
        pytest.param(
            {"technology": "infiniband-xdr"},
            "dgx-h100",
            (
                "AIF-DSN-014",
                Severity.HIGH,
                ("fabric", "compute"),
                (
                    "The slowest port of `Q3400-RA` is 800 Gb/s, but the adapters on network "
                    "`compute` are 400 Gb/s."
                ),
            ),
            id="adapters slower than every port",
        ),
    ],
)
def test_a_network_that_cannot_be_built_is_left_out_and_said(
    build, catalog, network, system, finding
):
    assert networked(build, catalog, network, system=system) == (None, [finding])


def test_adapters_that_run_below_their_rate_are_said(build, catalog):
    compute, findings = networked(
        build, catalog, {"technology": "infiniband-ndr"}, system="dgx-b300"
    )

    assert compute.port_gbps == 400
    assert findings == [
        (
            "AIF-DSN-024",
            Severity.MEDIUM,
            ("fabric", "compute"),
            (
                "Adapters of 800 Gb/s on network `compute` run at 400 Gb/s, the rate of `QM9700`'s "
                "ports."
            ),
        )
    ]


def test_a_network_beyond_three_tiers_says_what_three_tiers_join(build, catalog):
    compute, findings = networked(build, catalog, {"technology": "infiniband-ndr"}, count=8_193)

    assert compute is None
    assert findings == [
        (
            "AIF-DSN-015",
            Severity.HIGH,
            ("fabric", "compute"),
            (
                "Network `compute` needs more than three tiers of `QM9700`: 8193 nodes of 8 ports, "
                "but three tiers of 64 ports at 400 Gb/s join at most 8192 such nodes."
            ),
        )
    ]


def test_a_network_that_grows_to_less_than_it_serves(build, catalog):
    _, findings = networked(
        build, catalog, {"technology": "infiniband-ndr", "grows_to": {"nodes": 16}}
    )

    assert findings == [
        (
            "AIF-DSN-022",
            Severity.HIGH,
            ("fabric", "compute", "grows_to"),
            "Network `compute` grows to 16 nodes, but serves 32 already.",
        )
    ]


def test_a_network_is_of_one_site(build, catalog, site):
    made = design(
        build(
            compute=[
                {"name": name, "site": where, "system": "dgx-h100", "count": 1}
                for name, where in (("a", "dc1"), ("b", "dc2"))
            ],
            fabric=[
                {"name": "compute", "serves": ["a", "b"], "technology": "infiniband-ndr"},
                {"name": "storage", "serves": ["a", "z"], "technology": "infiniband-ndr"},
            ],
            sites=[site(), site("dc2")],
        ),
        catalog,
    )

    assert list(made.networks) == ["storage"]
    assert [each[0:1] + each[2:] for each in said(made)] == [
        (
            "AIF-DSN-020",
            ("fabric", "compute", "serves"),
            "Network `compute` serves pools at `dc1`, `dc2`; a network is of one site.",
        ),
        (
            "AIF-DSN-020",
            ("fabric", "storage", "serves"),
            "Network `storage` serves `z`, which cannot be designed.",
        ),
    ]


def test_ufm_without_scalable_units_keeps_room_for_its_ports(build, catalog):
    """32 positions of nodes fill a leaf group; the managers open the next one."""
    network = {"technology": "infiniband-ndr", "subnet_manager": "ufm"}
    rest = {"system": "hgx-h200-supermicro-sys-821ge-tnhr", "count": 32}
    full, _ = networked(build, catalog, network, **rest)

    assert full.rails == max(1, catalog.systems[rest["system"]].rails)
    assert full.switches.leaf == 2 * full.rails

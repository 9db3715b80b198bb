"""Published figures, and figures that must agree with one another."""

from __future__ import annotations

import math

import pytest

from aifactory_iac.catalog import Catalog

SPARSE_IS_NOT_TWICE_DENSE = {
    ("nvidia-b300-sxm", "fp4"): "Blackwell Ultra trades sparse FP4 for dense",
    ("nvidia-gb300-gpu", "fp4"): "Blackwell Ultra trades sparse FP4 for dense",
    (
        "nvidia-l40s",
        "bf16",
    ): "the vendor rounds 362.05 to 362 and prints 733 for both sparse figures",
    ("aws-trainium2", "bf16"): "4:1 sparsity",
    ("aws-trainium2", "fp8"): "4:1 sparsity",
    ("aws-trainium3", "bf16"): "another sparsity",
}


def test_sparse_is_twice_dense_where_both_are_published(shipped: Catalog) -> None:
    odd = {
        (chip.id, precision)
        for chip in shipped.accelerators.values()
        for precision, sparse in chip.tflops_sparse.items()
        if precision in chip.tflops_dense
        and not math.isclose(sparse, 2 * chip.tflops_dense[precision], rel_tol=0.011)
    }
    assert odd == set(SPARSE_IS_NOT_TWICE_DENSE)


def test_nothing_measured_beats_the_dense_peak(shipped: Catalog) -> None:
    for chip in shipped.accelerators.values():
        for precision, measured in chip.mamf_tflops.items():
            assert measured < chip.tflops_dense[precision], chip.id


@pytest.mark.parametrize(
    ("chip", "ceiling"),
    [
        ("nvidia-h100-sxm", 0.80),
        ("nvidia-b200-sxm", 0.78),
        ("nvidia-gb200-gpu", 0.73),
        ("amd-mi355x", 0.63),
        ("amd-mi300x", 0.51),
    ],
)
def test_ceiling_of_model_flops_utilisation(shipped: Catalog, chip: str, ceiling: float) -> None:
    """ml-engineering, MAMF over peak in BF16. Its 68 % of the MI355X is over another peak."""
    fact = shipped.accelerators[chip]
    assert round(fact.mamf_tflops["bf16"] / fact.tflops_dense["bf16"], 2) == ceiling


def test_mig_profiles_fill_but_never_exceed_the_memory(shipped: Catalog) -> None:
    for chip in shipped.accelerators.values():
        for profile, most in chip.mig_profiles.items():
            slices, _, size = profile.partition("g.")
            assert int(slices) * most <= 7, chip.id
            assert float(size.removesuffix("gb")) * most <= chip.memory_gb * 1.03, (
                chip.id,
                profile,
            )


def test_a_part_that_cannot_be_bought_says_so(shipped: Catalog) -> None:
    status = {chip.id: chip.status for chip in shipped.accelerators.values()}
    assert sorted(key for key, value in status.items() if value == "announced") == [
        "amd-mi455x",
        "nvidia-b100-sxm",
        "nvidia-rubin",
    ]
    assert sorted(key for key, value in status.items() if value == "rent-only") == [
        "aws-inferentia2",
        "aws-trainium1",
        "aws-trainium2",
        "aws-trainium3",
        "google-tpu-7x",
        "google-tpu-v5e",
        "google-tpu-v5p",
        "google-tpu-v6e",
    ]
    assert shipped.accelerators["nvidia-b100-sxm"].provenance.note is not None
    assert "use nvidia-b200-sxm" in shipped.accelerators["nvidia-b100-sxm"].provenance.note


def test_four_dgx_h100_make_a_rack_of_40_8_kw(shipped: Catalog) -> None:
    """DGX SuperPOD data center design: 4 x 10.2 kW."""
    system = shipped.systems["dgx-h100"]
    assert system.power_kw_max is not None
    assert system.recommended_per_rack == 4
    assert math.isclose(4 * system.power_kw_max, 40.8)
    limit = shipped.cooling_limits["contained-air"]
    assert limit.review_kw < 40.8 < limit.max_kw


def test_four_dgx_b300_plan_as_56_kw(shipped: Catalog) -> None:
    """DGX SuperPOD B300 XDR: four a rack at about 56 kW; the user guide's maximum is above it."""
    system = shipped.systems["dgx-b300"]
    assert system.power_kw_design is not None
    assert 4 * system.power_kw_design == 56
    assert system.power_kw_max == 14.5
    assert not system.provenance.verified("power_kw_max")


def test_ports_of_a_dgx_h100(shipped: Catalog) -> None:
    system = shipped.systems["dgx-h100"]
    roles = ("compute", "storage", "in-band", "out-of-band")
    assert [system.ports(role) for role in roles] == [(8, 400), (2, 400), (2, 100), (1, 1)]
    assert system.rails == 8


@pytest.mark.parametrize(
    ("system", "nodes"),
    [
        ("dgx-h100", {"infiniband-ndr": 32}),
        ("dgx-h200", {"infiniband-ndr": 32}),
        ("dgx-b200", {"infiniband-ndr": 32}),
        ("dgx-b300", {"ethernet-roce": 64, "infiniband-xdr": 72}),
        ("gb200-nvl72", {"infiniband-ndr": 8}),
        ("dgx-rubin-nvl8", {"infiniband-xdr": 72}),
        ("hgx-b300-era", {"ethernet-roce": 4}),
    ],
)
def test_scalable_units(shipped: Catalog, system: str, nodes: dict[str, int]) -> None:
    fact = shipped.systems[system]
    assert dict(fact.scalable_units) == nodes
    assert fact.scalable_unit_nodes in nodes.values()


def test_a_gb300_rack_plans_as_18_trays_of_7_5_kw(shipped: Catalog) -> None:
    """NVIDIA Mission Control power reservation FAQ."""
    constants = shipped.constants
    tray = (
        4 * constants["power.gb300_gpu_kw"].value
        + constants["power.gb300_cpu_kw"].value
        + constants["power.gb300_static_kw"].value
    )
    rack = shipped.systems["gb300-nvl72"]
    assert math.isclose(tray, constants["power.gb300_tray_kw"].value)
    assert rack.power_kw_design is not None
    assert math.isclose(rack.trays * tray, rack.power_kw_design)
    assert shipped.accelerators["nvidia-gb300-gpu"].power_w == 1400


@pytest.mark.parametrize("rack", ["gb200-nvl72", "gb300-nvl72"])
def test_a_rack_scale_system_counts_the_whole_rack(shipped: Catalog, rack: str) -> None:
    system = shipped.systems[rack]
    assert (system.form, system.gpus, system.trays, system.rails) == ("rack", 72, 18, 4)
    assert system.ports("compute")[0] == system.trays * system.rails == system.gpus
    assert all(nic.count % system.trays == 0 for nic in system.nics if nic.role != "out-of-band")


def test_gb300_nvl72_headline_is_dense(shipped: Catalog) -> None:
    """NVIDIA NVL72 reference architecture: 1.08 EF FP4 and 360 PF FP8, dense, 72 GPUs."""
    dense = shipped.accelerators["nvidia-gb300-gpu"].tflops_dense
    assert 72 * dense["fp4"] == 1.08e6
    assert 72 * dense["fp8"] == 360e3


def test_oci_131072_is_sparse_fp4(shipped: Catalog) -> None:
    """Reported as 2.4 zettaflops: 131,072 B200 in sparse FP4 give 2.36."""
    sparse = shipped.accelerators["nvidia-b200-sxm"].tflops_sparse["fp4"]
    assert round(131_072 * sparse / 1e9, 2) == 2.36


def test_switch_ports_fit_the_cages(shipped: Catalog) -> None:
    for switch in shipped.switches.values():
        if switch.fabric == "infiniband":
            ports = max(switch.radix.values()) * switch.switches_in_chassis
            assert ports == switch.cages * switch.ports_per_cage, switch.id
    assert dict(shipped.switches["QM9700"].radix) == {400: 64}
    assert dict(shipped.switches["SN5600"].radix) == {800: 64, 400: 128, 200: 256, 100: 256}
    assert shipped.switches["QM9700"].power_w_max == 1720
    assert shipped.switches["Q3400-RA"].radix[800] == 144


@pytest.mark.parametrize(
    ("instance", "usd"),
    [
        ("p4d.24xlarge", 2.745),
        ("p4de.24xlarge", 3.431),
        ("p5.4xlarge", 6.88),
        ("p5.48xlarge", 6.88),
        ("p5en.48xlarge", 7.912),
        ("p6-b200.48xlarge", 14.242),
        ("p6-b300.48xlarge", 17.802),
        ("g5.48xlarge", 2.036),
        ("g6.48xlarge", 1.669),
        ("g6e.48xlarge", 3.766),
        ("g7.48xlarge", 3.564),
        ("g7e.48xlarge", 4.143),
        ("trn1.32xlarge", 1.344),
        ("inf2.48xlarge", 1.082),
    ],
)
def test_price_of_an_accelerator_hour(shipped: Catalog, instance: str, usd: float) -> None:
    """us-east-1, Karpenter's price list of 2026-07-20, over the accelerators of the type."""
    fact = shipped.aws_instances[instance]
    assert fact.usd_h is not None
    assert fact.price_date == "2026-07-20"
    assert math.isclose(fact.usd_h / fact.accelerators, usd, abs_tol=0.0006)


def test_a_price_and_its_date_stand_together(shipped: Catalog) -> None:
    for instance in shipped.aws_instances.values():
        assert (instance.usd_h is None) == (instance.price_date is None), instance.id
        block = instance.capacity_block_usd_h
        assert (block is None) == (instance.capacity_block_price_date is None), instance.id
    unsold = sorted(key for key, fact in shipped.aws_instances.items() if fact.usd_h is None)
    assert unsold == [
        "p5e.48xlarge",
        "p6e-gb200.36xlarge",
        "trn2.3xlarge",
        "trn2.48xlarge",
        "trn2u.48xlarge",
    ]


@pytest.mark.parametrize(
    ("instance", "cards", "efa"),
    [
        ("p4d.24xlarge", 4, 4),
        ("p5.48xlarge", 32, 32),
        ("p5.4xlarge", 1, 1),
        ("p5en.48xlarge", 16, 16),
        ("p6-b200.48xlarge", 8, 8),
        ("p6-b300.48xlarge", 17, 16),
        ("g5.xlarge", 1, 0),
        ("trn1.32xlarge", 8, 8),
    ],
)
def test_network_cards(shipped: Catalog, instance: str, cards: int, efa: int) -> None:
    fact = shipped.aws_instances[instance]
    assert (fact.network_cards, fact.efa) == (cards, efa)


def test_quotas_and_images_follow_the_family(shipped: Catalog) -> None:
    codes = {"p": "L-417A185B", "g": "L-DB2E81BA", "t": "L-2C3B7624", "i": "L-1945791B"}
    for instance in shipped.aws_instances.values():
        expected = None if instance.ultraserver_only else codes[instance.family[0]]
        assert instance.quota_code == expected, instance.id
        image = {"nvidia": "AL2023_x86_64_NVIDIA", "aws": "AL2023_x86_64_NEURON"}
        vendor = str(instance.accelerator).partition("-")[0]
        arm = instance.arch == "arm64"
        assert instance.eks_ami == ("AL2023_ARM_64_NVIDIA" if arm else image[vendor])


def test_an_fsx_step_gives_the_same_throughput_in_every_tier(shipped: Catalog) -> None:
    step = shipped.constants["fsx.step_mb_s"].value
    for tier in shipped.fsx_tiers.values():
        assert tier.efa_step_gib / 1024 * tier.mb_s_per_tib == step


def test_cooling_limits_rise_with_the_kind(shipped: Catalog) -> None:
    limits = shipped.cooling_limits
    for limit in limits.values():
        assert limit.review_kw <= limit.max_kw
    order = ("air", "in-row", "contained-air", "rear-door", "direct-to-chip", "immersion")
    assert [limits[kind].max_kw for kind in order] == [10, 50, 60, 80, 150, 600]
    assert [kind for kind in order if limits[kind].liquid] == ["direct-to-chip", "immersion"]
    assert not limits["immersion"].provenance.verified("max_kw")


def test_carbon_of_regions_and_countries(shipped: Catalog) -> None:
    assert shipped.aws_regions["us-east-1"].g_per_kwh == 323.05
    assert shipped.aws_regions["eu-central-1"].country == "DE"
    assert shipped.aws_regions["ca-west-1"].g_per_kwh is None
    assert not shipped.aws_regions["us-west-2"].provenance.verified("g_per_kwh")
    assert shipped.grid_carbon["SE"].g_per_kwh == 40.7
    # Honest sources differ by up to ten times: the region is Google's, the country Ember's.
    assert shipped.aws_regions["eu-north-1"].g_per_kwh == 2.73


def test_electricity_prices(shipped: Catalog) -> None:
    prices = shipped.electricity
    assert prices["US-TX"].usd_kwh == (0.066, 0.066, 0.066)
    assert prices["US-OH"].usd_kwh == (0.0703, 0.079, 0.079)
    assert prices["US-IA"].usd_kwh == (0.0604, 0.0604, 0.0691)
    states = [price.usd_kwh for key, price in prices.items() if key.startswith("US-")]
    assert len(states) == 29
    low, mid, high = prices["US"].usd_kwh
    assert (low, high) == (min(each[0] for each in states), max(each[2] for each in states))
    assert mid == 0.078
    assert prices["default"].usd_kwh == prices["US"].usd_kwh
    assert not prices["default"].provenance.verified("usd_kwh")
    assert prices["DE"].usd_kwh == (0.107, 0.204, 0.266)
    assert not prices["DE"].provenance.verified("usd_kwh")
    for price in prices.values():
        assert price.usd_kwh == tuple(sorted(price.usd_kwh)), price.id


def test_bands_hold_their_value(shipped: Catalog) -> None:
    for constant in shipped.constants.values():
        assert constant.low <= constant.value <= constant.high, constant.id
    mfu = shipped.constants["mfu.training"]
    assert (mfu.low, mfu.value, mfu.high) == (0.30, 0.40, 0.50)
    failures = shipped.constants["failures.per_1000_node_days"]
    assert (failures.low, failures.value, failures.high) == (2.34, 3.79, 6.50)
    home = shipped.constants["home.kwh_per_year"]
    assert (home.low, home.value, home.high) == (10791, 10791, 10791)


def test_llama_3_failure_rate(shipped: Catalog) -> None:
    """419 unexpected interruptions in 54 days on 16,384 GPUs in nodes of eight."""
    rate = 419 / (16_384 / 8 * 54) * 1000
    assert round(rate, 2) == shipped.constants["failures.per_1000_node_days"].value


def test_the_worked_examples_of_air_and_water(shipped: Catalog) -> None:
    constants = shipped.constants
    air = constants["cooling.air_btu_h_per_kw"].value / constants["cooling.air_factor"].value
    assert round(120 * air / constants["cooling.air_delta_f"].value) == 18956
    heat = constants["cooling.water_heat_kj_per_kg_k"].value
    assert int(60 * 142 / (heat * constants["cooling.water_delta_c"].value)) == 203


def test_the_split_of_capex_leaves_little_unnamed(shipped: Catalog) -> None:
    """Bernstein: 39 + 13 + 3 + 3 + 1 to 1.5 + 33 + 6 percent."""
    shares = [fact for key, fact in shipped.constants.items() if key.startswith("capex.share.")]
    assert round(sum(fact.low for fact in shares), 3) == 0.98
    assert round(sum(fact.high for fact in shares), 3) == 0.985


def test_homes_of_ten_gigawatts(shipped: Catalog) -> None:
    """The seed says 10 million; EIA's figure gives 8.12 million at full load."""
    homes = 10e6 * 8760 / shipped.constants["home.kwh_per_year"].value
    assert round(homes / 1e6, 2) == 8.12

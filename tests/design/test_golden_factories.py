"""Factories that others have built or announced, reproduced within a stated tolerance.

Research 05, sections 1.2, 2 and 4.10; the sites are those of its facility facts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design
from aifactory_iac.design.known import constant
from aifactory_iac.findings import Severity


@pytest.fixture(scope="module")
def colossus(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> Design:
    """xAI Colossus 1: 100,000 H100 on a grid feed of 150 MW."""
    return design(
        build(
            sites=[site(envelope="150 MW", pue={"design": 1.15, "annual": 1.1})],
            compute=[{"name": "grok", "site": "dc1", "system": "dgx-h100", "count": 12_500}],
        ),
        catalog,
    )


def test_colossus_draws_127_5_megawatts_of_servers_and_fits_its_feed(colossus: Design) -> None:
    assert colossus.pools["grok"].gpus == 100_000
    assert colossus.power["dc1"].nodes_kw == pytest.approx(127_500)
    assert colossus.power["dc1"].facility_kw <= colossus.power["dc1"].envelope_kw
    assert [f for f in colossus.findings if f.rule == "AIF-DSN-008"] == []


def test_the_capital_of_colossus_lies_in_the_band_per_gigawatt(colossus: Design) -> None:
    # 29 (Epoch) to 100 (NVIDIA 2026) billion USD per GW.
    built = colossus.economics.total["capex_usd"].value
    band = colossus.economics.total["capex_top_down_usd"].value
    assert band.low < built.mid < band.high
    assert [f for f in colossus.findings if f.rule == "AIF-DSN-134"] == []


def test_131072_b200_are_2_36_zettaflops_sparse(catalog: Catalog) -> None:
    # Oracle reports 2.4 ZF for its OCI Supercluster; dense is half.
    part = catalog.accelerators["nvidia-b200-sxm"]
    sparse = 131_072 * part.tflops_sparse["fp4"] * 1e12
    assert sparse == pytest.approx(2.36e21, rel=1e-3)
    assert sparse == pytest.approx(2.4e21, rel=0.02)
    assert part.tflops_dense["fp4"] * 2 == part.tflops_sparse["fp4"]


def test_the_design_of_131072_b200_counts_dense_flops(
    build: Callable[..., Blueprint], catalog: Catalog
) -> None:
    made = design(
        build(compute=[{"name": "oci", "site": "dc1", "system": "dgx-b200", "count": 16_384}]),
        catalog,
    )
    assert made.pools["oci"].gpus == 131_072
    assert made.pools["oci"].petaflops_dense["fp4"] == pytest.approx(1.18e6, rel=1e-3)


def test_a_gb300_rack_is_planned_at_135_kilowatts(catalog: Catalog) -> None:
    # NVIDIA Mission Control FAQ: 4 x 1.4 + 1.0 + 0.9 = 7.5 kW a tray, 18 trays.
    gpu, cpu, static, tray = (
        constant(catalog, f"power.gb300_{part}_kw").value.mid
        for part in ("gpu", "cpu", "static", "tray")
    )
    rack = catalog.systems["gb300-nvl72"]
    assert 4 * gpu + cpu + static == pytest.approx(tray)
    assert tray * rack.trays == pytest.approx(135)
    assert rack.power_kw_design == 135


def test_an_nvl72_rack_at_its_maximum_costs_what_142_kilowatts_do(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> None:
    made = design(
        build(
            sites=[site(cooling=["direct-to-chip", "air"])],
            compute=[
                {"name": "nvl", "site": "dc1", "system": "gb300-nvl72", "count": 1, "load": 1.0}
            ],
        ),
        catalog,
    )
    energy = made.economics.by_pool["nvl"]["energy_mwh_year"].value.mid
    assert energy == pytest.approx(142 * 8.76 * 1.15)


def test_bernsteins_split_gives_bernsteins_racks(catalog: Catalog) -> None:
    # 35 billion USD over 5.9 million a GB200 rack: 5,932 racks, 427 thousand GPUs, 168.6 kW each.
    rack = constant(catalog, "capex.gb200_rack_usd").value.mid
    racks = 35e9 / rack
    assert racks == pytest.approx(5_932, abs=1)
    assert racks * 72 == pytest.approx(427e3, rel=1e-3)
    assert 1e6 / racks == pytest.approx(168.6, abs=0.05)


def test_a_trillion_parameters_on_49600_gb200_take_four_weeks(
    build: Callable[..., Blueprint], site: Callable[..., dict[str, Any]], catalog: Catalog
) -> None:
    # Without failures: the published goodput of 0.90 comes on top.
    made = design(
        build(
            sites=[site(cooling=["direct-to-chip", "air"])],
            compute=[{"name": "nvl", "site": "dc1", "system": "gb200-nvl72", "count": 689}],
            orchestration={
                "clusters": [{"name": "metal", "site": "dc1", "pools": ["nvl"]}],
                "workloads": [
                    {
                        "name": "frontier",
                        "kind": "training",
                        "on": "metal",
                        "parameters": 1e12,
                        "tokens": 20e12,
                        "gpus": 49_600,
                    }
                ],
            },
        ),
        catalog,
    )
    days = made.workloads["frontier"].estimates["training_days"].value.mid
    assert days * 0.90 == pytest.approx(28, rel=1e-3)


def test_ten_gigawatts_are_8_12_million_homes_not_ten(catalog: Catalog) -> None:
    # Seed 002 claims ten million; IEA's round rule is 1,000 homes a megawatt.
    home = constant(catalog, "home.kwh_per_year").value.mid
    assert 10e6 * 8_760 / home == pytest.approx(8.12e6, rel=1e-3)


def test_no_golden_factory_blocks(colossus: Design) -> None:
    blocking = [f for f in colossus.findings if f.severity.rank >= Severity.HIGH.rank]
    assert [f for f in blocking if f.rule >= "AIF-DSN-100"] == []

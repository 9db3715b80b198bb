"""Storage tiers on-prem: appliances, capacity and throughput against demand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design
from aifactory_iac.findings import Finding, Severity

APPLIANCE = {
    "name": "scratch",
    "site": "dc1",
    "kind": "parallel",
    "system": "ddn-ai400x2",
    "appliance_power": "2.5 kW",
}
OF_STORAGE = {f"AIF-DSN-{number}" for number in range(100, 110)}
UNVERIFIED = Finding(
    "AIF-DSN-102",
    Severity.INFO,
    "The throughput of `ddn-ai400x2` has no source good enough to build on.",
    ("storage", "tiers", "scratch", "system"),
    "Confirm it with the vendor, and give the figure in a catalog overlay.",
)

POWERLESS = (
    "No power is published for `ddn-ai400x2`: the 4 appliances of tier `scratch` are missing from "
    "power, energy and carbon."
)


@pytest.fixture
def made(build: Callable[..., Blueprint], catalog: Catalog) -> Callable[..., Design]:
    """A site of DGX H100 with the tiers and datasets given."""

    def make(
        *tiers: dict[str, Any],
        nodes: int = 32,
        datasets: list[dict[str, Any]] | None = None,
        workloads: list[dict[str, Any]] | None = None,
    ) -> Design:
        return design(
            build(
                compute=[{"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": nodes}],
                storage={"tiers": list(tiers), "datasets": datasets or []},
                orchestration={
                    "clusters": [{"name": "metal", "site": "dc1", "pools": ["dgx"]}],
                    "workloads": workloads or [],
                },
            ),
            catalog,
        )

    return make


def findings(design: Design) -> list[Finding]:
    return [finding for finding in design.findings if finding.rule in OF_STORAGE]


def dataset(name: str, on: str, size: str, **more: str) -> dict[str, Any]:
    return {"name": name, "class": "internal", "lives_on": on, "size": size, **more}


def training(**more: Any) -> dict[str, Any]:
    return {
        "name": "model",
        "kind": "training",
        "on": "metal",
        "parameters": 70e9,
        "tokens": 1e12,
        "checkpoint": {"every": "30 min", "to": "scratch", "keep": 10},
        **more,
    }


def test_appliances_follow_from_one_gigabyte_a_second_for_each_gpu(
    made: Callable[..., Design],
) -> None:
    # 256 GPUs write 256 GB/s; one AI400X2 takes 65 GB/s (unverified), so 4 of them.
    made_ = made(APPLIANCE)
    tier = made_.storage["scratch"]
    assert (tier.needed_read_gb_s, tier.needed_write_gb_s) == (256.0, 256.0)
    assert (tier.appliances, tier.read_gb_s, tier.write_gb_s) == (4, 360.0, 260.0)
    assert (tier.power_kw, tier.verified) == (10.0, False)
    assert findings(made_) == [UNVERIFIED]


def test_a_stated_demand_above_the_rule_counts(made: Callable[..., Design]) -> None:
    asked = {"read": "40 GB/s", "write": "10 GB/s", "per": "node"}
    tier = made({**APPLIANCE, "throughput": asked}).storage["scratch"]
    assert (tier.needed_read_gb_s, tier.needed_write_gb_s) == (1280.0, 320.0)
    assert tier.appliances == 15


@pytest.mark.parametrize(("per", "needed"), [("tier", 300.0), ("gpu", 76_800.0), ("node", 9_600.0)])
def test_a_demand_is_for_the_tier_each_gpu_or_each_node(
    made: Callable[..., Design], per: str, needed: float
) -> None:
    tier = made({**APPLIANCE, "throughput": {"read": "300 GB/s", "per": per}}).storage["scratch"]
    assert (tier.needed_read_gb_s, tier.needed_write_gb_s) == (needed, needed)


def test_too_few_appliances_are_too_slow(made: Callable[..., Design]) -> None:
    assert findings(made({**APPLIANCE, "appliances": 2})) == [
        Finding(
            "AIF-DSN-100",
            Severity.MEDIUM,
            f"Tier `scratch` gives {given} GB/s of {way}, but 256 GB/s are needed.",
            ("storage", "tiers", "scratch", "appliances"),
            "Add appliances, or name fewer pools under `serves`.",
        )
        for given, way in ((130, "writes"), (180, "reads"))
    ] + [UNVERIFIED]


def test_needed_capacity_is_data_growth_copies_and_checkpoints(
    made: Callable[..., Design],
) -> None:
    # 13 B per parameter: 70e9 parameters are 0.91 TB, ten kept.
    made_ = made(
        {**APPLIANCE, "capacity": "1 PB", "replicate_to": ["archive"]},
        {"name": "archive", "site": "dc1", "kind": "object", "capacity": "2 PB"},
        datasets=[
            dataset("corpus", "scratch", "600 TB", growth_per_year="200 TB"),
            dataset("results", "archive", "5 TB"),
        ],
        workloads=[training()],
    )
    assert made_.storage["scratch"].needed_capacity_tb == pytest.approx(809.1)
    assert made_.storage["archive"].needed_capacity_tb == pytest.approx(805.0)
    assert findings(made_) == [UNVERIFIED]


def test_a_stated_checkpoint_size_is_taken(made: Callable[..., Design]) -> None:
    made_ = made({**APPLIANCE, "capacity": "1 PB"}, workloads=[training(checkpoint_size="2.3 TB")])
    assert made_.storage["scratch"].needed_capacity_tb == pytest.approx(23.0)


def test_data_that_does_not_fit_blocks(made: Callable[..., Design]) -> None:
    made_ = made(
        {**APPLIANCE, "capacity": "500 TB"}, datasets=[dataset("corpus", "scratch", "600 TB")]
    )
    assert findings(made_) == [
        Finding(
            "AIF-DSN-101",
            Severity.HIGH,
            "Tier `scratch` holds 500 TB, but datasets with a year of growth, copies and "
            "checkpoints take 600 TB.",
            ("storage", "tiers", "scratch", "capacity"),
            "Give it at least 600 TB, or keep data or checkpoints elsewhere.",
        ),
        UNVERIFIED,
    ]


def test_power_that_nobody_publishes_is_never_zero(made: Callable[..., Design]) -> None:
    tier = {key: value for key, value in APPLIANCE.items() if key != "appliance_power"}
    made_ = made(tier)
    assert made_.storage["scratch"].power_kw is None
    assert [(f.rule, f.severity, f.message) for f in findings(made_)] == [
        ("AIF-DSN-102", Severity.INFO, UNVERIFIED.message),
        (
            "AIF-DSN-108",
            Severity.LOW,
            POWERLESS,
        ),
    ]


def test_a_system_without_published_throughput_needs_a_count(made: Callable[..., Design]) -> None:
    tier = {**APPLIANCE, "system": "pure-flashblade-s"}
    made_ = made(tier)
    assert (made_.storage["scratch"].appliances, made_.storage["scratch"].read_gb_s) == (0, None)
    assert [(f.rule, f.severity, f.hint) for f in findings(made_)] == [
        (
            "AIF-DSN-103",
            Severity.MEDIUM,
            "Say how many under `appliances`, or add the vendor's figure in a catalog overlay.",
        )
    ]
    counted = made({**tier, "appliances": 3})
    assert (counted.storage["scratch"].appliances, counted.storage["scratch"].power_kw) == (3, 7.5)
    assert [f.hint for f in findings(counted)] == ["Add the vendor's figure in a catalog overlay."]


def test_object_tiers_scale(made: Callable[..., Design]) -> None:
    made_ = made({"name": "lake", "site": "dc1", "kind": "object"}, datasets=[
        dataset("corpus", "lake", "900 PB")
    ])  # fmt: skip
    tier = made_.storage["lake"]
    assert (tier.capacity_tb, tier.read_gb_s, tier.needed_read_gb_s) == (None, None, 0.0)
    assert findings(made_) == []


def test_local_disks_are_those_of_the_nodes_that_serve(made: Callable[..., Design]) -> None:
    tier = made({"name": "cache", "site": "dc1", "kind": "local-nvme"}).storage["cache"]
    assert tier.capacity_tb == pytest.approx(32 * 30.7)


def test_only_the_pools_named_mount_a_tier(
    build: Callable[..., Blueprint], catalog: Catalog
) -> None:
    blueprint = build(
        compute=[
            {"name": "train", "site": "dc1", "system": "dgx-h100", "count": 16},
            {"name": "serve", "site": "dc1", "system": "dgx-h100", "count": 4},
        ],
        storage={"tiers": [{**APPLIANCE, "serves": ["serve"]}]},
    )
    assert design(blueprint, catalog).storage["scratch"].needed_read_gb_s == 32.0

"""Verdicts and designs by hand: every fate of a finding, and figures that no catalog changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, replace

import pytest

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import design as engineer
from aifactory_iac.design.estimate import Estimate, Input, Range
from aifactory_iac.design.model import (
    Cables,
    Design,
    Economics,
    NetworkDesign,
    SiteCooling,
    SitePower,
    Subnet,
    Switches,
    TierDesign,
    WorkloadDesign,
)
from aifactory_iac.findings import Severity, Span
from aifactory_iac.policy import Judgement, Outcome, Rule, Verdict
from aifactory_iac.policy.data import Level
from aifactory_iac.policy.verdict import RuleResult
from aifactory_iac.policy.waiver import Waiver

HOSTILE = "a|b `c` <img src=x> [l](u) {0} 100% é \x1b[2J ::error::x\n\n::warning::y"


def rule(number: int, severity: Severity = Severity.HIGH, **others) -> Rule:
    return Rule(
        id=f"AIF-FAB-{number:03}",
        title=f"Rule {number} holds",
        severity=severity,
        judge=lambda context: (),
        controls=others.pop("controls", ("iso27001:A.8.1", "soc2:CC6.1")),
        needs=("design",),
        description=f"Why rule {number} is.",
        layer="fabric",
        file=f"fabric/rule_{number}.py",
        **others,
    )


SPAN = Span("factory/blueprint.yaml", 8, 5, 4, "    1 MB", "blueprint")
WAIVER = Waiver(
    rule="AIF-FAB-003", target="fabric.storage", finding="ratio",
    reason="old switches until spring",
    owner="net@example.com", approver="cto@example.com", ticket="NET-1",
    created=dt.date(2026, 1, 1), expires=dt.date(2026, 6, 30),
)  # fmt: skip


def judged(number: int, **others) -> Judgement:
    severity = others.pop("severity", Severity.HIGH)
    return Judgement(
        rule=others.pop("rule", None) or rule(number, severity),
        outcome=others.pop("outcome", Outcome.FAIL),
        level=others.pop("level", Level.SOFT),
        severity=severity,
        path=others.pop("path", ("fabric", "compute")),
        key=others.pop("key", "ratio"),
        message=others.pop("message", "It is oversubscribed."),
        **others,
    )


def verdict_of(*findings: Judgement, outcome="fail", passed: int = 0) -> Verdict:
    results = [
        RuleResult(each.rule, each.level, each.outcome, ())
        for each in {each.rule.id: each for each in findings}.values()
    ]
    results += [
        RuleResult(rule(900 + place), Level.SOFT, Outcome.PASS, (("fabric",),))
        for place in range(passed)
    ]
    return Verdict(outcome, "standard", ("core",), tuple(findings), tuple(results))


@pytest.fixture
def make_judgement() -> Callable[..., Judgement]:
    return judged


@pytest.fixture
def make_verdict() -> Callable[..., Verdict]:
    return verdict_of


@pytest.fixture
def every_fate() -> Verdict:
    """Blocking, advisory, waived, unknown and crashed, and one rule that passed."""
    return verdict_of(
        judged(1, span=SPAN, blocking=True, hint="Add a spine.", related=(("fabric", "storage"),)),
        judged(2, severity=Severity.MEDIUM, level=Level.ADVISORY, path=()),
        judged(3, waiver=WAIVER, path=("fabric", "storage")),
        judged(4, outcome=Outcome.UNKNOWN, message="Nobody says how many ports it has."),
        judged(5, outcome=Outcome.ERROR, message="KeyError: 'ports'", blocking=True),
        passed=1,
    )


@pytest.fixture
def hostile() -> Verdict:
    """Text in every place that a document or a rule of somebody else can fill."""
    return verdict_of(
        judged(
            1, message=HOSTILE, hint=HOSTILE, path=("fabric", HOSTILE), key=HOSTILE, blocking=True,
            span=Span(f"dir,a:b/{HOSTILE}.yaml", 1, 1, 1, HOSTILE),
        ),
        judged(2, message=HOSTILE, waiver=WAIVER.model_copy(update={"reason": HOSTILE})),
    )  # fmt: skip


TINY = {
    "apiVersion": "aifactory/v1",
    "kind": "Blueprint",
    "metadata": {"name": "tiny", "version": "1.0.0", "title": "A tiny hall"},
    "sites": [
        {"name": "hall", "kind": "on-prem", "location": {"country": "DE"},
         "facility": {"envelope": "1 MW"}},
    ],
    "compute": [{"name": "train", "site": "hall", "system": "dgx-h100", "count": 4}],
}  # fmt: skip


@pytest.fixture(scope="session")
def tiny_blueprint() -> Blueprint:
    return Blueprint.model_validate(TINY)


@pytest.fixture(scope="session")
def tiny_design(tiny_blueprint: Blueprint) -> Design:
    """A design with figures made up here, so that no change of the catalog changes a rendering."""
    real = engineer(tiny_blueprint, Catalog.shipped())
    pool = replace(
        real.pools["train"], name="train", nodes=4, spares=1, gpus=32, memory_tb=2.56,
        petaflops_dense={"bf16": 31.656, "fp8": 63.3},
    )  # fmt: skip
    cloud = replace(
        pool, name="burst", site="cloud", system="p5.48xlarge", nodes=1000, spares=0, gpus=8000,
        memory_tb=640, petaflops_dense={"bf16": 7914},
    )  # fmt: skip
    fabric = _made(
        NetworkDesign, name="compute", role="compute", site="hall", technology="infiniband-ndr",
        switch="QM9700", pools=("train",), endpoints=32, rails=8, planes=1, tiers=2,
        port_gbps=400, leaf_down=32, leaf_up=32, switches=Switches(2, 1, 0),
        cables=Cables(32, 16, 0), oversubscription=1.0, designed_for_nodes=4,
        switch_names=("leaf-1", "leaf-2", "spine-1"), subnets={}, mtu=4092, power_kw=3.0,
        power_verified=True,
    )  # fmt: skip
    efa = replace(
        fabric, name="efa", site="cloud", technology="efa", switch=None, endpoints=32_000,
        switches=Switches(0, 0, 0), cables=Cables(0, 0, 0), switch_names=(),
    )  # fmt: skip
    power = _made(
        SitePower, site="hall", it_kw=43.8, nodes_kw=40.8, network_kw=3.0, storage_kw=0.0,
        facility_kw=56.94, envelope_kw=1000.0, feeds=2, feed_capacity_kw=1000.0, redundancy="2N",
        after_feed_loss_kw=1000.0, pue_design=1.3, pue_annual=1.25, verified=False,
    )  # fmt: skip
    cooling = _made(
        SiteCooling, site="hall", air_kw=43.8, liquid_kw=0.0, airflow_cfm=6918.0, water_l_min=0.0,
        verified=True,
    )  # fmt: skip
    scratch = _made(
        TierDesign, name="scratch", site="hall", kind="parallel", system="appliance",
        appliances=2, capacity_tb=500.0, read_gb_s=90.0, write_gb_s=65.0,
        needed_capacity_tb=405.0, needed_read_gb_s=32.0, needed_write_gb_s=32.0,
        throughput_tier=None, power_kw=5.0, verified=False,
    )  # fmt: skip
    lake = replace(
        scratch, name="lake", site="cloud", kind="object", system=None, appliances=0,
        capacity_tb=None, read_gb_s=None, write_gb_s=None, needed_read_gb_s=0.0,
        needed_write_gb_s=0.0, verified=True,
    )  # fmt: skip
    return replace(
        real,
        pools={"burst": cloud, "train": pool},
        networks={"compute": fabric, "efa": efa},
        power={"hall": power},
        cooling={"hall": cooling},
        storage={"lake": lake, "scratch": scratch},
        subnets=(Subnet("hall", "in-band", "10.1.0.0/16", 4, 16_000),),
        workloads={
            "llm": WorkloadDesign("llm", "training", ("metal",), 32, {
                "training_days": _estimate(14.5, 18.2, 24.4, "days"),
                "goodput": _estimate(0.986, 0.992, 0.995, ""),
            }),
            "rest": WorkloadDesign("rest", "serving", ("metal",), 0, {}),
        },
        economics=Economics(
            total={
                "usd_per_gpu_hour": _estimate(1.47, 1.77, 2.24, "USD/GPU-h"),
                "capex_usd": _estimate(47.1e6, 56.8e6, 67.8e6, "USD", verified=False),
                "capex_systems_usd": _estimate(29.8e6, 29.8e6, 29.8e6, "USD"),
            },
            by_pool={
                "burst": {},
                "train": {"energy_mwh_year": _estimate(11_545, 11_545, 11_545, "MWh")},
            },
            by_site={"hall": {}},
        ),
        findings=(),
    )  # fmt: skip


def _estimate(low: float, mid: float, high: float, unit: str, *, verified: bool = True) -> Estimate:
    price = Input("price of dgx-h100", "300,000 USD", "reseller-2024", verified)
    return Estimate(Range(low, mid, high), unit, "systems x price", (price,))


def _made(made: type, **given: object):
    """The value, with something in the fields that renderings do not read and that may come."""
    others = {each.name: _default(each) for each in fields(made) if each.name not in given}
    return made(**given, **others)


def _default(field: Field) -> object:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else ()

"""Properties of the capacity and money half: order never matters, ranges hold, more is more."""

from __future__ import annotations

import ast
import inspect
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aifactory_iac.design
from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.catalog import Catalog
from aifactory_iac.design import Design, design
from aifactory_iac.design.capacity_rules import CAPACITY_RULES, said
from aifactory_iac.design.estimate import Range
from aifactory_iac.design.known import in_words, number
from aifactory_iac.design.rules import RULES
from aifactory_iac.findings import Severity

FACTORY: dict[str, list[dict[str, Any]]] = {
    "sites": [
        {
            "name": "dc1",
            "kind": "on-prem",
            "location": {"country": "DE"},
            "facility": {"envelope": "9 MW", "pue": {"design": 1.2, "annual": 1.15}},
        },
        {"name": "cloud", "kind": "aws", "region": "eu-central-1", "account": "1",
         "addresses": "10.96.0.0/16"},
    ],
    "compute": [
        {"name": "train", "site": "dc1", "system": "dgx-h100", "count": 64},
        {"name": "serve", "site": "dc1", "system": "dgx-b200", "count": 8},
        {"name": "burst", "site": "cloud", "instance": "p5.48xlarge", "count": 4},
    ],
    "tiers": [
        {"name": "scratch", "site": "dc1", "kind": "parallel", "system": "ddn-ai400x2",
         "capacity": "3 PB", "appliance_power": "2.5 kW", "replicate_to": ["lake"]},
        {"name": "lake", "site": "cloud", "kind": "object"},
        {"name": "fast", "site": "cloud", "kind": "fsx-lustre"},
    ],
    "datasets": [
        {"name": f"set-{index}", "class": "public", "lives_on": on, "size": f"{0.1 * index} TB"}
        for index, on in enumerate(["scratch", "lake", "fast", "scratch", "scratch"], 1)
    ],
    "clusters": [
        {"name": "metal", "site": "dc1", "pools": ["train", "serve"]},
        {"name": "eks", "site": "cloud", "pools": ["burst"]},
    ],
    "workloads": [
        {"name": "model", "kind": "training", "on": "metal", "parameters": 70e9, "tokens": 1e12,
         "gpus": 256, "checkpoint": {"every": "20 min", "to": "scratch"}},
        {"name": "chat", "kind": "serving", "on": "metal", "model": "model",
         "slo": {"throughput": "9000 token/s"}, "tokens_per_gpu": "900 token/s",
         "tokens_per_gpu_source": "test"},
        {"name": "sweep", "kind": "batch", "on": ["eks", "metal"], "nodes": 2},
    ],
}  # fmt: skip


def blueprint(layers: dict[str, list[dict[str, Any]]]) -> Blueprint:
    return Blueprint.model_validate(
        {
            "apiVersion": "aifactory/v1",
            "kind": "Blueprint",
            "metadata": {"name": "test", "version": "1.0.0"},
            "sites": layers["sites"],
            "compute": layers["compute"],
            "storage": {"tiers": layers["tiers"], "datasets": layers["datasets"]},
            "orchestration": {
                "clusters": layers["clusters"],
                "workloads": layers["workloads"],
            },
        }
    )


def answers(made: Design) -> tuple[Any, ...]:
    """The capacity and money half of a design, in the order in which it stands."""
    money = made.economics
    return (
        list(made.storage.items()),
        [(name, each.gpus, list(each.estimates.items())) for name, each in made.workloads.items()],
        list(money.total.items()),
        [(name, list(each.items())) for name, each in money.by_pool.items()],
        [(name, list(each.items())) for name, each in money.by_site.items()],
        [finding for finding in made.findings if finding.rule >= "AIF-DSN-100"],
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_any_list_changes_nothing(catalog: Catalog, seed: int) -> None:
    shuffled = {name: list(items) for name, items in FACTORY.items()}
    for name in sorted(shuffled):
        random.Random(f"{seed}{name}").shuffle(shuffled[name])
    expected = answers(design(blueprint(FACTORY), catalog))
    assert answers(design(blueprint(shuffled), catalog)) == expected


@settings(max_examples=25, deadline=None)
@given(nodes=st.integers(1, 300), more=st.integers(0, 300))
def test_a_larger_pool_never_costs_or_draws_less(
    build: Callable[..., Blueprint], catalog: Catalog, nodes: int, more: int
) -> None:
    def total(count: int) -> dict[str, Range]:
        pool = {"name": "dgx", "site": "dc1", "system": "dgx-h100", "count": count}
        found = design(build(compute=[pool]), catalog).economics.total
        return {name: each.value for name, each in found.items() if "hour" not in name}

    small, large = total(nodes), total(nodes + more)
    assert set(small) == set(large)
    for name, value in small.items():
        assert value.low <= value.mid <= value.high
        assert value.mid <= large[name].mid * (1 + 1e-12), name


@settings(max_examples=25, deadline=None)
@given(
    utilisation=st.floats(0, 1, allow_subnormal=False),
    load=st.floats(0, 1),
    count=st.integers(0, 5),
    term=st.integers(1, 30),
    share=st.floats(0, 1),
)
def test_no_setting_of_a_pool_breaks_the_figures(
    build: Callable[..., Blueprint],
    site: Callable[..., dict[str, Any]],
    catalog: Catalog,
    utilisation: float,
    load: float,
    count: int,
    term: int,
    share: float,
) -> None:
    made = design(
        build(
            sites=[
                site(renewable_share=share),
                {"name": "cloud", "kind": "aws", "region": "us-east-1", "account": "1"},
            ],
            compute=[
                {"name": name, "count": count, "utilisation": utilisation, "load": load, **where}
                for name, where in (
                    ("own", {"site": "dc1", "system": "dgx-h100"}),
                    ("rent", {"site": "cloud", "instance": "p5.48xlarge", "autoscale": True}),
                    ("cpu", {"site": "dc1", "system": "igx-thor-t7000"}),
                )
            ],
            governance={"term": term},
        ),
        catalog,
    )
    for estimates in (made.economics.total, *made.economics.by_pool.values()):
        for each in estimates.values():
            assert each.value.low <= each.value.mid <= each.value.high


def test_every_rule_is_used_and_has_its_own_number() -> None:
    assert not set(CAPACITY_RULES) & set(RULES)
    assert all(100 <= int(rule.removeprefix("AIF-DSN-")) < 200 for rule in CAPACITY_RULES)
    folder = Path(inspect.getfile(aifactory_iac.design)).parent
    used = {
        node.args[0].value
        for file in folder.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"said", "_over"}
        and isinstance(node.args[0], ast.Constant)
    }
    assert {f"AIF-DSN-{rule}" for rule in used} == set(CAPACITY_RULES)


def test_a_finding_on_an_unverified_fact_never_blocks() -> None:
    blocking = said(113, "It does not fit.", ("compute",))
    shown = said(113, "It does not fit.", ("compute",), verified=False)
    assert (blocking.severity, shown.severity) == (Severity.HIGH, Severity.MEDIUM)
    assert shown.message == "It does not fit. This rests on a figure without a good source."
    assert said(100, "Slow.", (), verified=False).message == "Slow."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (12_500, "12,500"),
        (0.41, "0.41"),
        (3.79e25, "3.79e+25"),
        (1234.5678, "1,235"),
        (10.257, "10.26"),
    ],
)
def test_numbers_for_people(value: float, shown: str) -> None:
    assert number(value) == shown


def test_ranges_for_people() -> None:
    assert in_words(Range(0.3, 0.4, 0.5), "") == "0.3 / 0.4 / 0.5"
    assert in_words(Range.point(989.4), "TFLOPS") == "989.4 TFLOPS"

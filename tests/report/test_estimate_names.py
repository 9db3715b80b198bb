"""Every estimate has a name, a meaning and a place, and no two are called the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from aifactory_iac.api import design, load
from aifactory_iac.design.estimate import Estimate, Range
from aifactory_iac.library import volumes
from aifactory_iac.report.estimate_names import NAMES, name_of, ordered, reference_page

ROOT = Path(__file__).resolve().parents[2]
KEYS = [name.key for name in NAMES]


@pytest.fixture(scope="module", params=[volume.name for volume in volumes()])
def factory(request):
    return design(load(request.param))


def test_every_estimate_of_the_library_is_in_the_table(factory):
    groups = [
        factory.economics.total,
        *factory.economics.by_site.values(),
        *factory.economics.by_pool.values(),
        *(workload.estimates for workload in factory.workloads.values()),
    ]
    assert {key for group in groups for key in group} - set(KEYS) == set()


def test_labels_tell_estimates_apart_wherever_they_stand_together(factory):
    for group in (
        factory.economics.total,
        *factory.economics.by_pool.values(),
        *(workload.estimates for workload in factory.workloads.values()),
    ):
        twice = [label for label, count in Counter(name_of(key).label for key in group).items()
                 if count > 1]  # fmt: skip
        assert twice == []


def test_keys_and_labels_are_unique_and_meanings_are_sentences():
    assert [key for key, count in Counter(KEYS).items() if count > 1] == []
    assert [
        each for each, count in Counter(name.label for name in NAMES).items() if count > 1
    ] == []
    assert [name.key for name in NAMES if not name.meaning.endswith(".")] == []


def test_a_part_follows_its_whole_in_the_same_group():
    for place, name in enumerate(NAMES):
        if name.part_of is not None:
            whole = KEYS.index(name.part_of)
            assert whole < place
            assert NAMES[whole].group == name.group


def test_groups_stand_together():
    groups = [name.group for name in NAMES]
    assert groups == sorted(groups, key=groups.index)


def test_money_comes_first_and_what_is_not_in_the_table_last():
    one = Estimate(Range.point(1), "", "")
    keys = ("water_m3_year", "zeal", "capex_usd", "anger", "usd_per_gpu_hour", "capex_systems_usd")
    assert [name.key for name, _ in ordered(dict.fromkeys(keys, one))] == [
        "capex_usd", "capex_systems_usd", "usd_per_gpu_hour", "water_m3_year", "anger", "zeal",
    ]  # fmt: skip


def test_what_is_not_in_the_table_is_called_by_its_own_words():
    assert name_of("heat_reused_mwh").label == "heat reused mwh"


def test_the_reference_page_is_fresh():
    # `make docs` refreshes it.
    assert (ROOT / "docs" / "reference" / "estimates.md").read_text() == reference_page()
    for key in KEYS:
        assert f"| `{key}` |" in reference_page()

"""Figures as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.design.estimate import Estimate, Input, Range
from aifactory_iac.report.figures import amount, dollars, estimate, kilowatts, number, terabytes
from aifactory_iac.report.words import counted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (1, "1"), (0.8437, "0.844"), (0.0004, "0"), (1.5, "1.5"), (12.345, "12.3"),
        (1295.4, "1,295"), (100_000, "100,000"), (-3.25, "-3.25"), (9.995, "9.99"),
        (5.88e23, "5.88e23"), (1e12, "1.00e12"),
    ],
)  # fmt: skip
def test_a_number_groups_thousands_and_drops_what_says_nothing(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("kw", "text"),
    [(0, "0 kW"), (49.29, "49.29 kW"), (1442.9, "1,443 kW"), (9_999, "9,999 kW"),
     (10_000, "10 MW"), (127_500, "127.5 MW"), (1_250_000, "1,250 MW")],
)  # fmt: skip
def test_power_is_in_megawatts_from_ten_on(kw, text):
    assert kilowatts(kw) == text


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0, "$0"), (0.669, "$0.669"), (6.88, "$6.88"), (551.88, "$552"), (999.6, "$1k"),
     (396_500, "$396k"), (56_800_000, "$56.8M"), (999_999_999, "$1B"), (5.51e9, "$5.51B"),
     (1.2e12, "$1.2T")],
)  # fmt: skip
def test_money_is_three_digits_and_a_letter(usd, text):
    assert dollars(usd) == text


@pytest.mark.parametrize(
    ("tb", "text"),
    [(0, "0 TB"), (82.5, "82.5 TB"), (405, "405 TB"), (2_000, "2 PB"), (400_000, "400 PB"),
     (2_000_000, "2 EB")],
)  # fmt: skip
def test_capacity_is_in_the_unit_that_fits(tb, text):
    assert terabytes(tb) == text


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ((1.47, 1.77, 2.24), "USD/GPU-h", ("$1.77", "$1.47 to $2.24")),
        ((6.88,) * 3, "USD", ("$6.88", "")),
        ((0.594, 1.04, 1.99), "%", ("104 %", "59.4 to 199")),
        ((2_827,) * 3, "MWh", ("2,830 MWh", "")),
        ((11_545,) * 3, "MWh", ("11.5 GWh", "")),
        ((918_463,) * 3, "MWh", ("918 GWh", "")),
        ((9_000, 12_000, 400_000), "MWh", ("12 GWh", "9 to 400")),
        ((7.76e11,) * 3, "FLOPS/W", ("776 GFLOPS/W", "")),
        ((47_832_908, 80_795_764, 313_679_514), "", ("80.8 million", "47.8 to 314")),
        ((2.5e9,) * 3, "jobs", ("2.5 billion jobs", "")),
        ((5.88e23,) * 3, "FLOP", ("5.88e23 FLOP", "")),
        ((9,) * 3, "jobs", ("9 jobs", "")),
        ((1_385.4, 1_939.1, 2_493.6), "m³", ("1,940 m³", "1,390 to 2,490")),
        ((0, 0, 0), "GB/s", ("0 GB/s", "")),
        ((100_100,) * 3, "GB/s", ("100 TB/s", "")),
        ((1_040,) * 3, "GB/s", ("1,040 GB/s", "")),
    ],
)
def test_an_amount_is_a_middle_with_its_unit_and_a_range_in_the_same(values, unit, expected):
    assert amount(Range(*values), unit) == expected


@pytest.mark.parametrize(
    ("verified", "values", "text"),
    [
        (True, (47.1e6, 56.8e6, 67.8e6), "$56.8M ($47.1M to $67.8M)"),
        (False, (47.1e6, 56.8e6, 67.8e6), "~$56.8M ($47.1M to $67.8M)"),
        (False, (5, 5, 5), "~$5"),
    ],
)
def test_an_estimate_is_marked_when_an_input_is_unverified(verified, values, text):
    inputs = (Input("price", "1", "catalog", verified),)
    assert estimate(Estimate(Range(*values), "USD", "", inputs)) == text


def test_a_unit_may_stand_in_for_the_estimates_own():
    assert estimate(Estimate(Range.point(0.5), "", ""), "%") == "50 %"


SCALES = {
    "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "GWh": 1e3, "TWh": 1e6, "TB/s": 1e3, "PB/s": 1e6,
    "million": 1e6, "million t": 1e6, "billion": 1e9, "billion t": 1e9, "%": 0.01,
}  # fmt: skip


@settings(deadline=None)
@given(st.floats(1e-2, 1e14), st.sampled_from(["USD", "MWh", "t", "%", "GB/s", ""]))
def test_an_amount_is_near_the_truth_and_short(value, unit):
    text = amount(Range.point(value), unit)[0]
    assert len(text) <= 20
    figure, _, behind = text.strip("$").partition(" ")
    if unit == "USD" and figure[-1] in SCALES:
        figure, behind = figure[:-1], figure[-1]
    shown = float(figure.replace(",", "")) * SCALES.get(behind, 1.0)
    assert shown == pytest.approx(value, rel=0.006, abs=6e-4)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 sites"), (1, "1 site"), (2, "2 sites"), (1_016, "1,016 sites")]
)
def test_things_are_counted_in_words(count, text):
    assert counted(count, "site") == text

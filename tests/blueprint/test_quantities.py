"""Quantities: units by spelling, one base unit a dimension, messages that say what to write."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aifactory_iac.blueprint.quantity import (
    QUANTITIES,
    BitRate,
    Duration,
    EnergyPrice,
    Money,
    MoneyRate,
    Power,
    Quantity,
    Size,
    Temperature,
    Throughput,
    TokenRate,
)


@pytest.mark.parametrize(
    ("kind", "text", "base"),
    [
        (Power, "44 kW", 44_000),
        (Power, "1.5MW", 1_500_000),
        (Size, "2 PB", 2e15),
        (Size, "1 TiB", 2**40),
        (BitRate, "400 Gb/s", 4e11),
        (BitRate, "400 Gbps", 4e11),
        (Throughput, "4 GB/s", 4e9),
        (Throughput, "1 GiB/s", 2**30),
        (Duration, "20 min", 1200),
        (Duration, "7 y", 7 * 365 * 86_400),
        (Duration, "12 month", 365 * 86_400),
        (Temperature, "-5 C", -5),
        (TokenRate, "20000 token/s", 20_000),
        (TokenRate, "2 ktok/s", 2_000),
        (Money, "50 MUSD", 5e7),
        (MoneyRate, "900 kEUR/month", 9e5),
        (MoneyRate, "12 USD/y", 1),
        (EnergyPrice, "80 EUR/MWh", 0.08),
        (Size, "1_000 GB", 1e12),
        (Size, "1e3 GB", 1e12),
    ],
)
def test_a_quantity_in_its_base_unit(kind: type[Quantity], text: str, base: float) -> None:
    parsed = kind.parse(text)
    assert parsed.base == pytest.approx(base, rel=1e-12)
    assert str(parsed) == text


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Power, 44, "`44` has no unit; write a power like `44 kW`"),
        (Power, "44", "`44` has no unit; write a power like `44 kW`"),
        (Power, "many kW", "`many kW` is not a power; write a power like `44 kW`"),
        (Power, "44 KW", "`KW` is not a unit of a power; did you mean `kW`?"),
        (Power, "2 PB", "`2 PB` is a size, not a power; write a power like `44 kW`"),
        (
            BitRate,
            "4 GB/s",
            (
                "`4 GB/s` is a throughput in bytes, not a link rate in bits; "
                "write a link rate in bits like `400 Gb/s`"
            ),
        ),
        (Power, "-4 kW", "`-4 kW` is negative; a power cannot be; write a power like `44 kW`"),
        (Power, "1e308 GW", "`1e308 GW` is too large; write a power like `44 kW`"),
        (Power, None, "expected a power with a unit; write a power like `44 kW`"),
        (Power, True, "expected a power with a unit; write a power like `44 kW`"),
        (
            Money,
            "5 BTC",
            "`BTC` is not a unit of a sum of money; write a sum of money like `50 MUSD`",
        ),
    ],
)
def test_what_is_no_such_quantity(kind: type[Quantity], text: object, message: str) -> None:
    with pytest.raises(ValueError, match="`") as raised:
        kind.parse(text)
    assert str(raised.value) == message


@given(kind=st.sampled_from(QUANTITIES), number=st.integers(0, 10**6), data=st.data())
def test_every_unit_can_be_read_ordered_copied_and_kept(
    kind: type[Quantity], number: int, data: st.DataObject
) -> None:
    unit = data.draw(st.sampled_from(sorted(kind.units)))
    parsed = kind.parse(f"{number} {unit}")
    assert (
        parsed == kind.parse(parsed) == copy.deepcopy(parsed) == pickle.loads(pickle.dumps(parsed))
    )
    assert hash(parsed) == hash(copy.copy(parsed))
    assert parsed <= kind.parse(f"{number + 1} {unit}")
    assert parsed < kind.parse(f"{number + 1} {unit}")
    assert parsed != "text"


def test_sums_in_two_currencies_are_not_equal() -> None:
    assert Money.parse("5 USD") != Money.parse("5 EUR")
    assert Money.parse("5 EUR").currency == "EUR"
    assert Money.parse("5000 EUR") == Money.parse("5 kEUR")


def test_a_quantity_cannot_be_changed() -> None:
    power = Power.parse("1 kW")
    with pytest.raises(AttributeError):
        power.base = 2.0
    assert (repr(power), power.kw) == ("Power('1 kW')", 1.0)


def test_names_of_units_in_properties() -> None:
    assert Size.parse("2 TB").tb == 2
    assert Size.parse("3 GiB").gib == 3
    assert BitRate.parse("400 Gb/s").gbps == 400
    assert Throughput.parse("4 GB/s").gb_s == 4
    assert Duration.parse("2 d").hours == 48
    assert Duration.parse("48 h").days == 2

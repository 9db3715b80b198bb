"""What a plain scalar means: YAML 1.2's core schema."""

from __future__ import annotations

import pytest

from aifactory_iac.blueprint.scalars import NotFinite, scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("NO", "NO"),
        ("12", 12),
        ("-3", -3),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", "1_000"),
        ("70e9", 70e9),
        ("1.4e12", 1.4e12),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.30", 1.3),
        ("1.2.3", "1.2.3"),
        ("12:30", "12:30"),
        ("2027-02-01", "2027-02-01"),
        ("2027-02-01T11:30:00Z", "2027-02-01T11:30:00Z"),
        ("400 Gb/s", "400 Gb/s"),
        ("-", "-"),
        ("0x", "0x"),
    ],
)
def test_a_plain_scalar(text: str, value: object) -> None:
    assert scalar(text) == value
    assert type(scalar(text)) is type(value)


@pytest.mark.parametrize("text", [".inf", "-.Inf", ".nan", "1e999", "9" * 400])
def test_a_number_that_nothing_holds(text: str) -> None:
    with pytest.raises(NotFinite):
        scalar(text)

"""Version ranges: which versions each form covers."""

from __future__ import annotations

import pytest

from aifactory_iac.blueprint.ranges import newest, parse_range


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^1", ["1.0.0", "1.9.9"], ["0.9.9", "2.0.0", "1.0.0-rc.1"]),
        ("^1.2", ["1.2.0", "1.9.0"], ["1.1.9", "2.0.0"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.2.2", "0.3.0"]),
        ("^0.2", ["0.2.0", "0.2.9"], ["0.3.0"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4"]),
        ("^0", ["0.0.1", "0.9.0"], ["1.0.0"]),
        ("~1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.2.2", "1.3.0"]),
        ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]),
        ("1.2.3", ["1.2.3"], ["1.2.4"]),
        ("=1.2.3", ["1.2.3"], ["1.2.4"]),
        ("v1.2", ["1.2.0", "1.2.9"], ["1.3.0"]),
        ("1.x", ["1.0.0", "1.9.0"], ["2.0.0"]),
        ("*", ["0.0.1", "9.9.9"], ["1.0.0-rc.1", "not-a-version"]),
        ("^*", ["0.0.1", "9.9.9"], []),
        (">1.2", ["1.3.0"], ["1.2.9"]),
        (">1.2.3", ["1.2.4"], ["1.2.3"]),
        (">=1.0 <2", ["1.0.0", "1.9.9"], ["2.0.0", "0.9.0"]),
        (">=1.0, <=1.2", ["1.2.9"], ["1.3.0"]),
        ("<1.2", ["1.1.9"], ["1.2.0"]),
        ("^1.0.0-rc.1", ["1.0.0-rc.1", "1.0.0-rc.2", "1.0.0"], ["1.0.0-beta", "1.1.0-rc.1"]),
        ("1.0.0-rc.1", ["1.0.0-rc.1"], ["1.0.0"]),
    ],
)
def test_a_range(text: str, inside: list[str], outside: list[str]) -> None:
    accepts = parse_range(text)
    assert accepts is not None
    assert [version for version in inside + outside if accepts(version)] == inside


@pytest.mark.parametrize("text", ["", "latest", "^", "^1 or ^2", "1.x.3", "1..2", "^1;rm"])
def test_what_is_no_range(text: str) -> None:
    assert parse_range(text) is None


def test_the_newest_is_the_highest_not_the_last() -> None:
    assert newest(["1.9.0", "1.10.0", "1.2.0", "none"]) == "1.10.0"
    assert newest(["none"]) is None

"""Property paths as Pulumi spells them, and inputs whose changes are ignored."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.plugin.property_path import ignoring, parsed, path_text

PATHS = st.lists(st.text() | st.integers(0, 9), min_size=1).filter(
    lambda path: isinstance(path[0], str)
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("site",), "site"),
        (("machines", "n1", "bmc"), "machines.n1.bmc"),
        (("servers", 0), "servers[0]"),
        (("labels", "a.b/c"), 'labels["a.b/c"]'),
        (("a.b", "c"), '["a.b"].c'),
        (("gpu-01", 'say "x"'), 'gpu-01["say \\"x\\""]'),
    ],
)
def test_a_path_and_its_text(path, text):
    assert path_text(path) == text
    assert parsed(text) == path


@settings(deadline=None)
@given(PATHS)
def test_every_path_is_read_back(path):
    assert parsed(path_text(path)) == tuple(path)


@pytest.mark.parametrize("text", ['a["b', "a[x]", "a[", "[]"])
def test_what_is_no_path(text):
    assert parsed(text) is None


OLD = {"site": "a", "machines": {"n1": {"bmc": "1", "unit": 1}}, "servers": ["x", "y"]}
NEW = {"site": "b", "machines": {"n1": {"bmc": "2", "unit": 2}, "n2": {}}, "servers": ["z", "y"]}


@pytest.mark.parametrize(
    ("ignored", "expected"),
    [
        ([], NEW),
        (["site"], {**NEW, "site": "a"}),
        (["nothing.there"], NEW),
        (["machines.n3"], NEW),
        (["not [a path"], NEW),
        (["machines.n1.bmc"], {**NEW, "machines": {"n1": {"bmc": "1", "unit": 2}, "n2": {}}}),
        (["machines[*].unit"], {**NEW, "machines": {"n1": {"bmc": "2", "unit": 1}, "n2": {}}}),
        (["machines.n2"], {**NEW, "machines": {"n1": {"bmc": "2", "unit": 2}}}),
        (["servers[0]"], {**NEW, "servers": ["x", "y"]}),
        (["servers[7]"], NEW),
        (["*"], OLD),
    ],
)
def test_ignored_properties_keep_their_old_values(ignored, expected):
    assert ignoring(OLD, NEW, ignored) == expected


def test_an_ignored_property_that_was_removed_comes_back():
    assert ignoring({"a": 1, "b": 2}, {"b": 3}, ["a"]) == {"a": 1, "b": 3}


def test_neither_side_is_changed():
    old, new = {"a": {"b": 1}}, {"a": {"b": 2}}
    assert ignoring(old, new, ["a.b"]) == {"a": {"b": 1}}
    assert (old, new) == ({"a": {"b": 1}}, {"a": {"b": 2}})

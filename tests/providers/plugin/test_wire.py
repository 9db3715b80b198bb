"""Between protobuf structs and plain values: what is unknown, secret, whole, and refused."""

from __future__ import annotations

import math
import sys
import time

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.plugin import wire
from aifactory_iac.providers.plugin.wire import OUTPUT, RESOURCE, SECRET, SIGNATURE, UNKNOWN_TEXT
from aifactory_iac.providers.resource import UNKNOWN, has_unknown

TEXTS = st.text(max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.just(UNKNOWN)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)


def struct(value):
    return json_format.ParseDict(value, struct_pb2.Struct())


def secret(value):
    return {SIGNATURE: SECRET, "value": value}


@settings(deadline=None)
@given(OBJECTS)
def test_what_is_sent_comes_back(values):
    assert wire.received(wire.sent(values)).values == values


@settings(deadline=None)
@given(OBJECTS, st.data())
def test_secrets_come_back_secret(values, data):
    chosen = frozenset(data.draw(st.sets(st.sampled_from([(key,) for key in values] or [()]))))
    back = wire.received(wire.sent(values, chosen))
    assert back.values == values
    assert back.secrets == chosen - {()}


@settings(deadline=None)
@given(st.dictionaries(TEXTS, SCALARS.filter(lambda value: value is not UNKNOWN), max_size=5))
def test_a_message_is_what_the_reference_translation_reads(values):
    assert json_format.MessageToDict(wire.sent(values)) == values


def test_whole_numbers_are_ints_as_long_as_a_double_is_exact():
    found = wire.received(struct({"unit": 7.0, "pace": 0.5, "big": 2.0**60, "minus": -3.0})).values
    assert {key: type(value) for key, value in found.items()} == {
        "unit": int,
        "pace": float,
        "big": float,
        "minus": int,
    }


def test_a_number_that_is_none_stays_one():
    found = wire.received(wire.sent({"x": math.inf})).values
    assert found == {"x": math.inf}


@pytest.mark.parametrize("text", sorted(wire._UNKNOWN_TEXTS))
def test_every_kind_of_unknown_is_one_unknown(text):
    assert wire.received(struct({"a": [text]})).values["a"][0] is UNKNOWN


def test_keys_come_out_sorted_whatever_their_order_in_the_message():
    one, other = {"b": 1, "a": {"d": 1, "c": 2}}, {"a": {"c": 2, "d": 1}, "b": 1}
    first, second = wire.received(struct(one)).values, wire.received(struct(other)).values
    assert list(first) == list(second) == ["a", "b"]
    assert list(first["a"]) == list(second["a"]) == ["c", "d"]


def test_secrets_are_remembered_by_path_and_a_list_is_secret_as_a_whole():
    found = wire.received(
        struct(
            {
                "password": secret("hunter2"),
                "machines": {"n1": {"bmc": secret({"user": "root"})}},
                "macs": ["aa", secret("bb")],
                "open": "yes",
            }
        )
    )
    assert found.values == {
        "password": "hunter2",
        "machines": {"n1": {"bmc": {"user": "root"}}},
        "macs": ["aa", "bb"],
        "open": "yes",
    }
    assert found.secrets == {("password",), ("machines", "n1", "bmc"), ("macs",)}
    assert sorted(found.secret_texts()) == ["aa", "bb", "hunter2", "root"]


def test_a_secret_inside_a_secret_is_one_secret():
    found = wire.received(struct({"outer": secret({"inner": secret("x")})}))
    assert found.values == {"outer": {"inner": "x"}}
    assert found.secrets == {("outer",)}


@pytest.mark.parametrize(
    ("value", "plain", "secrets"),
    [
        ({SIGNATURE: OUTPUT, "value": 1}, 1, frozenset()),
        ({SIGNATURE: OUTPUT}, UNKNOWN, frozenset()),
        ({SIGNATURE: OUTPUT, "value": "x", "secret": True}, "x", {("a",)}),
        ({SIGNATURE: OUTPUT, "secret": True}, UNKNOWN, {("a",)}),
        ({SIGNATURE: RESOURCE, "urn": "urn:x", "id": "group-1"}, "group-1", frozenset()),
        ({SIGNATURE: RESOURCE, "urn": "urn:x", "id": ""}, UNKNOWN, frozenset()),
        ({SIGNATURE: RESOURCE, "urn": "urn:x"}, "urn:x", frozenset()),
    ],
)
def test_output_values_and_references_become_what_they_hold(value, plain, secrets):
    found = wire.received(struct({"a": value}))
    assert found.values == {"a": plain}
    assert found.secrets == secrets


@pytest.mark.parametrize(
    "signature",
    [
        "c44067f5952c0a294b673a41bacd8c17",
        "0def7320c3a5731c473e5ecbe6d01bc7",
        "803fd3297a5875dc03ca845dda5d2a98",
        "something of a later engine",
    ],
)
def test_assets_archives_and_bytes_are_refused_with_the_place(signature):
    with pytest.raises(wire.WireError) as refused:
        wire.received(struct({"images": {"a.b": [{SIGNATURE: signature}]}}))
    assert str(refused.value) == (
        'images["a.b"][0]: is an asset, an archive or bytes; no type takes those'
    )


def test_a_secret_that_is_gone_makes_the_property_above_it_secret():
    sent = wire.sent({"machines": {"n2": {"bmc": "x"}}}, frozenset({("machines", "n1", "bmc")}))
    assert wire.received(sent).secrets == {("machines",)}


def test_a_secret_that_was_copied_elsewhere_is_secret_there_too():
    sent = wire.sent(
        {"note": "hunter2-long", "short": "true", "list": [{"deep": "hunter2-long"}]},
        frozenset(),
        frozenset({"hunter2-long", "true"}),
    )
    assert json_format.MessageToDict(sent) == {
        "note": secret("hunter2-long"),
        "short": "true",
        "list": [{"deep": secret("hunter2-long")}],
    }


def test_unknown_is_spelled_as_the_engine_spells_it():
    assert json_format.MessageToDict(wire.sent({"a": UNKNOWN})) == {"a": UNKNOWN_TEXT}


def test_copies_of_unknown_are_still_unknown():
    import copy
    import pickle

    assert copy.deepcopy({"a": [UNKNOWN]})["a"][0] is UNKNOWN
    assert copy.copy(UNKNOWN) is UNKNOWN
    assert pickle.loads(pickle.dumps(UNKNOWN)) is UNKNOWN
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": None}]})


def test_two_thousand_machines_are_translated_and_checked_in_150_ms_of_cpu():
    from aifactory_iac.providers.plugin import structure

    inputs = {
        "site": "fra1",
        "pool": "training",
        "scalableUnit": 1,
        "system": "dgx-h100",
        "domain": "fra1.example",
        "boot": {"method": "http", "secure": True},
        "disks": {"wipe": "never", "encrypt": True},
        "rollout": {"unavailable": 2, "drain": True},
        "machines": {
            f"gpu{at:04d}": {
                "rack": f"r{at // 4:03d}",
                "unit": at % 4 * 8 + 1,
                "slot": at + 1,
                "bmc": f"10.0.{at // 250}.{at % 250}",
                "address": f"10.1.{at // 250}.{at % 250}",
                "serial": f"S{at:05d}",
            }
            for at in range(2000)
        },
    }
    shape = structure.inputs_of("aifactory:metal:NodeGroup")

    def once():
        began = time.process_time()
        back = wire.received(wire.sent(inputs, frozenset({("domain",)}))).values
        assert structure.checked(shape, back).failures == []
        return time.process_time() - began

    # Tracing for coverage costs several times that.
    limit = 0.15 if sys.gettrace() is None else 0.75
    assert min(once() for _ in range(3)) < limit

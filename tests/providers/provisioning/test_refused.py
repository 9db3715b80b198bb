"""Everything that is wrong with a provisioning service is said at once."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aifactory_iac.providers.provisioning.service import read_service
from aifactory_iac.providers.resource import UNKNOWN

EXAMPLES = YAML(typ="safe").load(Path(__file__).with_name("refused.yaml"))


def changed(value: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(value)
    for path, new in changes.items():
        *way, last = path.split(".")
        place = found
        for key in way:
            place = place[key]
        place[last] = new
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["name"] for example in EXAMPLES])
def test_what_is_refused(example, inputs):
    found = read_service(changed(inputs(), example["set"])).failures
    assert sorted((one.property, one.reason) for one in found) == sorted(example["said"].items())


def test_nothing_is_wrong_with_what_the_examples_start_from(inputs):
    found = read_service(inputs())
    assert (found.failures, found.complete) == ((), True)


def test_the_service_may_have_a_name_of_the_site(inputs):
    assert read_service(inputs(endpoint="http://boot.fra1.internal:8080")).failures == ()


def test_while_something_is_unknown_only_the_shape_is_judged(inputs):
    value = changed(
        inputs(), {"subnets.in-band.cidr": UNKNOWN, "reservations.n1.address": "192.0.2.1"}
    )
    assert read_service(value).failures == ()
    assert not read_service(value).complete


def test_a_network_of_two_addresses_has_two_machines(inputs):
    point = {"cidr": "192.0.2.0/31"}
    held = {"a": {"mac": "aa:bb:cc:00:33:33", "address": "192.0.2.0"}}
    found = read_service(
        inputs(subnets={"point": point}, reservations=held, endpoint=None, tftp=None)
    )
    assert found.failures == ()

"""Everything that is wrong with an installation is said at once, where it stands and why."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from aifactory_iac.providers.install.installation import read_installation
from aifactory_iac.providers.resource import UNKNOWN

EXAMPLES = YAML(typ="safe").load(Path(__file__).with_name("refused.yaml"))


def changed(value: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    found = copy.deepcopy(value)
    for path, new in changes.items():
        *way, last = path.split(".")
        place = found
        for key in way:
            place = place.setdefault(key, {})
        if new is None:
            place.pop(last)
        else:
            place[last] = new
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["name"] for example in EXAMPLES])
def test_what_is_refused(example, order, networks):
    value = changed(order(example["kind"]), example["set"])
    found = read_installation(value, networks).failures
    said = sorted((one.property, one.reason) for one in found)
    # A path in the file may end in (2) where one property has two failures.
    wanted = [(re.sub(r"\(\d\)$", "", path), text) for path, text in example["said"].items()]
    assert said == sorted(wanted)


@pytest.mark.parametrize("kind", ["autoinstall", "cloudinit", "kickstart", "ignition"])
def test_nothing_is_wrong_with_what_the_examples_start_from(kind, order, networks):
    found = read_installation(order(kind), networks)
    assert found.failures == ()
    assert found.complete


def test_no_reason_repeats_a_secret(order, networks):
    secret = "hunter2-and-more"
    value = changed(
        order("autoinstall"),
        {
            "callback": {"token": secret},
            "config.autoinstall.late": [
                f"echo 'password={secret}'",
                f"curl -u a --password {secret}",
            ],
            "config.autoinstall.users.ops.passwd": secret,
            "config.autoinstall.proxy.http": f"http://me:{secret}@10.0.0.2",
            "config.autoinstall.trust": [f"-----BEGIN PRIVATE KEY----- {secret}"],
        },
    )
    found = read_installation(value, networks).failures
    assert len(found) == 6
    assert secret not in repr(found)


def test_while_something_is_unknown_only_the_shape_is_judged(order, networks):
    value = changed(
        order("autoinstall"),
        {
            "image.digest": UNKNOWN,
            "config.autoinstall.users": UNKNOWN,
            "config.autoinstall.network.bonds.bond0.gateway": "10.7.0.1",
            "config.autoinstall.storag": {},
        },
    )
    found = read_installation(value, networks)
    assert not found.complete
    assert [one.property for one in found.failures] == ["config.autoinstall.storag"]


def test_a_whole_installation_may_be_unknown(networks):
    found = read_installation({"machine": UNKNOWN, "image": UNKNOWN, "config": UNKNOWN}, networks)
    assert (found.value, found.failures, found.complete) == (None, (), False)


def test_unknown_items_of_lists_are_left_out(order, networks):
    value = changed(order("cloudinit"), {"config.cloudinit.packages": ["nvme-cli", UNKNOWN, "a;b"]})
    found = read_installation(value, networks)
    assert [one.property for one in found.failures] == ["config.cloudinit.packages[1]"]


def test_while_the_networks_are_not_known_an_address_is_believed_but_no_name(order):
    at = {"image.url": "http://192.0.2.7/a.iso", "image.kernel.url": "http://images.internal/k"}
    found = read_installation(changed(order("cloudinit"), at), None).failures
    assert [(one.property, one.reason) for one in found] == [
        (
            "image.kernel.url",
            (
                "is plain http to a name, which could lead anywhere: use https, or an address "
                "inside the provisioning networks (none)"
            ),
        )
    ]

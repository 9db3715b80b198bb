"""What an update of a node group would change, against what was last observed."""

from __future__ import annotations

import copy

import pytest

from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.node_group import TYPE

INPUTS = {
    "site": "fra1",
    "pool": "train",
    "scalableUnit": 1,
    "system": "dgx-h100",
    "machines": {
        "n1": {"rack": "r1", "unit": 1, "slot": 1, "bmc": "10.0.0.1", "address": "10.1.0.1"},
        "n2": {"rack": "r1", "unit": 9, "slot": 2, "bmc": "10.0.0.2", "address": "10.1.0.2"},
    },
    "boot": {"method": "media", "secure": True},
    "disks": {"wipe": "never", "encrypt": False},
    "rollout": {"unavailable": 1, "drain": True},
    "domain": "fra1.example.org",
    "image": {"os": "ubuntu-24.04"},
    "bmc": {"credentials": {"store": "vault", "path": "bmc"}, "tls": "site-ca"},
    "bios": {"SriovSupport": "Enabled"},
    "firmware": [{"name": "HostBIOS_0", "version": "1.2", "allowed": ["1.1"]}],
    "power": "On",
}
WELL = {
    "state": "available",
    "serial": "S1",
    "power": "On",
    "observed": {
        "bios": {"SriovSupport": "Enabled"},
        "firmware": {"HostBIOS_0": "1.1"},
        "secureBoot": True,
    },
}


def state(**machines):
    return {**INPUTS, "ready": 2, "results": {"n1": WELL, "n2": WELL, **machines}}


def changed(**changes):
    """The inputs with values at dotted paths; None leaves one out."""
    new = copy.deepcopy(INPUTS)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = new
        for key in way:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return new


def diff(*, state_=None, **changes):
    found = TYPE.diff(INPUTS, state_ or state(), changed(**changes))
    return {path: (each.kind, each.replace) for path, each in found.changes.items()}


def test_nothing_is_nothing():
    assert diff() == {}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"site": "ams1"}, {"site": ("update", True)}),
        ({"pool": "infer"}, {"pool": ("update", True)}),
        ({"scalableUnit": 2}, {"scalableUnit": ("update", True)}),
        ({"machines__n1__bmc": "10.0.9.9"}, {"machines.n1.bmc": ("update", False)}),
        ({"machines__n1__rack": "r9"}, {"machines.n1.rack": ("update", False)}),
        ({"machines__n1__serial": "S9"}, {"machines.n1.serial": ("add", False)}),
        ({"image__os": "rhel-9"}, {"image.os": ("update", False)}),
        ({"system": "dgx-b200"}, {"system": ("update", False)}),
        ({"bios__SriovSupport": "Disabled"}, {"bios.SriovSupport": ("update", False)}),
        ({"bios": None}, {"bios": ("delete", False)}),
        (
            {"machines__n2": None},
            {"machines.n2": ("delete", False), "results.n2": ("update", False)},
        ),
        (
            {"machines__n3": INPUTS["machines"]["n2"]},
            {"machines.n3": ("add", False), "results.n3": ("update", False)},
        ),
    ],
)
def test_only_site_pool_and_unit_make_another_group(changes, found):
    assert diff(**changes) == found


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        # computed results are none
        ({"since": 5.0, "uuid": "u", "macs": ["a"], "installed": "sha256:1"}, []),
        ({"observed": {**WELL["observed"], "vendor": "generic"}}, []),
        # not as declared
        ({"state": "nonconformant"}, ["results.n1.state"]),
        (
            {"state": "nonconformant", "power": "Off"},
            ["results.n1.state", "results.n1.power"],
        ),
        (
            {
                "state": "nonconformant",
                "observed": {
                    "bios": {"SriovSupport": "Disabled"},
                    "firmware": {"HostBIOS_0": "1.0"},
                    "secureBoot": False,
                },
            },
            [
                "results.n1.state",
                "results.n1.observed.bios.SriovSupport",
                "results.n1.observed.firmware.HostBIOS_0",
                "results.n1.observed.secureBoot",
            ],
        ),
        ({"state": "declared"}, ["results.n1.state"]),
        # did not get there
        ({"error": "not begun"}, ["results.n1"]),
        ({"stale": True}, ["results.n1"]),
        # rests: the engine knows that the resource is not healthy
        ({"error": "e", "quarantine": {"attempts": 1, "next": 2e9}}, []),
    ],
)
def test_what_was_seen_is_a_change_where_something_is_left_to_do(seen, found):
    changes = diff(state_=state(n1={**WELL, **seen}))
    assert sorted(changes) == sorted(found)
    assert set(changes.values()) <= {("update", False)}


def test_machines_that_are_only_watched_are_never_brought_anywhere():
    watched = {**{key: each for key, each in INPUTS.items() if key not in ("image", "power")}}
    for gone in ("bios", "firmware"):
        del watched[gone]
    seen = {"n1": {**WELL, "state": "nonconformant"}, "n2": {**WELL, "state": "inspected"}}
    assert TYPE.diff(watched, {"results": seen}, watched).changes == {}


def test_machines_that_nobody_may_reach_are_no_change():
    unreached = {key: each for key, each in INPUTS.items() if key != "bmc"}
    seen = {"n1": {"state": "declared"}, "n2": {"state": "declared"}}
    assert TYPE.diff(unreached, {"results": seen}, unreached).changes == {}


def test_a_machine_that_could_not_be_let_go_is_still_a_change():
    kept = {"state": "quarantined", "error": "e", "left": {}, "quarantine": {}}
    assert diff(state_=state(n7=kept)) == {"results.n7": ("update", False)}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"image": UNKNOWN}, {}),
        ({"image__os": UNKNOWN}, {}),
        ({"image__os": UNKNOWN, "domain": "d"}, {"domain": ("update", False)}),
        ({"firmware": [UNKNOWN]}, {}),
    ],
)
def test_what_is_not_known_yet_is_no_change_and_said_to_be_unknown(changes, found):
    assert diff(**changes) == found
    assert not TYPE.diff(INPUTS, state(), changed(**changes)).known


def test_a_preview_of_what_has_no_results_yet():
    assert diff(state_={**INPUTS, "results": UNKNOWN, "ready": UNKNOWN}) == {
        "results.n1": ("update", False),
        "results.n2": ("update", False),
    }

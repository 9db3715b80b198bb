"""From inputs and state to what is wanted of each machine: pure, and checked before every write."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from aifactory_iac.providers.fleet.budget import DisruptionBudget
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import (
    Approval,
    Budget,
    Component,
    Controller,
    Place,
)
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult
from aifactory_iac.providers.resource import ProviderError
from aifactory_iac.providers.resources.group_intents import (
    budget_of,
    intents_of,
    moment,
    wanted_digests,
)
from aifactory_iac.providers.resources.group_plan import GroupPlan
from aifactory_iac.providers.resources.group_state import document
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Settings, Surroundings

DIGEST = "sha256:" + "ab" * 32
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1u7rSkRf0EPx4Ml0bWVcbwKmkdCkkzwJ4V4G5ZWdzY ops"
NOW = 1_800_000_000.0
INPUTS = {
    "site": "fra1",
    "pool": "train",
    "scalableUnit": 1,
    "system": "dgx-h100",
    "machines": {
        "n1": {"rack": "r1", "unit": 1, "slot": 1, "bmc": "10.0.0.1", "address": "10.1.0.1"},
        "n2": {
            "rack": "r2",
            "unit": 9,
            "slot": 2,
            "bmc": "10.0.0.2",
            "address": "10.1.0.2",
            "serial": "S2",
            "protected": True,
            "spare": True,
        },
    },
    "boot": {"method": "media", "secure": False},
    "disks": {"wipe": "never", "encrypt": False},
    "rollout": {"unavailable": 1, "drain": True},
    "domain": "fra1.example.org",
    "image": {"os": "ubuntu-24.04"},
    "bmc": {"credentials": {"store": "vault", "path": "bmc"}, "tls": "site-ca"},
}
INSTALL = {
    "image": {"os": "ubuntu-24.04", "url": "https://images.example.org/u.iso", "digest": DIGEST},
    "disks": {"wipe": "never", "encrypt": False, "root": {"model": "KCM6*"}},
    "install": {
        "config": {"autoinstall": {"users": {"ops": {"keys": [KEY], "admin": True}}}},
        "callback": {"minutes": 30},
    },
    "provisioningServer": "fra1",
}
ADOPTED = MachineResult(
    "n1",
    State.INSTALLED,
    Identity("S1", "u1", ("02:00:00:00:00:01",)),
    "On",
    installed=DIGEST,
    seen=NOW,
)


def intents(known=None, **more):
    return intents_of({**INPUTS, **more}, known or {})


def test_the_least_wants_nothing_of_a_machine():
    found = intents()
    assert list(found) == ["n1", "n2"]
    n1, n2 = found.values()
    assert n1.controller == Controller("10.0.0.1", {"store": "vault", "path": "bmc"})
    assert (n1.owner, n1.power, n1.bios, n1.secure_boot, n1.firmware, n1.install) == (
        *("managed", None, {}, None, ()),
        None,
    )
    assert (n1.identity, n2.identity) == (Identity(), Identity("S2"))
    assert (n1.place, n1.protected, n2.protected) == (Place("r1", 1), False, True)


def test_everything_that_is_declared_is_wanted():
    found = intents(
        boot={"method": "media", "secure": True},
        power="On",
        bios={"SriovSupport": "Enabled"},
        firmware=[{"name": "HostBIOS_0", "version": "1.2", "allowed": ["1.1"]}],
        budget={"hourly": 1, "daily": 2},
        breakers={"r1": "a"},
        watts=10200,
        cluster={"id": "c", "seconds": 60},
        approval={
            "by": ["anna", "ben"],
            "until": "2027-01-15T09:00:00+01:00",
            "actions": ["reset"],
        },
        bmc={**INPUTS["bmc"], "tls": "pinned", "system": "DGX", "requests": 2},
    )["n1"]
    assert found.controller == Controller(
        "10.0.0.1", {"store": "vault", "path": "bmc"}, "pinned", "", "DGX", 2
    )
    assert (found.secure_boot, found.power, found.bios) == (True, "On", {"SriovSupport": "Enabled"})
    assert found.firmware == (Component("HostBIOS_0", "1.2", ("1.1",)),)
    assert found.budget == Budget(1, 2)
    assert found.place == Place("r1", 1, "a", 10200)
    assert (found.drain, found.drain_seconds) == (True, 60)
    assert found.approval == Approval("anna, ben", NOW, frozenset({"reset"}))


@pytest.mark.parametrize(
    ("more", "owner"),
    [
        ({}, "managed"),
        ({"image": None}, "observed"),
        ({"owner": "observed"}, "observed"),
        ({"owner": "external"}, "external"),
        ({"owner": "external", "image": None}, "external"),
    ],
)
def test_without_an_image_machines_are_only_watched(more, owner):
    assert {each.owner for each in intents(**more).values()} == {owner}


def test_what_adoption_found_is_wanted_from_then_on():
    found = intents({"n1": ADOPTED, "n2": replace(ADOPTED, name="n2")})
    assert found["n1"].identity == ADOPTED.identity
    # Another serial number is declared for n2: another machine stands in its place.
    assert found["n2"].identity == Identity("S2")


def test_a_new_address_or_place_changes_nobodys_identity():
    moved = copy.deepcopy(INPUTS)
    moved["machines"]["n1"] |= {"bmc": "10.0.9.9", "rack": "r9", "unit": 3}
    assert intents_of(moved, {"n1": ADOPTED})["n1"].identity == ADOPTED.identity


def test_an_installation_is_each_machines_own():
    found = intents({"n1": ADOPTED}, **INSTALL)
    installs = [found[name].install for name in found]
    assert [each.machine.name for each in installs] == ["n1", "n2"]
    assert installs[0].machine.serial == "S1"
    assert installs[0].machine.address == "10.1.0.1"
    assert installs[0].image.media == "iso"
    assert installs[0].callback.minutes == 30
    assert {each.wipe for each in installs} == {"never"}
    assert {each.wipe for each in _wiping()} == {"full"}


def _wiping():
    install = {**INSTALL["install"], "wipe": "full"}
    return [each.install for each in intents(**{**INSTALL, "install": install}).values()]


def test_inputs_that_were_never_checked_are_refused():
    broken = {**INSTALL, "install": {"config": {}}}
    with pytest.raises(ProviderError, match="the inputs are not those of a node group: install"):
        intents(**broken)


def test_the_budget_of_a_group():
    given = {"percent": 25, "rack": 1, "breaker": 2, "watts": 12000, "failures": 0}
    assert budget_of({**INPUTS, "budget": given}) == DisruptionBudget(1, 25, 1, 2, 12000, 0)
    assert budget_of(INPUTS) == DisruptionBudget(1)


def test_a_time_needs_its_zone():
    assert moment("2027-01-15T08:00:00Z") == NOW
    with pytest.raises(ValueError, match="2027"):
        moment("2027-01-15T08:00:00")


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"rack": "r9"}, False),
        ({"unit": 7}, False),
        ({"spare": True}, False),
        ({"bmc": "10.0.0.9"}, True),
        ({"attempt": 1}, True),
        ({"serial": "S9"}, True),
    ],
)
def test_a_machines_digest_changes_with_what_is_wanted_of_it(change, changed):
    other = copy.deepcopy(INPUTS)
    other["machines"]["n1"] |= change
    before, after = wanted_digests(INPUTS), wanted_digests(other)
    assert (before["n1"] != after["n1"]) is changed
    assert before["n2"] == after["n2"]


@pytest.mark.parametrize("key", ["bios", "image", "approval", "install", "power", "budget"])
def test_and_with_what_is_wanted_of_the_group(key):
    assert set(wanted_digests({**INPUTS, key: {"x": 1}}).values()).isdisjoint(
        wanted_digests(INPUTS).values()
    )


# --- what is to be done now -------------------------------------------------------------------


@dataclass(frozen=True)
class At:
    """A clock that stands."""

    seconds: float

    def now(self):
        return self.seconds


def plan_of(inputs, state, now=NOW, folder=Path("nowhere")):
    around = Surroundings(Settings(folder), SecretReader({}), At(now))
    return GroupPlan.of(inputs, state, around)


def state(inputs=INPUTS, **results):
    digests = wanted_digests(inputs)
    return {
        "results": {name: document(each, digests.get(name, "")) for name, each in results.items()}
    }


def failed(until, **more):
    from aifactory_iac.providers.fleet.quarantine import left_alone

    return left_alone(replace(ADOPTED, **more), None, "never came back", until)


def test_a_machine_rests_until_its_time():
    plan = plan_of(INPUTS, state(n1=failed(NOW + 60)))
    assert plan.resting == {"n1"}
    assert plan.wishes.resting == {"n1"}
    assert plan_of(INPUTS, state(n1=failed(NOW + 60)), NOW + 61).resting == frozenset()


def test_or_until_something_else_is_wanted_of_it_or_somebody_says_again():
    again = copy.deepcopy(INPUTS)
    again["machines"]["n1"]["attempt"] = 1
    plan = plan_of(again, state(n1=failed(NOW + 60)))
    assert plan.resting == frozenset()
    assert plan.known["n1"].quarantine is None
    assert plan.known["n1"].identity == ADOPTED.identity


def test_one_that_is_well_is_known_whatever_changes():
    other = {**INPUTS, "power": "On"}
    assert plan_of(other, state(n1=ADOPTED)).known["n1"] == ADOPTED


def test_of_an_exchanged_machine_nothing_is_known():
    plan = plan_of(INPUTS, state(n1=ADOPTED, n2=replace(ADOPTED, name="n2")))
    assert set(plan.known) == {"n1"}
    assert plan.exchanged == {"n2": ADOPTED.identity}
    assert plan.spares == {"n2"}


SEEN = MachineResult("n2", State.NONCONFORMANT, Identity("S2"), "Off")


def refusal(approval=None, wipe="never", known=None, inputs=None):
    more = {**INSTALL, "install": {**INSTALL["install"], "wipe": wipe}, **(inputs or {})}
    if approval is not None:
        more["approval"] = {"by": ["anna", "ben"], "until": "2027-01-15T08:00:00Z", **approval}
    whole = {**INPUTS, **more}
    plan = plan_of(whole, state(whole, **(known or {})))
    return plan.refusal(plan.intents["n2"], SEEN, NOW)


def test_a_first_installation_is_nothing_to_refuse():
    assert refusal() == ""
    assert plan_of(INPUTS, {}).refusal(intents()["n2"], SEEN, NOW) == ""


def test_another_machine_in_its_place_is_installed_only_when_somebody_allows_it():
    known = {"n2": replace(ADOPTED, name="n2")}
    assert refusal(known=known) == (
        "is another machine than before (serial S2, was S1): to install it takes an approval of "
        "`install`"
    )
    assert refusal({"actions": ["install"]}, known=known) == ""
    assert refusal({"actions": ["wipe"]}, known=known) != ""


WIPING = "`install.wipe: full` takes an approval of `wipe` that is in force and names its serial S2"


@pytest.mark.parametrize(
    ("approval", "reason"),
    [
        (None, WIPING),
        ({"actions": ["wipe"]}, WIPING),
        ({"actions": ["wipe"], "serials": ["S1"]}, WIPING),
        ({"actions": ["install"], "serials": ["S2"]}, WIPING),
        ({"actions": ["wipe"], "serials": ["S2"], "until": "2027-01-15T07:59:59Z"}, WIPING),
        ({"actions": ["wipe"], "serials": ["S2"]}, ""),
    ],
)
def test_a_wipe_takes_an_approval_that_names_the_machine(approval, reason):
    assert refusal(approval, wipe="full") == reason


def not_wiped(wipe="full", approval=None, **more):
    inputs = {**INPUTS, "disks": {"wipe": wipe, "encrypt": False}, **more}
    if approval:
        inputs["approval"] = {"by": ["a", "b"], "until": "2027-01-15T08:00:00Z", **approval}
    return list(plan_of(inputs, state(inputs, n1=ADOPTED)).not_wiped(NOW))


def test_a_release_says_what_it_leaves_on_disks_and_why():
    left = "disks are left as they are, though `disks.wipe` is `full`: "
    assert not_wiped("never") == []
    assert not_wiped() == [left + "no approval of `wipe` is in force: n1, n2"]
    assert not_wiped(owner="observed") == [left + "they are not ours: n1, n2"]
    assert not_wiped(approval={"actions": ["wipe"], "serials": ["S1"]}) == [
        left + "the approval of `wipe` does not name their serial numbers: n2",
    ]
    assert not_wiped(approval={"actions": ["wipe"], "serials": ["S1", "S2"]}) == []
    assert not_wiped(approval={"actions": ["reset"], "serials": ["S1", "S2"]}) == [
        left + "no approval of `wipe` is in force: n1, n2"
    ]


@pytest.mark.parametrize(
    ("now", "remembered"),
    [
        (MachineResult("n2", State.NONCONFORMANT, Identity("S2")), "S1"),
        (MachineResult("n2", State.INSTALLED, Identity("S2"), error="e"), "S1"),
        (MachineResult("n2", State.INSTALLED, Identity("S2")), "S2"),
        (MachineResult("n1", State.NONCONFORMANT, Identity("S9")), "S9"),
    ],
)
def test_until_an_exchanged_machine_got_there_the_one_before_it_is_remembered(now, remembered):
    known = state(n1=ADOPTED, n2=replace(ADOPTED, name="n2"))
    assert plan_of(INPUTS, known).remembered(now).identity.serial == remembered

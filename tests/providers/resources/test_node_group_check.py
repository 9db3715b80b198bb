"""What is wrong with the inputs of a node group: all of it, by path, with the way out."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aifactory_iac.providers.plugin.structure import checked, inputs_of
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.node_group import TYPE

DIGEST = "sha256:" + "ab" * 32
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1u7rSkRf0EPx4Ml0bWVcbwKmkdCkkzwJ4V4G5ZWdzY ops"


def machine(number, **more):
    return {
        "rack": f"r{(number - 1) // 2 + 1}",
        "unit": (number - 1) % 2 * 8 + 1,
        "slot": number,
        "bmc": f"10.0.0.{number}",
        "address": f"10.1.0.{number}",
        **more,
    }


GOOD = {
    "site": "fra1",
    "pool": "train",
    "scalableUnit": 1,
    "system": "dgx-h100",
    "machines": {f"n{number}": machine(number) for number in range(1, 5)},
    "boot": {"method": "media", "secure": True},
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
    },
    "provisioningServer": "fra1",
}
LATE = "2099-01-01T00:00:00Z"


def changed(**changes):
    """Good inputs with values at dotted paths; None leaves one out."""
    inputs = copy.deepcopy(GOOD)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = inputs
        for key in way:
            place = place.setdefault(key, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    return inputs


def said(inputs):
    shape = checked(inputs_of(TYPE.token), inputs)
    assert shape.failures == [], "a test of meaning needs inputs whose structure is right"
    return {each.property: each.reason for each in TYPE.check(None, shape.inputs).failures}


def test_good_inputs_are_good():
    assert said(GOOD) == {}
    assert said({**GOOD, **INSTALL}) == {}
    everything = {
        **GOOD,
        **INSTALL,
        "owner": "managed",
        "power": "On",
        "bios": {"SriovSupport": "Enabled", "Retries": 3, "Turbo": True},
        "firmware": [
            {"name": "HostBIOS_0", "version": "1.2", "allowed": ["1.1"]},
            {
                "name": "HostBMC_0",
                "version": "24",
                "url": "https://f.example.org/b",
                "digest": DIGEST,
            },
        ],
        "budget": {
            "percent": 25,
            "rack": 1,
            "breaker": 1,
            "watts": 12000,
            "failures": 0,
            "hourly": 2,
            "daily": 6,
        },
        "breakers": {"r1": "a", "r2": "b"},
        "watts": 10200,
        "cluster": {"id": "fra1/metal", "kind": "slurm", "seconds": 600},
        "approval": {
            "by": ["anna", "ben"],
            "until": LATE,
            "serials": ["S1"],
            "actions": ["reset", "power-off", "install", "wipe", "retire"],
        },
        "backend": {"kind": "redfish"},
    }
    assert said(everything) == {}


BAD = [
    # machines
    (
        {"machines__n2__bmc": "10.0.0.1"},
        {
            "machines.n1.bmc": "address 10.0.0.1 is also that of n2",
            "machines.n2.bmc": "address 10.0.0.1 is also that of n1",
        },
    ),
    (
        {"machines__n2__address": "10.0.0.1"},
        {
            "machines.n1.bmc": "address 10.0.0.1 is also that of n2",
            "machines.n2.address": "address 10.0.0.1 is also that of n1",
        },
    ),
    (
        {"machines__n1__address": "10.0.0.1"},
        {
            "machines.n1.bmc": "address 10.0.0.1 is also that of n1",
            "machines.n1.address": "address 10.0.0.1 is also that of n1",
        },
    ),
    (
        {"machines__n1__serial": "S1 ", "machines__n3__serial": " S1"},
        {
            "machines.n1.serial": "serial S1 is also that of n3",
            "machines.n3.serial": "serial S1 is also that of n1",
        },
    ),
    (
        {
            "machines__n1__uuid": "4C4C4544-0000-2010-8020-80c04f202020",
            "machines__n2__uuid": "4c4c4544-0000-2010-8020-80C04F202020",
        },
        {
            "machines.n1.uuid": "UUID 4c4c4544-0000-2010-8020-80c04f202020 is also that of n2",
            "machines.n2.uuid": "UUID 4c4c4544-0000-2010-8020-80c04f202020 is also that of n1",
        },
    ),
    (
        {
            "machines__n1__macs": ["02-AA-00-00-00-01", "02:aa:00:00:00:01"],
            "machines__n2__macs": ["02AA.0000.0001"],
        },
        {
            "machines.n1.macs": "MAC address 02:aa:00:00:00:01 is also that of n2",
            "machines.n2.macs": "MAC address 02:aa:00:00:00:01 is also that of n1",
        },
    ),
    (
        {"machines__n2__unit": 1},
        {
            "machines.n1.unit": "rack r1 unit 1 is also that of n2",
            "machines.n2.unit": "rack r1 unit 1 is also that of n1",
        },
    ),
    ({"machines__n1__bmc": "bmc-n1"}, {"machines.n1.bmc": "is no IPv4 address: `bmc-n1`"}),
    (
        {"machines__n1__address": "224.0.0.1"},
        {"machines.n1.address": "is no IPv4 address: `224.0.0.1`"},
    ),
    ({"machines__n1__uuid": "17"}, {"machines.n1.uuid": "is no UUID: `17`"}),
    (
        {"machines__n1__serial": " "},
        {"machines.n1.serial": "is empty: leave it out to have it adopted"},
    ),
    (
        {"machines__n1__macs": ["01:00:5e:00:00:01"]},
        {"machines.n1.macs[0]": "is no MAC address of a card: `01:00:5e:00:00:01`"},
    ),
    ({"machines__n1__unit": 0}, {"machines.n1.unit": "is 0; it counts from 1"}),
    ({"machines__n1__attempt": -1}, {"machines.n1.attempt": "is -1; it counts from 0"}),
    (
        {"machines": {"N 1": machine(1), "n2": machine(2)}},
        {
            'machines["N 1"]': "is no host name: lower-case letters, digits and hyphens, at "
            "most 63",
        },
    ),
    # controllers
    (
        {"bmc__tls": "insecure"},
        {
            "bmc.tls": "verifies nothing, so anybody could answer for a controller and be told its "
            "password: take `site-ca` or `pinned`, or say in `bmc.exception` why not",
        },
    ),
    ({"bmc__tls": "insecure", "bmc__exception": "lab"}, {}),
    (
        {"bmc__tls": "pinned", "machines__n1__fingerprint": "AB:" * 31 + "AB"},
        dict.fromkeys(
            [f"machines.n{number}.fingerprint" for number in (2, 3, 4)],
            "is required with `tls: pinned`",
        ),
    ),
    (
        {"bmc__tls": "pinned", "machines": {"n1": machine(1, fingerprint="xyz")}},
        {"machines.n1.fingerprint": "is no SHA-256 in hexadecimal, which has 64 digits"},
    ),
    (
        {"machines__n1__fingerprint": "ab" * 32},
        {"machines.n1.fingerprint": "means nothing with `tls: site-ca`: take `pinned`"},
    ),
    ({"bmc__requests": 9}, {"bmc.requests": "is 9; controllers bear from 1 to 8 at once"}),
    (
        {"bmc__credentials": {"store": "env", "path": "admin:hunter22"}},
        {
            "bmc.credentials.path": "is no name of an environment variable: say where the secret "
            "is kept, not what it is"
        },
    ),
    (
        {"bmc__credentials": {"store": "vault", "path": "admin:hunter22"}},
        {
            "bmc.credentials.path": "looks like a user and a password: say where the secret is "
            "kept, not what it is"
        },
    ),
    ({"bmc__credentials": {"store": "aws-secrets-manager", "path": "arn:aws:s:1:x"}}, {}),
    ({"bmc__credentials": {"store": "file", "path": "C:\\secrets\\bmc"}}, {}),
    # budgets
    (
        {"rollout__unavailable": 0},
        {"rollout.unavailable": "is 0, which lets no machine ever be updated: give at least 1"},
    ),
    (
        {"rollout__unavailable": 4},
        {
            "rollout.unavailable": "is 4, which lets all 4 machines be out of service at once: "
            "give at most 3"
        },
    ),
    ({"rollout__unavailable": 1, "machines": {"n1": machine(1)}}, {}),
    (
        {"rollout__unavailable": 3, "budget__rack": 1},
        {
            "rollout.unavailable": "is 3, which `budget.rack` never lets be reached: 1 of each "
            "rack are 2 machines"
        },
    ),
    ({"budget__percent": 0}, {"budget.percent": "is 0; it has to be over 0 and at most 100"}),
    (
        {"budget__percent": 101.5},
        {"budget.percent": "is 101.5; it has to be over 0 and at most 100"},
    ),
    ({"budget__rack": 0}, {"budget.rack": "is 0; it has to be at least 1"}),
    ({"budget__failures": -1}, {"budget.failures": "is -1; it has to be at least 0"}),
    (
        {"budget__hourly": 9},
        {"budget.daily": "is 8, less than the 9 of a single hour"},
    ),
    (
        {"budget__breaker": 1},
        {"breakers": "is required with `budget.breaker`: which rack hangs on which?"},
    ),
    (
        {"budget__breaker": 1, "breakers": {"r1": "a", "r22": "b"}},
        {
            "breakers.r22": "no machine stands in it; did you mean `r2`?",
            "breakers": "rack `r2` has none, so `budget.breaker` would not bound it",
        },
    ),
    (
        {"budget__watts": 3000},
        {"watts": "is required with `budget.watts`: what does one machine draw?"},
    ),
    (
        {"budget__watts": 3000, "watts": 10200},
        {
            "budget.watts": "is 3000 in any minute, and one machine alone draws 10200: it could "
            "never come on"
        },
    ),
    ({"watts": 0}, {"watts": "is 0; a machine draws more than 0"}),
    ({"budget__watts": 0, "watts": 1}, {"budget.watts": "is 0; nothing could ever come on"}),
    # wishes
    (
        {"bmc": None, "power": "On"},
        {"power": "needs `bmc`: without it nothing is ever written to a machine"},
    ),
    (
        {"image": None, "bios": {"A": 1}},
        {"bios": "needs `image`: machines without one are only watched; its `os` is enough"},
    ),
    (
        {"owner": "observed", "firmware": [{"name": "BIOS", "version": "1"}]},
        {"firmware": "means nothing with `owner: observed`: those are only read"},
    ),
    (
        {"image__digest": "sha256:12"},
        {"image.digest": "is no digest such as `sha256:` and 64 hexadecimal digits"},
    ),
    (
        {"bios": {"AdminPassword": "hunter22", "List": [1]}},
        {
            "bios.AdminPassword": "would write a secret into the state: set it on the machine "
            "itself",
            "bios.List": "has to be a text, a whole number or a truth value",
        },
    ),
    (
        {
            "firmware": [
                {"name": "BIOS", "version": "1", "url": "http://10.9.9.9/b"},
                {"name": "BIOS", "version": "2", "digest": "md5:1"},
            ]
        },
        {
            "firmware[0].name": "`BIOS` is named 2 times",
            "firmware[0].digest": "is required with `url`: nothing is flashed unmeasured",
            "firmware[0].url": "is plain http to 10.9.9.9, outside of the provisioning networks "
            "(none): use https",
            "firmware[1].name": "`BIOS` is named 2 times",
            "firmware[1].digest": "is no digest such as `sha256:` and 64 hexadecimal digits",
        },
    ),
    (
        {"approval": {"by": [" "], "until": "tomorrow", "actions": ["wipes", "install"]}},
        {
            "approval.actions[1]": "`wipes` is none; did you mean `wipe`?",
            "approval.by": "names nobody",
            "approval.until": "is no time with its zone, such as 2026-12-01T18:00:00Z",
        },
    ),
    (
        {"approval": {"by": ["anna"], "until": "2099-01-01T00:00:00", "actions": ["wipe"]}},
        {
            "approval.by": "names one person, and a wipe takes two",
            "approval.until": "is no time with its zone, such as 2026-12-01T18:00:00Z",
        },
    ),
    (
        {"cluster": {"id": "c", "seconds": 0}},
        {"cluster.seconds": "is 0; a drain takes from 1 s to a week"},
    ),
    (
        {"backend": {"kind": "ironic", "url": "ironic"}},
        {"backend.url": "`ironic` is no URL such as `https://ironic.site:6385`"},
    ),
]


@pytest.mark.parametrize(("change", "failures"), BAD)
def test_what_is_wrong_is_said_with_the_way_out(change, failures):
    assert said(changed(**change)) == failures


INSTALLS = [
    (
        {"image": {"os": "ubuntu-24.04"}},
        {
            "image.digest": "is required to install: nothing boots unmeasured",
            "image.url": "is required to install: where is the image fetched from?",
        },
    ),
    (
        {"provisioningServer": None},
        {"provisioningServer": "is required to install: where do machines boot from?"},
    ),
    (
        {"disks": {"wipe": "never", "encrypt": False}},
        {
            "disks.root": "fits every disk, and the machine may have several: give `serial`, "
            "`wwn`, `model` or `size`"
        },
    ),
    (
        {"install": {"config": {}}},
        {
            "install.config": "takes one document, and has 0: give one of `autoinstall`, "
            "`cloudinit`, `kickstart`, `ignition`"
        },
    ),
    (
        {"install": {**INSTALL["install"], "wipe": "full"}},
        {"approval": "of `wipe` is required: `install.wipe: full` erases root devices"},
    ),
    (
        {"boot": {"method": "pxe", "secure": True}},
        {
            "image.initrd": "is required with `media: pxe`: a kernel and its first file system go "
            "together",
            "image.kernel": "is required with `media: pxe`: only a kernel's own line can say where "
            "the install document is",
        },
    ),
    (
        {"image": {**INSTALL["image"], "url": "http://10.9.9.9/u.iso"}},
        {
            "image.url": "is plain http to 10.9.9.9, outside of the provisioning networks (none): "
            "use https"
        },
    ),
    (
        {
            "image": {**INSTALL["image"], "url": "http://10.9.9.9/u.iso"},
            "install": {**INSTALL["install"], "networks": ["10.9.0.0/16"]},
        },
        {},
    ),
]


@pytest.mark.parametrize(("change", "failures"), INSTALLS)
def test_an_installation_is_checked_as_a_whole(change, failures):
    inputs = {**GOOD, **INSTALL, **change}
    assert said({key: value for key, value in inputs.items() if value is not None}) == failures


def test_everything_is_said_at_once():
    everything = [
        {"machines__n2__bmc": "10.0.0.1"},
        {"rollout__unavailable": 0},
        {"bmc__tls": "insecure"},
        {"bios": {"AdminPassword": "hunter22"}},
    ]
    assert sorted(said(changed(**{key: each[key] for each in everything for key in each}))) == [
        "bios.AdminPassword",
        "bmc.tls",
        "machines.n1.bmc",
        "machines.n2.bmc",
        "rollout.unavailable",
    ]


def test_no_failure_shows_a_secret():
    inputs = changed(
        bmc__credentials={"store": "env", "path": "admin:hunter22"},
        bios={"AdminPassword": "hunter22"},
    )
    assert "hunter22" not in str(said(inputs))


@pytest.mark.parametrize(
    "name", sorted({*GOOD, *INSTALL, "budget", "breakers", "watts", "approval"})
)
def test_what_a_preview_does_not_know_is_not_judged(name):
    inputs = {**GOOD, **INSTALL, name: UNKNOWN}
    wrong = {each.property for each in TYPE.check(None, inputs).failures}
    # Without knowing the disks it cannot be said that they are told apart, and so on.
    assert wrong == set()


@pytest.mark.parametrize(
    "path",
    [
        *("machines__n1__bmc", "machines__n1__rack", "machines__n1__serial", "bmc__tls"),
        *("bmc__credentials", "rollout__unavailable", "budget__rack", "image__digest"),
    ],
)
def test_nor_is_what_it_does_not_know_inside(path):
    assert {
        each.property for each in TYPE.check(None, changed(**{path: UNKNOWN})).failures
    } == set()


def test_spellings_are_made_alike():
    inputs = changed(
        machines__n1__serial=" S1\n",
        machines__n1__uuid=" 4C4C4544-0000-2010-8020-80C04F202020",
        machines__n1__macs=["02-AA-00-00-00-02", "02aa.0000.0001"],
        machines__n1__fingerprint="SHA256:",
        firmware=[{"name": "BIOS", "version": "1", "allowed": ["2", "1", "2"]}],
        approval={"by": ["ben", "anna"], "until": LATE, "actions": ["reset", "install"]},
    )
    found = TYPE.check(None, inputs).inputs
    assert found["machines"]["n1"]["serial"] == "S1"
    assert found["machines"]["n1"]["uuid"] == "4c4c4544-0000-2010-8020-80c04f202020"
    assert found["machines"]["n1"]["macs"] == ["02:aa:00:00:00:01", "02:aa:00:00:00:02"]
    assert found["firmware"][0]["allowed"] == ["1", "2"]
    assert found["approval"]["by"] == ["anna", "ben"]
    assert found["approval"]["actions"] == ["install", "reset"]


@settings(deadline=None)
@given(
    st.permutations(sorted(GOOD["machines"])),
    st.permutations(["02:aa:00:00:00:01", "02:aa:00:00:00:02"]),
)
def test_no_order_of_machines_or_addresses_is_a_change(names, macs):
    inputs = {
        **GOOD,
        "machines": {name: {**GOOD["machines"][name], "macs": []} for name in names},
    }
    inputs["machines"]["n1"]["macs"] = macs
    found = TYPE.check(None, inputs).inputs
    reference = copy.deepcopy(inputs)
    reference["machines"] = {name: reference["machines"][name] for name in sorted(names)}
    reference["machines"]["n1"]["macs"] = sorted(macs)
    assert list(found["machines"]) == sorted(names)
    assert TYPE.diff(reference, {"results": {}}, found).changes.keys() == {
        f"results.n{number}" for number in range(1, 5)
    }

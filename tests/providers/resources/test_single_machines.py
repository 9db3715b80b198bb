"""Machine, FirmwareBaseline, OsInstallation and BmcAccounts over the plug-in's own wire."""

from __future__ import annotations

import hashlib
import json

import pytest

from aifactory_iac.lab.redfish.numbered import LOGIN
from aifactory_iac.providers.surroundings import Lab

MACHINE = "aifactory:metal:Machine"
FIRMWARE = "aifactory:metal:FirmwareBaseline"
INSTALL = "aifactory:metal:OsInstallation"
ACCOUNTS = "aifactory:metal:BmcAccounts"
BIOS = {"ProcTurboMode": "Disabled"}
DIGEST = f"sha256:{'a' * 64}"


@pytest.fixture
def client(plugin):
    return lambda plant, **settings: plugin(lab=plant.lab, **{"pace": 0.001, **settings})


@pytest.fixture
def one(plant):
    """A plant of one machine, and the inputs that all four types share."""

    def start(**differences):
        place = plant(1, **differences)
        inputs = {
            "site": "fra1",
            "name": "n0001",
            "machine": {
                "rack": "r01",
                "unit": 1,
                "slot": 1,
                "bmc": place.fleet.machines["n0001"].spec.address,
                "address": "10.1.0.1",
            },
            "bmc": {"credentials": {"store": "vault", "path": "bmc"}, "tls": "site-ca"},
        }
        return place, inputs

    return start


def test_the_life_of_a_machine(one, client):
    place, inputs = one()
    ours = client(place)
    checked, failures = ours.check(MACHINE, {**inputs, "bios": BIOS, "power": "On"})
    assert failures == []
    id_, state = ours.create(MACHINE, checked)
    assert (id_, state["status"]) == ("fra1/n0001", "available")
    assert state["result"]["serial"] == "SN0001"
    assert state["result"]["observed"]["bios"] == BIOS
    assert place.resets() == ["n0001"]
    assert ours.diff(MACHINE, checked, state, checked).changes == "DIFF_NONE"

    place.forget()
    assert ours.read(MACHINE, id_, checked, state)[0] == state
    assert ours.update(MACHINE, id_, checked, state, checked)["status"] == "available"
    assert place.writes() == []

    def by_hand() -> None:
        place.fleet.machines["n0001"].host.bios["ProcTurboMode"] = "Enabled"

    place.fleet.call(by_hand)
    drifted, _ = ours.read(MACHINE, id_, checked, state)
    diff = ours.diff(MACHINE, checked, drifted, checked)
    assert set(diff.kinds) == {"result.state", "result.observed.bios.ProcTurboMode"}

    place.forget()
    ours.delete(MACHINE, id_, checked, state)
    assert place.writes() == []


def test_a_preview_reaches_nothing(one, client):
    place, inputs = one()
    ours = client(place)
    for token, wish in (
        (MACHINE, {"bios": BIOS}),
        (FIRMWARE, {"components": [{"name": "BMC", "version": "9.9.9"}]}),
        (ACCOUNTS, {}),
    ):
        checked, failures = ours.check(token, {**inputs, **wish})
        assert failures == []
        ours.create(token, checked, preview=True)
    assert place.records("request") == []


def test_another_address_or_rack_is_no_replacement(one, client):
    place, inputs = one()
    ours = client(place)
    checked, _ = ours.check(MACHINE, inputs)
    _, state = ours.create(MACHINE, checked)
    moved = {**inputs, "machine": {**inputs["machine"], "rack": "r09", "bmc": "10.0.0.77"}}
    diff = ours.diff(MACHINE, checked, state, ours.check(MACHINE, moved)[0])
    assert diff.replaces == []
    assert set(diff.kinds) == {"machine.bmc", "machine.rack"}


def test_an_image_is_attached_from_where_it_was_measured(one, client, tmp_path):
    place, inputs = one()
    image = tmp_path / "rescue.iso"
    image.write_bytes(b"rescue")
    digest = f"sha256:{hashlib.sha256(b'rescue').hexdigest()}"
    state_dir = tmp_path / "state"
    folder = state_dir / "provisioning" / "fra1" / "current"
    folder.mkdir(parents=True)
    (folder / "service.json").write_text(json.dumps({"url": "http://10.1.0.250:8080"}))
    ours = client(place, state_dir=state_dir)
    media = {"rescue": {"url": f"file://{image}", "digest": digest}}
    wish = {**inputs, "media": media, "provisioningServer": "fra1"}
    checked, failures = ours.check(MACHINE, wish)
    assert failures == []
    id_, state = ours.create(MACHINE, checked)
    slots = place.fleet.machines["n0001"].slots.values()
    link = f"http://10.1.0.250:8080/images/{digest.removeprefix('sha256:')}/rescue.iso"
    assert [slot.image for slot in slots if slot.image] == [link]
    assert "link" not in state["media"]["rescue"]
    ours.delete(MACHINE, id_, checked, state)
    assert [slot.image for slot in slots if slot.image] == []


def test_an_image_with_other_bytes_is_never_attached(one, client, tmp_path):
    place, inputs = one()
    (tmp_path / "rescue.iso").write_bytes(b"rescue")
    state_dir = tmp_path / "state"
    folder = state_dir / "provisioning" / "fra1" / "current"
    folder.mkdir(parents=True)
    (folder / "service.json").write_text(json.dumps({"url": "http://10.1.0.250:8080"}))
    ours = client(place, state_dir=state_dir)
    media = {"rescue": {"url": f"file://{tmp_path / 'rescue.iso'}", "digest": DIGEST}}
    checked, _ = ours.check(MACHINE, {**inputs, "media": media, "provisioningServer": "fra1"})
    with pytest.raises(ours.refused, match="is not the image"):
        ours.create(MACHINE, checked)
    assert place.writes() == []


def test_a_baseline_gives_the_versions_that_run(one, client, tmp_path):
    place, inputs = one(model="dgx-gb200")
    ours = client(place)
    package = tmp_path / "uefi.json"
    package.write_text(json.dumps({"UEFI": "9.9.1"}))
    digest = f"sha256:{hashlib.sha256(package.read_bytes()).hexdigest()}"
    component = {"name": "UEFI", "version": "9.9.1", "url": f"file://{package}", "digest": digest}
    checked, failures = ours.check(FIRMWARE, {**inputs, "components": [component]})
    assert failures == []
    id_, state = ours.create(FIRMWARE, checked)
    assert state["versions"] == {"UEFI": "9.9.1"}
    place.forget()
    ours.delete(FIRMWARE, id_, checked, state)
    assert place.writes() == []


def test_accounts_of_a_new_controller(one, client, plant, tmp_path):
    place, inputs = one(factory_credential=True)
    factory, watcher = tmp_path / "factory", tmp_path / "watcher"
    factory.write_text(":".join(place.fleet.machines["n0001"].model.factory))
    watcher.write_text("watcher:only-looking-1")
    held = {**place.lab.credentials, "vault:factory": str(factory), "vault:watcher": str(watcher)}
    place.lab = Lab(place.lab.endpoints, held, place.lab.ca)
    ours = client(place)
    wish = {
        **inputs,
        "factory": {"store": "vault", "path": "factory"},
        "accounts": {
            "watch": {"credentials": {"store": "vault", "path": "watcher"}, "role": "ReadOnly"}
        },
    }
    checked, failures = ours.check(ACCOUNTS, wish)
    assert failures == []
    id_, state = ours.create(ACCOUNTS, checked)
    assert id_ == "fra1/n0001/accounts"
    assert state["users"][LOGIN.username] == {"role": "Administrator", "enabled": True}
    assert state["users"]["watcher"] == {"role": "ReadOnly", "enabled": True}
    enabled = {user for user, each in state["users"].items() if each["enabled"]}
    assert enabled == {LOGIN.username, "watcher"}
    assert state["settled"] is True
    assert len(state["fingerprint"]) == 64
    for secret in (LOGIN.password, "only-looking-1"):
        assert secret not in json.dumps(state)
        assert all(secret not in text for *_, text in ours.lines)
    assert ours.diff(ACCOUNTS, checked, state, checked).changes == "DIFF_NONE"

    def demote() -> None:
        for account in place.fleet.machines["n0001"].accounts.values():
            if account.username == "watcher":
                account.role = "Administrator"

    place.fleet.call(demote)
    drifted, _ = ours.read(ACCOUNTS, id_, checked, state)
    assert drifted["settled"] is False
    assert ours.diff(ACCOUNTS, checked, drifted, checked).kinds == {"users": "UPDATE"}
    repaired = ours.update(ACCOUNTS, id_, checked, drifted, checked)
    assert repaired["users"]["watcher"]["role"] == "ReadOnly"
    place.forget()
    ours.delete(ACCOUNTS, id_, checked, repaired)
    assert place.writes() == []


def test_a_controller_that_is_not_reached_is_stale_and_not_gone(one, client):
    place, inputs = one()
    ours = client(place)
    checked, _ = ours.check(ACCOUNTS, inputs)
    id_, state = ours.create(ACCOUNTS, checked)
    machine, _ = ours.check(MACHINE, inputs)
    machine_id, machine_state = ours.create(MACHINE, machine)
    place.fleet.stop()
    assert ours.read(ACCOUNTS, id_, checked, state)[0] == {**state, "stale": True}
    with pytest.raises(ours.partly_done) as caught:
        ours.read(MACHINE, machine_id, machine, machine_state)
    assert caught.value.state["result"]["stale"] is True
    assert caught.value.state["result"]["serial"] == "SN0001"


BAD = {
    "an address that is none": (
        MACHINE,
        {"machine": {"rack": "r01", "unit": 1, "slot": 1, "bmc": "nowhere", "address": "10.1.0.1"}},
        "`machine.bmc` is no IPv4 address: `nowhere`",
    ),
    "media that nobody serves": (
        MACHINE,
        {"media": {"a": {"url": "https://x/a.iso", "digest": DIGEST}}},
        (
            "`provisioningServer` is required for `media`: controllers get images from where they "
            "were measured"
        ),
    ),
    "media over plain http": (
        MACHINE,
        {
            "media": {"a": {"url": "http://10.9.9.9/a.iso", "digest": DIGEST}},
            "provisioningServer": "fra1",
        },
        (
            "`media.a.url` is plain http to 10.9.9.9, outside of the provisioning networks (none): "
            "use https"
        ),
    ),
    "a boot over http without an image": (
        MACHINE,
        {"bootOnce": {"event": "e", "source": "UefiHttp"}},
        "`bootOnce.image` is required with `source: UefiHttp`",
    ),
    "a component twice": (
        FIRMWARE,
        {"components": [{"name": "BMC", "version": "1"}, {"name": "BMC", "version": "2"}]},
        "`components[0].name` `BMC` is named 2 times",
    ),
    "a secret that is one": (
        ACCOUNTS,
        {"factory": {"store": "env", "path": "admin:admin"}},
        (
            "`factory.path` is no name of an environment variable: say where the secret is kept, "
            "not what it is"
        ),
    ),
    "one secret for two": (
        ACCOUNTS,
        {"factory": {"store": "vault", "path": "bmc"}},
        "`factory` is the same secret as bmc.credentials",
    ),
    "an image without a digest": (
        INSTALL,
        {
            "image": {"os": "ubuntu-24.04", "url": "https://x/u.iso", "digest": "latest"},
            "config": {"autoinstall": {"users": {}}},
            "provisioningServer": "fra1",
        },
        "`image.digest`",
    ),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_wrong_is_said_before_anything_is_reached(one, client, name):
    place, inputs = one()
    token, wish, said = BAD[name]
    _, failures = client(place).check(token, {**inputs, **wish})
    assert any(each.startswith(said) for each in failures), failures
    assert place.records("request") == []


@pytest.mark.parametrize("token", [MACHINE, FIRMWARE, INSTALL, ACCOUNTS])
def test_an_import_by_id_alone_says_what_it_takes(one, client, token):
    place, _ = one()
    with pytest.raises(client(place).refused, match="cannot be imported by its id alone"):
        client(place).read(token, "fra1/n0001")

"""`ProvisioningServer` as the engine drives it, over gRPC."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from aifactory_iac.providers.install.outside import Failed, NotChecked
from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.provisioning.folder import Folder, service_folder
from aifactory_iac.providers.provisioning.seeds import Seeds
from aifactory_iac.providers.resource import UNKNOWN
from aifactory_iac.providers.resources.provisioning_server import ProvisioningServerType

TOKEN = "aifactory:metal:ProvisioningServer"
FILES = ["dhcp/dnsmasq.conf", "dhcp/kea-dhcp4.json", "service.json"]


def in_force(place: Folder) -> dict[str, bytes]:
    return {name: (place.current / name).read_bytes() for name in FILES}


def everything(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_inputs_are_spelled_in_one_way(client, inputs):
    found, failures = client.check(TOKEN, inputs(bootMethods=["pxe", "http", "media", "http"]))
    assert failures == []
    assert found["bootMethods"] == ["http", "media", "pxe"]
    assert found["reservations"]["n2"]["mac"] == "aa:bb:cc:00:11:23"


def test_everything_that_is_wrong_is_said_at_once(client, inputs):
    value = inputs()
    value["reservations"]["n3"] = {"mac": "aa:bb:cc:00:11:22", "address": "192.0.2.1"}
    value["subnets"]["in-band"]["gateway"] = "10.9.9.9"
    _found, failures = client.check(TOKEN, value)
    assert [failure.partition(" ")[0].strip("`") for failure in sorted(failures)] == [
        "reservations.n3.address",
        "reservations.n3.mac",
        "subnets.in-band.gateway",
    ]


def test_a_preview_reaches_nothing_and_knows_what_would_be_rendered(
    client, small, checker, tmp_path
):
    id_, state = client.create(TOKEN, small(), preview=True)
    assert id_ in ("", "fra1")
    assert state["url"] == "http://10.0.0.9:8080"
    assert sorted(state["digests"]) == FILES
    assert (state["checked"], state["served"]) == (UNKNOWN, UNKNOWN)
    assert checker.asked == 0
    assert everything(tmp_path / "state") == {}
    unknown = client.create(TOKEN, small(domain=UNKNOWN), preview=True)[1]
    assert (unknown["url"], unknown["digests"]) == (UNKNOWN, UNKNOWN)


def test_it_is_rendered_checked_and_in_force(client, small, place, checker):
    id_, state = client.create(TOKEN, small())
    assert id_ == "fra1"
    assert state["url"] == "http://10.0.0.9:8080"
    assert state["checked"] == {"kea-dhcp4": "passed"}
    assert state["digests"] == {
        name: f"sha256:{hashlib.sha256(content).hexdigest()}"
        for name, content in in_force(place).items()
    }
    assert state["digests"] == client.create(TOKEN, small(), preview=True)[1]["digests"]
    assert checker.asked == 1


def test_without_an_endpoint_machines_find_it_by_its_name(client, small):
    _id, state = client.create(TOKEN, small(endpoint=None))
    assert state["url"] == "http://provisioning.fra1.internal"


def test_nothing_to_do_is_nothing_to_do(client, small):
    inputs, _ = client.check(TOKEN, small())
    id_, state = client.create(TOKEN, inputs)
    state, _inputs = client.read(TOKEN, id_, inputs, state)
    found = client.diff(TOKEN, inputs, state, inputs)
    assert (found.changes, found.kinds, found.stables) == ("DIFF_NONE", {}, ["url"])


def test_a_change_of_order_is_none(client, small):
    inputs, _ = client.check(TOKEN, small())
    _id, state = client.create(TOKEN, inputs)
    turned = {key: inputs[key] for key in reversed(inputs)}
    turned["subnets"] = dict(reversed(inputs["subnets"].items()))
    again, _ = client.check(TOKEN, turned | {"bootMethods": ["pxe", "media", "http"]})
    assert client.diff(TOKEN, inputs, state, again).changes == "DIFF_NONE"


def test_an_update_says_which_file_changes_and_replaces_all_of_them_at_once(client, small, place):
    old, _ = client.check(TOKEN, small())
    id_, state = client.create(TOKEN, old)
    before = in_force(place)
    new, _ = client.check(TOKEN, small(reservations={}))
    found = client.diff(TOKEN, old, state, new)
    assert found.kinds == {
        'digests["dhcp/dnsmasq.conf"]': "UPDATE",
        'digests["dhcp/kea-dhcp4.json"]': "UPDATE",
        'digests["service.json"]': "UPDATE",
        "reservations": "UPDATE",
    }
    assert found.replaces == []
    planned = client.update(TOKEN, id_, old, state, new, preview=True)
    assert in_force(place) == before
    after = client.update(TOKEN, id_, old, state, new)
    assert after["digests"] == planned["digests"]
    assert in_force(place) != before
    assert len(list(place.generations.iterdir())) == 1


def test_another_site_is_another_server(client, small):
    inputs = small()
    _id, state = client.create(TOKEN, inputs)
    found = client.diff(TOKEN, inputs, state, small(site="fra2"))
    assert found.kinds["site"] == "UPDATE_REPLACE"
    assert found.stables == []


def test_a_file_that_somebody_changed_is_drift_and_is_put_right(client, small, place):
    inputs = small()
    id_, state = client.create(TOKEN, inputs)
    wanted = in_force(place)
    (place.current / "dhcp/dnsmasq.conf").write_text("port=53\n")
    (place.current / "extra").write_text("x")
    seen, _inputs = client.read(TOKEN, id_, inputs, state)
    found = client.diff(TOKEN, inputs, seen, inputs)
    assert found.kinds == {'digests["dhcp/dnsmasq.conf"]': "UPDATE", "digests.extra": "DELETE"}
    client.update(TOKEN, id_, inputs, seen, inputs)
    assert in_force(place) == wanted
    assert not (place.current / "extra").exists()


def test_what_is_not_in_force_any_more_is_gone(client, small, place):
    inputs = small()
    id_, state = client.create(TOKEN, inputs)
    place.current.unlink()
    assert client.read(TOKEN, id_, inputs, state) is None


def test_a_folder_that_is_not_on_this_machine_is_not_gone(client, small, place, tmp_path):
    inputs = small()
    id_, state = client.create(TOKEN, inputs)
    place.path.rename(tmp_path / "elsewhere")
    seen, _inputs = client.read(TOKEN, id_, inputs, state)
    assert seen == state | {"stale": True}
    said = f"{place.path} is not on this machine; what was last seen is kept"
    assert ("warning", "r", said) in client.lines


def test_what_a_program_refuses_changes_nothing(client, small, place, checker):
    old = small()
    id_, state = client.create(TOKEN, old)
    before = everything(place.path)
    checker.verdict = Failed(("line 3: no", "line 5: no"))
    with pytest.raises(client.refused) as refused:
        client.update(TOKEN, id_, old, state, small(reservations={}))
    assert refused.value.text.endswith(
        "fra1: nothing was changed:\nkea-dhcp4: line 3: no\nkea-dhcp4: line 5: no"
    )
    assert everything(place.path) == before


def test_a_program_that_is_not_there_is_said_and_hinders_nothing(client, small, checker):
    checker.verdict = NotChecked("kea-dhcp4 is not installed")
    _id, state = client.create(TOKEN, small())
    assert state["checked"] == {"kea-dhcp4": "not checked: kea-dhcp4 is not installed"}
    assert ("info", "r", "kea-dhcp4: not checked: kea-dhcp4 is not installed") in client.lines


def test_images_are_fetched_measured_and_told_of(client, inputs, place, tmp_path, image):
    (tmp_path / "a.iso").write_bytes(image)
    digest = f"sha256:{hashlib.sha256(image).hexdigest()}"
    images = {
        "train": {"os": "ubuntu-24.04", "digest": digest, "url": f"file://{tmp_path}/a.iso"},
        "same": {"os": "ubuntu-24.04", "digest": digest},
        "old": {"os": "ubuntu-22.04"},
        "absent": {"os": "ubuntu-22.04", "digest": "sha256:" + "0" * 64},
    }
    _id, state = client.create(TOKEN, inputs(images=images))
    absent = f"not served: put it at images/{'0' * 64} or give its url"
    assert state["served"] == {
        "absent": absent,
        "old": "not served: it has no digest",
        "same": "not served: put it at images/" + digest[7:] + " or give its url",
        "train": "measured",
    }
    assert place.image(digest).read_bytes() == image
    assert ("warning", "r", f"image of absent: {absent}") in client.lines
    # The order in which images are named decides only what is said the first time.
    _id, state = client.create(TOKEN, inputs(images=images))
    assert state["served"]["same"] == "measured"


def test_an_image_with_another_digest_changes_nothing(client, small, inputs, place, tmp_path):
    old = small()
    id_, state = client.create(TOKEN, old)
    before = in_force(place)
    (tmp_path / "a.iso").write_bytes(b"another")
    image = {"os": "x", "digest": "sha256:" + "0" * 64, "url": f"file://{tmp_path}/a.iso"}
    with pytest.raises(client.refused, match="is not the image sha256:0000"):
        client.update(TOKEN, id_, old, state, inputs(images={"train": image}))
    assert in_force(place) == before
    assert not place.image("0" * 64).exists()


def test_a_tampered_image_is_refused(client, small, inputs, place):
    client.create(TOKEN, small())
    place.image("0" * 64).parent.mkdir()
    place.image("0" * 64).write_bytes(b"tampered with")
    image = {"os": "x", "digest": "sha256:" + "0" * 64}
    with pytest.raises(client.refused, match="has other bytes"):
        client.create(TOKEN, inputs(images={"train": image}))


def test_deleting_stops_serving_and_keeps_images(client, small, place, wanted, now):
    inputs = small()
    id_, state = client.create(TOKEN, inputs)
    seeds = Seeds.of(place, now)
    seeds.publish(wanted())
    place.image("1" * 64).parent.mkdir()
    place.image("1" * 64).write_bytes(b"an image")
    client.delete(TOKEN, id_, inputs, state)
    assert seeds.live("n2") is None
    assert list(everything(place.path)) == [str(place.image("1" * 64))]
    assert client.read(TOKEN, id_, inputs, state) is None
    client.delete(TOKEN, id_, inputs, state)


def test_while_writes_are_frozen_nothing_is_written(plugin, small, tmp_path, checker):
    client = plugin(
        types=lambda _token: ProvisioningServerType(lambda: [checker]), freeze=tmp_path / "freeze"
    )
    id_, state = client.create(TOKEN, small())
    (tmp_path / "freeze").touch()
    before = everything(tmp_path / "state")
    for act in (
        lambda: client.create(TOKEN, small()),
        lambda: client.update(TOKEN, id_, small(), state, small(reservations={})),
        lambda: client.delete(TOKEN, id_, small(), state),
    ):
        with pytest.raises(client.refused, match="writes are frozen by"):
            act()
    assert everything(tmp_path / "state") == before


def test_it_cannot_be_imported_by_its_id_alone(client):
    with pytest.raises(client.refused, match="cannot be imported by its id alone; declare it"):
        client.read(TOKEN, "fra1")


def test_a_folder_of_ones_own_is_found_by_the_site(client, small, place, tmp_path):
    own = small(target={"path": str(tmp_path / "srv")})
    client.create(TOKEN, own)
    assert (tmp_path / "srv" / "current" / "service.json").exists()
    assert service_folder(tmp_path / "state", "fra1") == Folder(tmp_path / "srv")
    assert not place.path.exists()


def test_another_target_is_put_in_force_before_the_old_one_is_left(client, small, place, tmp_path):
    own, other = (
        small(target={"path": str(tmp_path / "srv")}),
        small(target={"path": str(tmp_path / "srv2")}),
    )
    id_, state = client.create(TOKEN, own)
    (tmp_path / "srv" / "images").mkdir()
    (tmp_path / "srv" / "images" / "x").write_bytes(b"an image")
    assert client.diff(TOKEN, own, state, other).kinds == {"target": "UPDATE"}
    client.update(TOKEN, id_, own, state, other)
    assert service_folder(tmp_path / "state", "fra1") == Folder(tmp_path / "srv2")
    assert list(everything(tmp_path / "srv")) == [str(tmp_path / "srv" / "images" / "x")]
    back = client.update(TOKEN, id_, other, state, small())
    assert service_folder(tmp_path / "state", "fra1") == place
    assert in_force(place)
    assert sorted(back["digests"]) == FILES
    assert everything(tmp_path / "srv2") == {}


def test_credentials_that_are_not_there_are_named_and_nothing_is_done(client, small, place):
    reference = {"store": "env", "path": "NO_SUCH_VARIABLE"}
    target = {"kind": "kea", "url": "https://kea.internal", "credentials": reference}
    with pytest.raises(client.refused, match="secret env:NO_SUCH_VARIABLE: the environment"):
        client.create(TOKEN, small(target=target))
    assert not place.current.exists()


def test_the_real_programs_are_asked(plugin, small):
    client = plugin()
    _id, state = client.create(TOKEN, small())
    assert state["checked"] == {
        program: "passed" if installed(program) else f"not checked: {program} is not installed"
        for program in ("dnsmasq", "kea-dhcp4")
    }


def test_the_state_holds_no_secret_and_no_machine_that_is_installed(
    client, small, place, wanted, now
):
    inputs = small()
    id_, state = client.create(TOKEN, inputs)
    published = Seeds.of(place, now).publish(wanted())
    seen, _ = client.read(TOKEN, id_, inputs, state)
    assert published.token not in json.dumps(seen)
    assert seen == state


def test_after_a_deletion_the_site_has_the_providers_own_folder_again(
    client, small, place, tmp_path
):
    inputs = small(target={"path": str(tmp_path / "srv")})
    id_, state = client.create(TOKEN, inputs)
    client.delete(TOKEN, id_, inputs, state)
    assert service_folder(tmp_path / "state", "fra1") == place


def test_inputs_that_were_never_checked_are_refused(client, small):
    with pytest.raises(client.refused, match="not those of a provisioning server: subnets"):
        client.create(TOKEN, small(subnets={"in-band": {"cidr": "10.0.0.1/24"}}))


def test_an_authority_that_is_not_there_is_said(plugin, small, checker, tmp_path):
    client = plugin(
        types=lambda _token: ProvisioningServerType(lambda: [checker]), site_ca=tmp_path / "ca.pem"
    )
    target = {"kind": "kea", "url": "https://kea.internal"}
    with pytest.raises(client.refused, match=r"fra1: .*No such file"):
        client.create(TOKEN, small(target=target))


def test_what_cannot_be_spelled_is_left_for_the_failures(client, small):
    value = small()
    value["reservations"]["n1"]["mac"] = "no card"
    found, failures = client.check(TOKEN, value)
    assert found["reservations"]["n1"]["mac"] == "no card"
    assert len(failures) == 1

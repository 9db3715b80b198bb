"""Publishing an install, hearing of it, withdrawing it: all of it plain files."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import stat
from pathlib import Path

import pytest

from aifactory_iac.providers.install.plan import BootBy, CallBack, content_digest, order_digest
from aifactory_iac.providers.provisioning.folder import Folder, mark_of, to_json, write
from aifactory_iac.providers.provisioning.images import ImageError
from aifactory_iac.providers.provisioning.seeds import NotServedError, Seeds

DIGEST = hashlib.sha256(b"an installer, in its entirety\n" * 5000).hexdigest()


def said(folder: Folder, token: str, stage: str, **changes) -> None:
    told = {"stage": stage, "at": 7.0, "uuid": "u", "serial": "S2", "macs": ["m"], "digest": "d"}
    write(folder.call(mark_of(token), stage), to_json(told | {"lines": [], **changes}))


def files_of(folder: Folder, token: str) -> dict[str, bytes]:
    root = folder.published(mark_of(token))
    return {path.name: path.read_bytes() for path in root.iterdir()}


def test_what_is_published_and_what_the_controller_is_told(seeds, folder, wanted, now):
    order = wanted()
    published = seeds.publish(order)
    base = f"http://10.0.0.9:8080/m/{published.token}"
    assert published.machine == "n2"
    assert published.boot == BootBy(
        media=(f"http://10.0.0.9:8080/images/{DIGEST}/installer.iso", f"{base}/seed.iso"),
        method="iso",
    )
    assert published.links.seed == f"{base}/"
    assert published.expires == now.time + 90 * 60
    assert published.content == content_digest(order)
    assert published.order == order_digest(order)
    assert sorted(files_of(folder, published.token)) == [
        "meta-data",
        "network-config",
        "order.json",
        "seed.iso",
        "user-data",
        "vendor-data",
    ]
    assert published.token in files_of(folder, published.token)["user-data"].decode()


def test_the_token_is_shown_nowhere_and_kept_only_where_nobody_else_reads(seeds, folder, wanted):
    published = seeds.publish(wanted())
    assert published.token not in repr(published)
    assert len(published.token) == 32
    names = [path for path in folder.path.rglob("*") if published.token in str(path)]
    assert names == []
    holding = [
        path
        for path in folder.path.rglob("*")
        if path.is_file() and published.token.encode() in path.read_bytes()
    ]
    assert holding
    for path in holding:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    root = folder.published(mark_of(published.token))
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_publishing_the_same_again_gives_the_same(seeds, folder, wanted, now):
    first = seeds.publish(wanted())
    now.time += 60
    assert Seeds.of(folder, now).publish(wanted()) == first
    assert seeds.live("n2") == first


@pytest.mark.parametrize(
    "change",
    [
        "expired",
        "failed",
        "ready",
        "another content",
        "another base",
        "another token",
        "lost files",
    ],
)
def test_publishing_anew_ends_what_was_published(change, seeds, folder, wanted, now):
    first, order, token = seeds.publish(wanted()), wanted(), None
    match change:
        case "expired":
            now.time = first.expires
        case "failed" | "ready":
            said(folder, first.token, change)
        case "another content":
            order = wanted(serial="OTHER")
        case "another base":
            write(folder.running, to_json({"url": "http://127.0.0.1:1234/", "pid": 1}))
        case "another token":
            token = "a-token-of-ones-own"
        case "lost files":
            shutil.rmtree(folder.published(mark_of(first.token)))
    second = seeds.publish(order, token)
    assert second.token != first.token
    assert second.token == (token or second.token)
    assert not folder.published(mark_of(first.token)).exists()
    assert seeds.live("n2") == second


def test_an_install_that_has_written_its_disk_is_not_published_anew(seeds, folder, wanted):
    first = seeds.publish(wanted())
    said(folder, first.token, "written")
    assert seeds.publish(wanted()) == first


def test_a_token_from_a_reference_is_used_again(seeds, wanted):
    first = seeds.publish(wanted(), "a-token-of-ones-own")
    assert seeds.publish(wanted(), "a-token-of-ones-own") == first


def test_what_a_machine_says_is_heard(seeds, folder, wanted):
    published = seeds.publish(wanted())
    assert seeds.called_back(published.token) is None
    said(folder, published.token, "written")
    assert seeds.called_back(published.token) is None
    heard = CallBack("written", 7.0, "u", "S2", ("m",), "d")
    assert seeds.heard(published.token, "written") == heard
    said(folder, published.token, "failed", lines=["no disk fits"])
    assert seeds.called_back(published.token).lines == ("no disk fits",)
    said(folder, published.token, "ready")
    assert seeds.called_back(published.token).stage == "ready"
    with pytest.raises(ValueError, match="gone"):
        seeds.heard(published.token, "gone")


def test_after_a_withdrawal_nothing_is_left_but_what_was_said(seeds, folder, wanted):
    published = seeds.publish(wanted())
    said(folder, published.token, "ready")
    seeds.withdraw(published.token)
    assert seeds.live("n2") is None
    assert not folder.machine("n2").exists()
    assert not folder.published(mark_of(published.token)).exists()
    assert seeds.called_back(published.token).stage == "ready"
    seeds.withdraw(published.token)
    seeds.forget(published.token)
    assert seeds.called_back(published.token) is None


def test_withdrawing_an_old_token_leaves_the_new_one(seeds, wanted, now):
    first = seeds.publish(wanted())
    now.time = first.expires
    second = seeds.publish(wanted())
    seeds.withdraw(first.token)
    assert seeds.live("n2") == second


def test_killed_between_files_and_name_nothing_can_be_booted(seeds, folder, wanted, monkeypatch):
    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aifactory_iac.providers.provisioning.seeds.write", killed)
    with pytest.raises(KeyboardInterrupt):
        seeds.publish(wanted())
    monkeypatch.undo()
    assert seeds.live("n2") is None
    assert seeds.publish(wanted()).machine == "n2"


def test_half_written_files_are_never_seen(seeds, folder, wanted, monkeypatch):
    def full(*_arguments: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("aifactory_iac.providers.provisioning.seeds.write_new", full)
    with pytest.raises(OSError, match="No space"):
        seeds.publish(wanted())
    assert list((folder.path / "published").iterdir()) == []
    assert not folder.machine("n2").exists()


def test_without_a_service_nothing_can_be_published(tmp_path, wanted, now):
    with pytest.raises(NotServedError, match="create the site's ProvisioningServer first"):
        Seeds.of(Folder(tmp_path), now).publish(wanted())


def test_machines_boot_from_the_process_that_runs_else_from_where_it_is_to_run(seeds, folder):
    assert seeds.base() == "http://10.0.0.9:8080"
    write(folder.running, to_json({"url": "http://127.0.0.1:1234/", "pid": 1}))
    assert seeds.base() == "http://127.0.0.1:1234"
    folder.running.write_text("no JSON")
    assert seeds.base() == "http://10.0.0.9:8080"


def test_images_that_are_there_are_not_fetched(seeds, wanted):
    asyncio.run(seeds.provide(wanted()))


def test_an_image_is_fetched_once_and_measured(seeds, folder, wanted, tmp_path: Path, image):
    folder.image(DIGEST).unlink()
    (tmp_path / "a.iso").write_bytes(image)
    order = wanted()
    order = order.model_copy(
        update={"image": order.image.model_copy(update={"url": f"file://{tmp_path}/a.iso"})}
    )
    asyncio.run(seeds.provide(order))
    assert folder.image(DIGEST).read_bytes() == image
    (tmp_path / "a.iso").unlink()
    asyncio.run(seeds.provide(order))


def test_an_image_over_plain_http_from_elsewhere_is_not_fetched(seeds, wanted):
    order = wanted()
    elsewhere = order.image.model_copy(update={"url": "http://192.0.2.1/a.iso"})
    with pytest.raises(ImageError, match=r"image\.url is plain http to 192\.0\.2\.1, outside"):
        asyncio.run(seeds.provide(order.model_copy(update={"image": elsewhere})))

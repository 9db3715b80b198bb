"""What to publish, what to tell the controller, what to wait for, and whether it was met."""

from __future__ import annotations

import pytest

from aifactory_iac.providers.install.plan import (
    BootBy,
    CallBack,
    boot_by,
    content_digest,
    order_digest,
    time_limit,
    unmet,
)

A, D = "a" * 64, "d" * 64
IMAGE = f"http://10.0.0.9:8080/images/{A}/installer.iso"


def test_what_the_controller_is_told(wanted, links):
    seed = "http://10.0.0.9:8080/m/the-token"
    assert boot_by(wanted("autoinstall", "iso"), links) == BootBy(
        media=(IMAGE, f"{seed}/seed.iso"), method="iso"
    )
    assert boot_by(wanted("autoinstall", "http"), links) == BootBy(
        url=f"{seed}/grubx64.efi", method="http"
    )
    assert boot_by(wanted("autoinstall", "pxe"), links) == BootBy(method="pxe")


def test_an_install_may_take_as_long_as_it_says(wanted):
    assert time_limit(wanted("cloudinit")) == 90 * 60
    assert time_limit(wanted("cloudinit", callback={"minutes": 20})) == 20 * 60


@pytest.mark.parametrize(
    "changes",
    [
        {"callback": {"minutes": 20}},
        {"wipe": "never"},
        {"machine": {"name": "n1", "serial": "7CJ5N44"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_other_installation(changes, wanted):
    assert content_digest(wanted("autoinstall", **changes)) == content_digest(wanted("autoinstall"))


def test_where_an_image_comes_from_is_no_other_installation(wanted, order):
    image = order("autoinstall")["image"]
    moved = image | {
        "url": "https://elsewhere.internal/installer.iso",
        "kernel": image["kernel"] | {"url": "https://elsewhere.internal/vmlinuz"},
    }
    same, other = wanted("autoinstall"), wanted("autoinstall", image=moved)
    assert content_digest(other) == content_digest(same)
    assert order_digest(other) != order_digest(same)


def test_what_is_another_installation(wanted, order):
    same = content_digest(wanted("autoinstall"))
    image = order("autoinstall")["image"]
    others = [
        wanted("autoinstall", image=image | {"digest": f"sha256:{D}"}),
        wanted(
            "autoinstall", image=image | {"kernel": image["kernel"] | {"digest": f"sha256:{D}"}}
        ),
        wanted("autoinstall", root={"serial": "S6X9"}),
        wanted("autoinstall", machine=order("autoinstall")["machine"] | {"name": "n2"}),
        wanted(
            "autoinstall",
            config={"autoinstall": order("autoinstall")["config"]["autoinstall"] | {"late": []}},
        ),
    ]
    digests = [content_digest(other) for other in others]
    assert same not in digests
    assert len(set(digests)) == len(digests)


def test_the_order_also_knows_the_machine_and_the_wipe(wanted):
    same = order_digest(wanted("autoinstall"))
    assert order_digest(wanted("autoinstall")) == same
    assert order_digest(wanted("autoinstall", wipe="never")) != same
    machine = {"name": "n1", "serial": "7CJ5N44"}
    assert order_digest(wanted("autoinstall", machine=machine)) != same


def call(**changes) -> CallBack:
    said = {
        "stage": "ready",
        "at": 1.0,
        "uuid": "4c4c4544-0043-4a10-8035-b7c04f4e3434",
        "serial": "7CJ5N44",
        "macs": ("aa:bb:cc:00:11:22",),
        "digest": f"sha256:{A}",
    }
    return CallBack(**(said | changes))


def test_the_machine_that_was_meant_with_the_image_that_was_meant(wanted):
    assert unmet(wanted("autoinstall"), call()) == ()
    turned = call(uuid="44454C4C-4300-104A-8035-B7C04F4E3434", serial=" 7CJ5N44 ")
    assert unmet(wanted("autoinstall"), turned) == ()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"serial": "OTHER"}, "called back with serial 'OTHER', not '7CJ5N44'"),
        (
            {"uuid": "x"},
            "called back with UUID 'x', not '4c4c4544-0043-4a10-8035-b7c04f4e3434'",
        ),
        (
            {"macs": ("aa:bb:cc:99:99:99",)},
            "called back with none of its MAC addresses (aa:bb:cc:00:11:22, aa:bb:cc:00:11:23)",
        ),
        ({"digest": ""}, "was installed from an unknown image, not the one wanted"),
        ({"digest": f"sha256:{D}"}, f"was installed from sha256:{D}, not the one wanted"),
        ({"stage": "written"}, "the machine only said `written`"),
        ({"stage": "failed", "lines": ("no disk fits",)}, "no disk fits"),
        ({"stage": "failed"}, "the installer gave up without a word"),
    ],
)
def test_what_does_not_prove_an_install(said, reason, wanted):
    assert unmet(wanted("autoinstall"), call(**said)) == (reason,)


def test_what_nobody_knows_of_a_machine_is_not_asked_of_it(wanted):
    bare = wanted("cloudinit", machine={"name": "n1"})
    assert unmet(bare, call(uuid="x", serial="y", macs=())) == ()

"""Installations: what an installer is told follows from the operating system and the blueprint."""

from __future__ import annotations

import pytest

from aifactory_iac.blueprint.installers import FAMILIES, installer_of
from aifactory_iac.blueprint.quantity import Size
from aifactory_iac.program.lower.onprem.installing import _binary

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGE4ZjNkMmU0YjU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3 ops"
DIGEST = "sha256:" + "ab" * 32
FILE = {"url": "https://images.fra1.internal/file", "digest": DIGEST}
IMAGE = {"digest": DIGEST, "url": "https://images.fra1.internal/image.iso"}
USERS = [{"name": "ops", "keys": [KEY], "admin": True}, {"name": "audit"}]


@pytest.fixture
def group(resources, changed):
    def of(image, install, **more):
        document = changed(compute__0__image=image, compute__0__install=install, **more)
        return resources(document, "fra1/compute")["NodeGroup:fra1-train-su001"]

    return of


def test_ubuntu_is_installed_by_autoinstall_from_a_medium(group, refused, engineer, document):
    install = {
        "users": USERS,
        "timezone": "Europe/Berlin",
        "ntp": ["ntp2.fra1.internal", "ntp1.fra1.internal"],
        "root": {"model": "SAMSUNG MZ1L2*", "at_least": "1.9 TB", "at_most": "2 TB"},
        "disks": 10,
    }
    item = group({"os": "ubuntu-24.04", **IMAGE}, install)
    _, design = engineer(document)
    networks = {subnet.purpose: subnet.cidr for subnet in design.subnets if subnet.site == "fra1"}
    assert item.inputs["boot"] == {"method": "media", "secure": True}
    assert item.inputs["image"] == {"os": "ubuntu-24.04", **IMAGE}
    assert item.inputs["disks"] == {
        "wipe": "never",
        "encrypt": True,
        "root": {
            "model": "SAMSUNG MZ1L2*",
            "size": {"least": "1811981MiB", "most": "1907349MiB"},
        },
    }
    assert item.inputs["install"] == {
        "config": {
            "autoinstall": {
                "timezone": "Europe/Berlin",
                "users": {
                    "audit": {"keys": [], "admin": False},
                    "ops": {"keys": [KEY], "admin": True},
                },
                "ntp": {"servers": ["ntp1.fra1.internal", "ntp2.fra1.internal"]},
                "storage": {"encrypt": {"unlock": "tpm2"}},
            }
        },
        "disks": 10,
        "networks": sorted([networks["in-band"], networks["out-of-band"]]),
    }
    assert refused(item) == []


@pytest.mark.parametrize(
    ("system", "more", "kind"),
    [
        ("rocky-9", {"method": "media"}, "kickstart"),
        ("rhel-9.6", {"method": "pxe", "source": "https://mirror.fra1.internal/9"}, "kickstart"),
        ("ubuntu-22.04", {"method": "http"}, "autoinstall"),
        ("flatcar-4230", {"method": "http"}, "ignition"),
        ("fedora-coreos-42", {"method": "pxe"}, "ignition"),
    ],
)
def test_every_family_has_its_installer_by_every_way(group, refused, system, more, kind):
    parts = {"media": (), "pxe": ("kernel", "initrd"), "http": ("kernel", "initrd", "loader")}
    image = {"os": system, **IMAGE, **dict.fromkeys(parts[more["method"]], FILE)}
    item = group(image, {"users": USERS, "disks": 1, **more})
    (found,) = item.inputs["install"]["config"]
    assert found == kind
    assert item.inputs["boot"]["method"] == more["method"]
    assert {key for key in item.inputs["image"] if key in parts["http"]} == set(
        parts[more["method"]]
    )
    assert "root" not in item.inputs["disks"]
    assert refused(item) == []


def test_disks_that_need_no_encryption_get_none(group):
    item = group(
        {"os": "ubuntu-24.04", **IMAGE},
        {"users": USERS, "disks": 1},
        compute__0__encrypt_local_nvme=False,
    )
    assert "storage" not in item.inputs["install"]["config"]["autoinstall"]


def test_the_site_offers_ipxe_where_a_pool_boots_so(resources, changed):
    document = changed(compute__0__install={"users": USERS, "disks": 1, "method": "pxe"})
    server = resources(document, "fra1/provisioning")["ProvisioningServer:fra1-provisioning"]
    assert server.inputs["bootMethods"] == ["http", "media", "pxe"]


def test_growing_changes_no_installation_of_a_group_that_stands(resources, changed):
    installed = {
        "compute__0__image": {"os": "ubuntu-24.04", **IMAGE},
        "compute__0__install": {"users": USERS, "disks": 1},
    }
    small = resources(changed(compute__0__scalable_units=2, **installed), "fra1/compute")
    large = resources(changed(compute__0__scalable_units=4, **installed), "fra1/compute")
    for name in ("NodeGroup:fra1-train-su001", "NodeGroup:fra1-train-su002"):
        same = [{**each[name].inputs, "machines": None} for each in (small, large)]
        assert same[0] == same[1]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_known_with_and_without_a_version(family):
    assert installer_of(family) == installer_of(f"{family}-1") == FAMILIES[family]
    assert installer_of(f"{family}ish") is None


@pytest.mark.parametrize(
    ("size", "least", "most"),
    [
        ("960 GB", "915527MiB", "915528MiB"),
        ("1 TiB", "1048576MiB", "1048576MiB"),
        ("30 TB", "27939GiB", "27940GiB"),
        ("100 PB", "90949TiB", "90950TiB"),
        ("1 B", "1MiB", "1MiB"),
    ],
)
def test_bounds_of_a_disk_are_rounded_outwards(size, least, most):
    given = Size.parse(size)
    assert (_binary(given, down=True), _binary(given, down=False)) == (least, most)

"""Installations to try things on: `order(kind)` is the plain value, `wanted(kind)` the read one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from aifactory_iac.providers.install.installation import Installation, read_installation
from aifactory_iac.providers.install.links import Links

NETWORKS = ("10.0.0.0/24", "127.0.0.0/8")
KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32)).decode()
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

NODE: Mapping[str, Any] = {
    "domain": "fra1.internal",
    "timezone": "Europe/Berlin",
    "users": {
        "ops": {"keys": [f"{KEY} ops"], "admin": True, "groups": ["render", "adm"]},
        "audit": {"keys": [f"{KEY} audit"], "comment": "Reads logs"},
    },
    "network": {
        "ethernets": {
            "nic0": {"match": {"mac": "AA-BB-CC-00-11-22"}, "rename": "nic0"},
            "nic1": {"match": {"driver": "mlx5_core", "name": "en*"}},
            "mgmt": {"dhcp": True, "match": {"mac": "aa:bb:cc:00:11:23"}, "optional": True},
        },
        "bonds": {
            "bond0": {
                "interfaces": ["nic0", "nic1"],
                "mtu": 9000,
                "addresses": ["10.0.0.5/24", "fd00::5/64"],
                "gateway": "10.0.0.1",
                "routes": [{"to": "10.9.0.0/16", "via": "10.0.0.2", "metric": 50}],
                "dns": {"servers": ["10.0.0.1", "fd00::1"], "search": ["fra1.internal"]},
            }
        },
        "vlans": {
            "storage": {"id": 100, "link": "bond0", "addresses": ["10.1.0.5/24"], "mtu": 9000}
        },
    },
    "ntp": {"servers": ["ntp2.fra1.internal", "ntp1.fra1.internal"], "pools": ["pool.internal"]},
    "proxy": {"http": "http://10.0.0.2:3128", "exempt": ["10.0.0.0/8", ".internal"]},
    "kernel": ["iommu=pt", "hugepagesz=1G", "hugepages=64"],
    "files": {"/etc/motd": {"text": "An AI factory node.\n"}},
    "trust": [CERTIFICATE],
}

STORAGE: Mapping[str, Any] = {
    "layout": "lvm",
    "swap": "8GiB",
    "mirror": {"serial": "S6X2", "model": "SAMSUNG MZ*"},
    "encrypt": {"unlock": "tpm2"},
}

DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "autoinstall": {
        **NODE,
        "storage": STORAGE,
        "packages": ["nvme-cli", "linux-tools-generic"],
        "snaps": {"lxd": {"channel": "latest/stable", "classic": True}},
        "apt": {"mirror": "https://mirror.internal/ubuntu"},
        "early": ["modprobe ipmi_si"],
        "late": ["curtin in-target -- systemctl mask unattended-upgrades"],
        "errors": ["dmesg | tail"],
    },
    "cloudinit": {
        **NODE,
        "packages": ["nvme-cli"],
        "mounts": {"/scratch": {"device": "/dev/md/scratch", "filesystem": "xfs"}},
        "bootcmd": ["modprobe ipmi_si"],
        "runcmd": ["systemctl mask unattended-upgrades"],
    },
    "kickstart": {
        **NODE,
        "source": "https://mirror.internal/rhel9/BaseOS",
        "repositories": {"appstream": {"url": "https://mirror.internal/rhel9/AppStream"}},
        "storage": STORAGE,
        "packages": ["@^minimal-environment", "nvme-cli"],
        "exclude": ["plymouth"],
        "services": {"enabled": ["chronyd"], "disabled": ["rpcbind"]},
        "pre": ["modprobe ipmi_si"],
        "post": ["systemctl mask dnf-automatic.timer"],
    },
    "ignition": {
        **NODE,
        "storage": {
            "root": "64GiB",
            "partitions": {"data": {"size": "rest", "filesystem": "xfs", "mount": "/var/lib/ai-x"}},
            "encrypt": {"unlock": "tpm2"},
        },
        "units": {
            "hello.service": {
                "enabled": True,
                "text": "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
            },
            "zincati.service": {"masked": True},
        },
    },
}


def digest(letter: str) -> str:
    return "sha256:" + letter * 64


def part(name: str, letter: str) -> dict[str, str]:
    return {"url": f"https://images.internal/{name}", "digest": digest(letter)}


def order_of(kind: str, media: str = "pxe", **changes: Any) -> dict[str, Any]:
    image = {"os": "ubuntu-24.04", "media": media} | part("installer.iso", "a")
    if media != "iso":
        image |= {"kernel": part("vmlinuz", "b"), "initrd": part("initrd", "c")}
    if media == "http":
        image["loader"] = part("grubx64.efi", "d")
    found: dict[str, Any] = {
        "machine": {
            "name": "n1",
            "serial": "7CJ5N44",
            "uuid": "4C4C4544-0043-4A10-8035-B7C04F4E3434",
            "macs": ["aa:bb:cc:00:11:23", "AA:BB:CC:00:11:22"],
            "disks": 10,
        },
        "image": image,
        "config": {kind: DOCUMENTS[kind]},
    }
    if kind != "cloudinit":
        found |= {
            "root": {"serial": "S6X1", "size": {"least": "400GiB", "most": "2TiB"}},
            "wipe": "metadata",
        }
    return found | changes


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    """A whole installation as a plain value: `order(kind, media="pxe", **changes)`."""
    return order_of


@pytest.fixture
def wanted(order: Callable[..., dict[str, Any]]) -> Callable[..., Installation]:
    """The same, read; nothing is wrong with it."""

    def make(kind: str, media: str = "pxe", **changes: Any) -> Installation:
        found = read_installation(order(kind, media, **changes), NETWORKS)
        assert found.failures == ()
        assert found.value is not None
        return found.value

    return make


@pytest.fixture
def networks() -> tuple[str, ...]:
    return NETWORKS


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def links() -> Links:
    return Links("http://10.0.0.9:8080", "the-token")

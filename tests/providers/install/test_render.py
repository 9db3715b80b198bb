"""One document gives exactly these files; `AIFACTORY_GOLDEN=write pytest FILE` writes them anew."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from aifactory_iac.providers.install.installation import Installation
from aifactory_iac.providers.install.links import Links
from aifactory_iac.providers.install.render import rendered

GOLDEN = Path(__file__).with_name("golden")
KINDS = ["autoinstall", "cloudinit", "kickstart", "ignition"]


def readable(name: str, content: bytes) -> str:
    """A file as it is kept: what it holds in base64 stands there as text."""
    text = content.decode()
    return decoded(text) if name.endswith((".ign", "ks.cfg")) else text


def decoded(text: str) -> str:
    def plain_of(found: re.Match[str]) -> str:
        inner = decoded(base64.b64decode(found.group(2)).decode())
        return f"{found.group(1)}{json.dumps(inner)[1:-1]}"

    return re.sub(r"(base64,|printf %s )([A-Za-z0-9+/=]{8,})", plain_of, text)


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_of_a_document(kind, wanted, links):
    found = rendered(wanted(kind), links)
    folder = GOLDEN / kind
    texts = {name: readable(name, content) for name, content in found.items()}
    if os.environ.get("AIFACTORY_GOLDEN") == "write":
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    kept = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert texts == kept


@pytest.mark.parametrize("kind", KINDS)
def test_equal_installations_give_equal_bytes(kind, wanted, links):
    assert rendered(wanted(kind), links) == rendered(wanted(kind), links)


@settings(deadline=None, max_examples=20)
@given(seed=st.randoms(use_true_random=False))
def test_the_order_of_mappings_and_of_lists_without_an_order_changes_nothing(seed):
    # Fixtures of a function cannot be used for each example, so this one reads the golden inputs.
    from aifactory_iac.providers.install.installation import read_installation

    value = mixed(seed)
    found = read_installation(value, ("10.0.0.0/24",))
    assert found.failures == ()
    assert rendered(found.value, LINKS) == rendered(PLAIN, LINKS)


LINKS = Links("http://10.0.0.9:8080", "the-token")
UNORDERED = {
    "groups",
    "servers",
    "pools",
    "exempt",
    "packages",
    "exclude",
    "enabled",
    "keys",
    "macs",
}
KEYS = [
    "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes([i] * 32)).decode()
    for i in range(3)
]


def base() -> dict:
    return {
        "machine": {"name": "n1", "macs": ["aa:bb:cc:00:11:22", "aa:bb:cc:00:11:23"], "disks": 1},
        "image": {
            "os": "rhel-9",
            "url": "https://images.internal/a.iso",
            "digest": "sha256:" + "a" * 64,
        },
        "config": {
            "kickstart": {
                "users": {"b": {"keys": KEYS, "groups": ["x", "y", "z"]}, "a": {"admin": True}},
                "ntp": {"servers": ["c", "b", "a"], "pools": ["q", "p"]},
                "proxy": {"http": "http://10.0.0.2:3128", "exempt": ["a", "b", "c"]},
                "packages": ["@^minimal-environment", "b", "a"],
                "exclude": ["d", "c"],
                "services": {"enabled": ["s", "r"]},
                "files": {"/b": {"text": "b"}, "/a": {"text": "a"}},
                "repositories": {
                    "two": {"url": "https://mirror.internal/two"},
                    "one": {"url": "https://mirror.internal/one"},
                },
            }
        },
    }


def shuffled(value: object, seed, key: str = "") -> object:
    if isinstance(value, dict):
        items = [(name, shuffled(item, seed, name)) for name, item in value.items()]
        seed.shuffle(items)
        return dict(items)
    if isinstance(value, list) and key in UNORDERED:
        items = [*value, value[0]]
        seed.shuffle(items)
        return items
    return value


def plain() -> Installation:
    from aifactory_iac.providers.install.installation import read_installation

    found = read_installation(base(), ("10.0.0.0/24",)).value
    assert found is not None
    return found


def mixed(seed) -> dict:
    found = shuffled(base(), seed)
    assert isinstance(found, dict)
    return found


PLAIN = plain()


def test_only_links_and_marks_of_the_machine_depend_on_the_token(wanted, links):
    other = Links(links.base, "another")
    for kind in KINDS:
        mine = {name: readable(name, file) for name, file in rendered(wanted(kind), links).items()}
        theirs = {
            name: readable(name, file) for name, file in rendered(wanted(kind), other).items()
        }
        assert {name: text.replace("the-token", "another") for name, text in mine.items()} == theirs


@pytest.mark.parametrize("kind", KINDS)
def test_without_options_a_document_is_as_small(kind, wanted, order, links):
    config = {kind: {"users": order(kind)["config"][kind]["users"]}}
    if kind == "kickstart":
        config[kind]["source"] = "https://mirror.internal/rhel9"
    found = rendered(wanted(kind, config=config), links)
    assert all(b"None" not in content for content in found.values())
    text = b"\n".join(content for name, content in sorted(found.items()) if "boot" not in name)
    for absent in (b"ntp", b"proxy", b"crypt", b"clevis", b"raid", b"bond"):
        assert absent not in text.replace(b"bonding_slave", b""), absent


def test_partitions_of_ones_own(wanted, order, links):
    own = {
        "layout": "partitions",
        "partitions": {
            "root": {"size": "100GiB", "filesystem": "xfs", "mount": "/"},
            "data": {"size": "rest", "filesystem": "xfs", "mount": "/data", "label": "data"},
            "swap": {"size": "4GiB", "filesystem": "swap"},
            "efi": {"size": "1GiB", "filesystem": "vfat", "mount": "/boot/efi"},
        },
    }
    users = order("autoinstall")["config"]["autoinstall"]["users"]
    config = {"autoinstall": {"users": users, "storage": own}}
    found = rendered(wanted("autoinstall", config=config), links)["user-data"]
    actions = YAML(typ="safe").load(found)["autoinstall"]["storage"]["config"]
    parts = [(one["id"], one["size"]) for one in actions if one["type"] == "partition"]
    gib = 1024**3
    assert parts == [
        ("efi-disk0", gib),
        ("root-disk0", 100 * gib),
        ("swap-disk0", 4 * gib),
        ("data-disk0", -1),
    ]
    assert [one["path"] for one in actions if one["type"] == "mount"] == [
        "/boot/efi",
        "/",
        "",
        "/data",
    ]
    tree = {"kickstart": {"users": users, "storage": own, "source": "https://mirror.internal/r"}}
    lines = rendered(wanted("kickstart", config=tree), links)["ks.cfg"].decode().splitlines()
    assert [line for line in lines if line.startswith("part ")] == [
        "part /boot/efi --fstype=efi --size=1024 --ondisk=$ROOT",
        "part / --fstype=xfs --size=102400 --ondisk=$ROOT",
        "part swap --fstype=swap --size=4096 --ondisk=$ROOT",
        "part /data --fstype=xfs --size=1024 --grow --ondisk=$ROOT --label=data",
    ]


TANG = {
    "unlock": "tang",
    "tang": [{"url": "https://tang.internal", "thumbprint": "kWwirxc5PhkFIH0yE28nc-EvjDY"}],
}


def test_a_disk_that_tang_unlocks(wanted, order, links):
    users = order("autoinstall")["config"]["autoinstall"]["users"]
    config = {"autoinstall": {"users": users, "storage": {"encrypt": TANG}}}
    text = rendered(wanted("autoinstall", config=config), links)["user-data"].decode()
    bound = '{"url":"https://tang.internal","thp":"kWwirxc5PhkFIH0yE28nc-EvjDY"}'
    assert f"-d \"$volume\" tang '{bound}'" in text
    assert "clevis-tpm2" not in text
    document = {
        "ignition": {
            "users": users,
            "storage": {
                "root": "32GiB",
                "encrypt": TANG,
                "partitions": {"swap": {"size": "8GiB", "filesystem": "swap"}},
            },
        }
    }
    found = json.loads(rendered(wanted("ignition", config=document), links)["config.ign"])
    assert found["kernelArguments"] == {"shouldExist": ["rd.neednet=1"]}
    assert [one["clevis"] for one in found["storage"]["luks"]] == [{"tang": TANG["tang"]}] * 2
    assert found["systemd"]["units"][0] == {
        "name": "dev-mapper-swap.swap",
        "enabled": True,
        "contents": "[Swap]\nWhat=/dev/mapper/swap\n[Install]\nRequiredBy=swap.target\n",
    }


def test_a_passphrase_never_stands_in_a_file(wanted, links):
    for kind in ("autoinstall", "kickstart"):
        text = b"\n".join(rendered(wanted(kind), links).values()).decode()
        assert re.findall(r"passphrase=\S+", text) in ([], ['passphrase="$KEY"'] * 2)
        assert "head -c 48 /dev/urandom" in text


def test_a_medium_is_booted_with_its_seed_beside_it(wanted, links):
    assert "seed.iso" in rendered(wanted("autoinstall", "iso"), links)
    assert b"CIDATA" in rendered(wanted("cloudinit", "iso"), links)["seed.iso"][:40000]
    assert b"OEMDRV" in rendered(wanted("kickstart", "iso"), links)["seed.iso"][:40000]
    assert "boot.ipxe" not in rendered(wanted("autoinstall", "iso"), links)


def test_a_call_back_of_ones_own(wanted, links):
    order = wanted("cloudinit", callback={"url": "https://receiver.internal/done/{token}?a=1"})
    own = Links(links.base, links.token, order.callback.url)
    text = rendered(order, own)["user-data"].decode()
    assert "url='https://receiver.internal/done/the-token?a=1'" in text


def test_dracut_and_ubuntu_find_their_root_by_different_words(wanted, order, links):
    image = order("cloudinit")["image"] | {"os": "rocky-9"}
    script = rendered(wanted("cloudinit", image=image), links)["boot.ipxe"].decode()
    assert "root=live:http://10.0.0.9:8080/images/" in script
    script = rendered(wanted("cloudinit"), links)["boot.ipxe"].decode()
    assert "root=squash:http://10.0.0.9:8080/images/" in script


SIMPLE = {
    "ethernets": {
        "eno1": {"addresses": ["10.0.0.5/24"], "dhcp": True, "gateway": "10.0.0.1"},
        "eno2": {},
        "eno3": {
            "match": {"mac": "aa:bb:cc:00:11:22"},
            "addresses": ["fd00::5/64"],
            "gateway": "fd00::1",
        },
    },
    "bonds": {
        "bond0": {"interfaces": ["eno2"], "mode": "active-backup", "primary": "eno2", "dhcp": True},
        "bond1": {"interfaces": ["eno4"], "mode": "balance-xor", "hash": "layer2"},
    },
}
SIMPLE["ethernets"]["eno4"] = {"mtu": 9000}


def test_a_plain_network_in_both_ways(wanted, order, links):
    users = order("cloudinit")["config"]["cloudinit"]["users"]
    config = {"cloudinit": {"users": users, "network": SIMPLE}}
    tree = YAML(typ="safe").load(
        rendered(wanted("cloudinit", config=config), links)["network-config"]
    )
    assert tree["ethernets"] == {
        "eno1": {
            "dhcp4": True,
            "addresses": ["10.0.0.5/24"],
            "routes": [{"to": "default", "via": "10.0.0.1"}],
        },
        "eno2": {"dhcp4": False},
        "eno3": {
            "dhcp4": False,
            "addresses": ["fd00::5/64"],
            "routes": [{"to": "::/0", "via": "fd00::1"}],
            "match": {"macaddress": "aa:bb:cc:00:11:22"},
        },
        "eno4": {"dhcp4": False, "mtu": 9000},
    }
    assert tree["bonds"]["bond0"]["parameters"] == {
        "mode": "active-backup",
        "mii-monitor-interval": 100,
        "primary": "eno2",
    }
    assert tree["bonds"]["bond1"]["parameters"]["transmit-hash-policy"] == "layer2"
    document = {"ignition": {"users": users, "network": SIMPLE}}
    found = json.loads(rendered(wanted("ignition", config=document), links)["config.ign"])
    files = {
        file["path"].rpartition("/")[2]: decoded(file["contents"]["source"])
        for file in found["storage"]["files"]
        if file["path"].startswith("/etc/NetworkManager")
    }
    assert "interface-name=eno1" in files["eno1.nmconnection"]
    assert (
        "[ipv4]\\naddress1=10.0.0.5/24\\ngateway=10.0.0.1\\nmethod=auto"
        in files["eno1.nmconnection"]
    )
    assert "slave-type=bond" in files["eno2.nmconnection"]
    assert (
        "[ipv6]\\naddress1=fd00::5/64\\ngateway=fd00::1\\nmethod=manual"
        in files["eno3.nmconnection"]
    )
    assert "mode=active-backup\\nprimary=eno2" in files["bond0.nmconnection"]
    assert "[ethernet]\\nmtu=9000" in files["eno4.nmconnection"]


def test_a_vlan_on_a_card_and_files_of_other_owners(wanted, order, links):
    users = order("ignition")["config"]["ignition"]["users"]
    network = {
        "ethernets": {"nic": {"match": {"mac": "aa:bb:cc:00:11:22"}, "rename": "fast0"}},
        "vlans": {"v5": {"id": 5, "link": "nic", "dhcp": True}},
    }
    files = {
        "/srv/a": {"text": "a", "owner": "ops:render", "mode": "0640"},
        "/srv/b": {"text": "b", "owner": "ops"},
    }
    document = {"ignition": {"users": users, "network": network, "files": files}}
    found = json.loads(rendered(wanted("ignition", config=document), links)["config.ign"])
    by_path = {file["path"]: file for file in found["storage"]["files"]}
    assert by_path["/srv/a"]["user"] == {"name": "ops"}
    assert by_path["/srv/a"]["group"] == {"name": "render"}
    assert "group" not in by_path["/srv/b"]
    vlan = by_path["/etc/NetworkManager/system-connections/v5.nmconnection"]
    assert "parent=fast0" in decoded(vlan["contents"]["source"])

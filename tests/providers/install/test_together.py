"""What two machines have and only one may."""

from __future__ import annotations

from aifactory_iac.providers.install.together import collisions, shared_failures


def told(installations):
    return [(one.property, one.reason) for one in collisions(installations)]


def test_machines_of_their_own_are_fine(wanted):
    two = wanted(
        "cloudinit",
        machine={"name": "n2", "serial": "OTHER", "macs": ["aa:bb:cc:00:22:22"]},
        config={"cloudinit": {"users": {"ops": {"keys": [KEY]}}}},
    )
    assert told({"machines.n1": wanted("cloudinit"), "machines.n2": two}) == []


def test_everything_that_stands_twice(wanted):
    shared = {"callback": {"token": {"store": "env", "path": "T"}}}
    one = wanted("autoinstall", **shared)
    assert told({"machines.a": one, "machines.b": one}) == [
        (f"machines.b.{path}", f"{what} is already that of `machines.a`: it must be unique")
        for path, what in [
            ("machine.name", "host name n1"),
            ("machine.serial", "serial number 7CJ5N44"),
            ("machine.uuid", "UUID 4c4c4544-0043-4a10-8035-b7c04f4e3434"),
            ("machine.macs", "MAC address aa:bb:cc:00:11:22"),
            ("machine.macs", "MAC address aa:bb:cc:00:11:23"),
            ("config.autoinstall.network.bonds.bond0.addresses", "address 10.0.0.5"),
            ("config.autoinstall.network.bonds.bond0.addresses", "address fd00::5"),
            ("config.autoinstall.network.vlans.storage.addresses", "address 10.1.0.5"),
            ("root.serial", "disk with serial number S6X1"),
            ("callback.token", "token env:T"),
        ]
    ]


def test_a_card_of_another_machine_and_an_address_of_another_network(wanted, order):
    other = wanted(
        "cloudinit",
        machine={"name": "n2", "macs": [], "address": "10.1.0.5"},
        config={
            "cloudinit": {
                "users": order("cloudinit")["config"]["cloudinit"]["users"],
                "network": {
                    "ethernets": {
                        "a": {"match": {"mac": "aa:bb:cc:00:11:22"}, "addresses": ["10.2.0.1/24"]}
                    }
                },
            }
        },
    )
    assert told({"machines.n1": wanted("cloudinit"), "machines.n2": other}) == [
        (
            "machines.n2.machine.address",
            "address 10.1.0.5 is already that of `machines.n1`: it must be unique",
        ),
        (
            "machines.n2.config.cloudinit.network.ethernets.a.match.mac",
            "MAC address aa:bb:cc:00:11:22 is already that of `machines.n1`: it must be unique",
        ),
    ]


def test_its_own_address_may_stand_in_its_own_network(wanted, order):
    machine = order("cloudinit")["machine"] | {"address": "10.0.0.5"}
    assert told({"machines.n1": wanted("cloudinit", machine=machine)}) == []


def test_a_disk_named_by_its_world_wide_name(wanted):
    one = wanted("autoinstall", root={"wwn": "eui.1"}, machine={"name": "a", "serial": "7CJ5N44"})
    two = wanted(
        "autoinstall",
        root={"wwn": "eui.1"},
        machine={"name": "b"},
        config={"autoinstall": {"users": {"ops": {"keys": [KEY]}}}},
    )
    assert told({"a": one, "b": two}) == [
        ("b.root.wwn", "disk with world wide name eui.1 is already that of `a`: it must be unique")
    ]


def test_what_one_machine_may_say_and_many_may_not(wanted):
    template = wanted("autoinstall", callback={"token": {"store": "env", "path": "T"}})
    assert list(shared_failures(template, 1)) == []
    assert [(one.property, one.reason) for one in shared_failures(template, 3, "install")] == [
        (f"install.{path}", f"{what} would be that of all 3 machines: it must be unique")
        for path, what in [
            ("config.autoinstall.network.bonds.bond0.addresses", "address 10.0.0.5"),
            ("config.autoinstall.network.bonds.bond0.addresses", "address fd00::5"),
            ("config.autoinstall.network.vlans.storage.addresses", "address 10.1.0.5"),
            ("root.serial", "disk with serial number S6X1"),
            ("callback.token", "token env:T"),
        ]
    ]


def test_many_machines_share_what_names_none_of_them(wanted, order):
    users = order("autoinstall")["config"]["autoinstall"]["users"]
    template = wanted(
        "autoinstall",
        root={"model": "SAMSUNG*"},
        config={"autoinstall": {"users": users, "storage": {"mirror": {"model": "SAMSUNG*"}}}},
    )
    assert list(shared_failures(template, 100)) == []


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

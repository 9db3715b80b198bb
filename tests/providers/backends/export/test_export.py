"""Exports: every document reads back as what was meant, and nothing in it does more than asked."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from aifactory_iac.providers.backends.export.bundle import bundle
from aifactory_iac.providers.backends.export.metal3 import metal3
from aifactory_iac.providers.backends.export.subject import Subject, Wanted
from aifactory_iac.providers.backends.export.tinkerbell import tinkerbell
from aifactory_iac.providers.backends.export.warewulf import warewulf
from aifactory_iac.providers.install.installation import read_installation
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import (
    Approval,
    Component,
    Controller,
    MachineIntent,
    Place,
)
from aifactory_iac.providers.resource import Failure

REFERENCE = Path(__file__).parents[5] / "shared" / "reference"
CRDS = REFERENCE / "baremetal-operator@02aa5059" / "config" / "base" / "crds" / "bases"
NOW = 1_800_000_000.0
WANTED = Wanted("metal", ("10.1.0.0/16", "10.1.0.0/24"), NOW)
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKXv0sTJ7VYcV4cTqCZxBqB4hV4J0bqjWQZ0dOB0Vd ops"
DIGEST = "sha256:" + "a" * 64


def install(config=None, **changed):
    value = {
        "machine": {"name": "n1", "serial": "SN1"},
        "image": {"os": "ubuntu", "url": "https://images/os.qcow2", "digest": DIGEST},
        "config": config or {"cloudinit": {"users": {"ops": {"keys": [KEY]}}}},
        **changed,
    }
    read = read_installation(value, ())
    assert read.failures == ()
    assert read.value is not None
    return read.value


def with_root(found, **hints):
    return found.model_copy(update={"root": found.root.model_copy(update=hints)})


def subject(name="n1", number=1, **wanted):
    reached = {key: wanted.pop(key) for key in ("trust", "system_id") if key in wanted}
    controller = Controller(
        f"10.0.0.{number}",
        wanted.pop("credentials", {"store": "env", "path": "BMC"}),
        reached.get("trust", "site-ca"),
        system=reached.get("system_id", ""),
    )
    about = {
        "address": f"10.1.0.{number}", "boot_mac": f"02:00:00:00:00:{number:02x}",
        "pool": "train", "site": "hall",
    }  # fmt: skip
    about |= {key: wanted.pop(key) for key in about if key in wanted}
    intent = MachineIntent(
        name=name,
        controller=controller,
        identity=Identity.of(f"SN{number}", f"uuid-{number}"),
        place=Place("R01", 3, "PDU-A"),
        system=wanted.pop("system", "dgx-h100"),
        **wanted,
    )
    return Subject(intent, **about)


def approval(*actions):
    return Approval("ops", NOW + 60, frozenset(actions))


def read(text):
    return list(YAML(typ="safe").load_all(io.BytesIO(text)))


def test_a_host_of_metal3_that_is_installed():
    wanted = with_root(install(), serial="S4X", rotational=False, model="KIOXIA*")
    exported = metal3(subject(install=wanted, secure_boot=True, power="On"), WANTED)
    host, user_data = exported.documents
    assert host["metadata"] == {
        "name": "n1",
        "namespace": "metal",
        "labels": {
            "aifactory.dev/site": "hall",
            "aifactory.dev/pool": "train",
            "aifactory.dev/rack": "R01",
            "aifactory.dev/breaker": "PDU-A",
        },
    }
    assert host["spec"] == {
        "online": True,
        "bootMACAddress": "02:00:00:00:00:01",
        "bootMode": "UEFISecureBoot",
        "bmc": {
            "address": "redfish-virtualmedia+https://10.0.0.1/redfish/v1/Systems/DGX",
            "credentialsName": "n1-bmc",
        },
        "automatedCleaningMode": "disabled",
        "image": {
            "url": "https://images/os.qcow2",
            "checksum": "a" * 64,
            "checksumType": "sha256",
            "format": "qcow2",
        },
        "rootDeviceHints": {"model": "KIOXIA", "serialNumber": "S4X", "rotational": False},
        "userData": {"name": "n1-user-data", "namespace": "metal"},
    }
    assert exported.notes == (
        "Secret metal/n1-bmc: `username` and `password` of the BMC, which are in env:BMC",
    )
    config = YAML(typ="safe").load(user_data["stringData"]["userData"])
    assert config["hostname"] == "n1"
    assert config["runcmd"] == []
    assert "provisioning.invalid" not in user_data["stringData"]["userData"]


def test_a_host_that_is_not_installed_is_never_rebooted_to_be_inspected():
    spec = metal3(subject(power="Off"), WANTED).documents[0]["spec"]
    assert (spec["online"], spec["externallyProvisioned"], spec["inspectionMode"]) == (
        False, True, "disabled",
    )  # fmt: skip
    assert "image" not in spec
    watched = metal3(subject(install=install(), owner="observed"), WANTED).documents[0]["spec"]
    assert watched["externallyProvisioned"] is True


@pytest.mark.parametrize(
    ("wipe", "actions", "mode"),
    [
        ("never", ("wipe",), "disabled"),
        ("metadata", (), "disabled"),
        ("metadata", ("install",), "disabled"),
        ("metadata", ("wipe",), "metadata"),
    ],
)
def test_metal3_cleans_only_what_may_be_wiped(wipe, actions, mode):
    wanted = install().model_copy(update={"wipe": wipe})
    host = metal3(subject(install=wanted, approval=approval(*actions)), WANTED).documents[0]
    assert host["spec"]["automatedCleaningMode"] == mode


def test_an_approval_that_is_over_wipes_nothing():
    wanted = install().model_copy(update={"wipe": "full"})
    late = replace(WANTED, now=NOW + 3600)
    host = metal3(subject(install=wanted, approval=approval("wipe")), late).documents[0]
    assert host["spec"]["automatedCleaningMode"] == "disabled"


def test_certificates_are_verified_unless_it_was_asked_otherwise():
    for trust, found in (("site-ca", None), ("system-ca", None), ("insecure", True)):
        bmc = metal3(subject(trust=trust), WANTED).documents[0]["spec"]["bmc"]
        assert bmc.get("disableCertificateVerification") is found


def test_settings_and_firmware_of_metal3():
    exported = metal3(
        subject(
            bios={"SriovGlobalEnable": "Enabled", "NumCores": 4, "Quiet": True},
            firmware=(
                Component("HostBIOS_0", "2", url="https://f/bios", digest="sha256:1"),
                Component("HostBMC_0", "3", url="https://f/bmc"),
                Component("nic:eno1", "4", url="https://f/nic"),
            ),
        ),
        WANTED,
    )
    by_kind = {each["kind"]: each["spec"] for each in exported.documents}
    assert by_kind["HostFirmwareSettings"] == {
        "settings": {"NumCores": 4, "Quiet": "true", "SriovGlobalEnable": "Enabled"}
    }
    assert by_kind["HostFirmwareComponents"] == {
        "updates": [
            {"component": "bios", "url": "https://f/bios"},
            {"component": "bmc", "url": "https://f/bmc"},
            {"component": "nic:eno1", "url": "https://f/nic"},
        ]
    }
    assert exported.notes[1].endswith(
        "the digests are HostBIOS_0 sha256:1, HostBMC_0 not given, nic:eno1 not given"
    )


def test_everything_that_metal3_cannot_take_is_said_at_once():
    wanted = with_root(install(), model="KIO*XIA").model_copy(
        update={"image": install().image.model_copy(update={"url": "https://images/os.tar"})}
    )
    exported = metal3(
        subject(
            boot_mac="", credentials=None, trust="pinned", system="unheard-of", install=wanted,
            firmware=(Component("CPLD_0", "1"),),
        ),
        WANTED,
    )  # fmt: skip
    assert exported.documents == ()
    assert [each.property.removeprefix("machines.n1.") for each in exported.failures] == [
        "macs", "bmc.system", "bmc.credentials", "bmc.tls", "firmware.CPLD_0",
        "firmware.CPLD_0.url", "install.image.url", "install.root.model",
    ]  # fmt: skip


def test_an_installer_on_an_iso_would_install_at_every_boot_and_is_refused():
    """metal3's `live-iso` is Ironic's ramdisk: the machine boots it at each power-on."""
    user = {"users": {"ops": {"keys": [KEY], "admin": True}}}
    disk = {"root": {"serial": "S4X"}, "image": {"os": "u", "url": "https://i/u.iso",
            "digest": DIGEST}}  # fmt: skip
    exported = metal3(subject(install=install({"autoinstall": user}, **disk)), WANTED)
    assert [each.property for each in exported.failures] == ["machines.n1.install.config"]
    live = metal3(subject(install=install(image=disk["image"])), WANTED).documents[0]["spec"]
    assert live["image"] == {"url": "https://i/u.iso", "format": "live-iso"}


def test_ignition_is_handed_on_whole():
    kernel = {"url": "https://i/k", "digest": DIGEST}
    image = {
        "os": "fcos", "url": "https://i/fcos.qcow2", "digest": DIGEST, "media": "http",
        "kernel": kernel, "initrd": kernel, "loader": {**kernel, "url": "https://i/l.efi"},
    }  # fmt: skip
    wanted = install(
        {"ignition": {"users": {"ops": {"keys": [KEY], "admin": True}}}},
        image=image, root={"serial": "S4X"},
    )  # fmt: skip
    text = metal3(subject(install=wanted), WANTED).documents[-1]["stringData"]["userData"]
    assert '"ignition"' in text


def test_a_node_of_warewulf():
    exported = warewulf(subject(), WANTED)
    assert exported.documents == (
        {
            "profiles": ["default", "train"],
            "asset key": "SN1",
            "discoverable": "false",
            "ipmi": {"ipaddr": "10.0.0.1", "interface": "lanplus", "write": "false"},
            "network devices": {
                "default": {
                    "type": "ethernet",
                    "onboot": "true",
                    "hwaddr": "02:00:00:00:00:01",
                    "ipaddr": "10.1.0.1",
                    "netmask": "255.255.255.0",
                }
            },
            "primary network": "default",
            "tags": {"rack": "R01", "unit": "3", "site": "hall", "uuid": "uuid-1"},
        },
    )
    bare = warewulf(subject(pool=""), Wanted()).documents[0]
    assert bare["profiles"] == ["default"]
    assert "netmask" not in bare["network devices"]["default"]


def test_what_warewulf_cannot_take():
    found = warewulf(subject(boot_mac="", address=""), WANTED).failures
    assert [each.property for each in found] == ["machines.n1.macs", "machines.n1.address"]


def test_tinkerbell_gets_a_workflow_only_with_an_approval():
    wanted = with_root(install(), name="/dev/disk/by-id/nvme-S4X")
    kept = tinkerbell(subject(install=wanted), WANTED)
    assert [each["kind"] for each in kept.documents] == ["Hardware", "Machine", "Template"]
    netboot = {"allowPXE": False, "allowWorkflow": False}
    assert kept.documents[0]["spec"]["interfaces"][0]["netboot"] == netboot
    assert kept.notes[-1] == (
        "n1 has no Workflow: it would write over the disk at once, and nobody approved `install`"
    )
    done = tinkerbell(subject(install=wanted, approval=approval("install")), WANTED)
    hardware, machine, template, workflow = done.documents
    assert hardware["spec"] == {
        "bmcRef": {"apiGroup": "bmc.tinkerbell.org", "kind": "Machine", "name": "n1"},
        "interfaces": [
            {
                "dhcp": {
                    "arch": "x86_64",
                    "hostname": "n1",
                    "ip": {"address": "10.1.0.1", "netmask": "255.255.255.0"},
                    "mac": "02:00:00:00:00:01",
                    "uefi": True,
                },
                "netboot": {"allowPXE": True, "allowWorkflow": True},
            }
        ],
        "metadata": {"instance": {"hostname": "n1", "id": "uuid-1"}},
        "disks": [{"device": "/dev/disk/by-id/nvme-S4X"}],
    }
    assert machine["spec"]["connection"] == {
        "host": "10.0.0.1",
        "authSecretRef": {"name": "n1-bmc", "namespace": "metal"},
        "insecureTLS": False,
        "providerOptions": {"redfish": {"port": 443, "useBasicAuth": False}},
    }
    data = YAML(typ="safe").load(template["spec"]["data"])
    assert data["tasks"][0]["actions"][0]["environment"] == {
        "IMG_URL": "https://images/os.qcow2", "DEST_DISK": "/dev/disk/by-id/nvme-S4X",
    }  # fmt: skip
    assert workflow["spec"] == {
        "hardwareRef": "n1", "templateRef": "n1", "hardwareMap": {"device_1": "02:00:00:00:00:01"},
    }  # fmt: skip


def test_what_tinkerbell_cannot_take():
    iso = install(image={"os": "u", "url": "https://i/u.iso", "digest": DIGEST})
    exported = tinkerbell(
        subject(
            boot_mac="", address="10.9.0.1", credentials=None, trust="pinned", bios={"A": 1},
            firmware=(Component("B", "1"),), install=iso,
        ),
        WANTED,
    )  # fmt: skip
    assert [each.property.removeprefix("machines.n1.") for each in exported.failures] == [
        "macs", "address", "bmc.credentials", "bmc.tls", "bios", "firmware", "install.image.url",
        "install.root.name",
    ]  # fmt: skip
    assert tinkerbell(subject(address=""), WANTED).failures[0].property == "machines.n1.address"


MANY = [subject(f"n{number}", number) for number in range(1, 5)]


@settings(max_examples=20, deadline=None)
@given(st.permutations(MANY), st.sampled_from(["metal3", "warewulf", "tinkerbell"]))
def test_no_order_of_machines_changes_a_byte(order, manager):
    assert bundle(manager, order, WANTED) == bundle(manager, MANY, WANTED)


@pytest.mark.parametrize("manager", ["metal3", "warewulf", "tinkerbell"])
def test_files_read_back_and_hold_no_credentials(manager):
    made = bundle(manager, MANY, WANTED)
    assert made.failures == ()
    for name, text in made.files.items():
        assert "password:" not in text.decode()
        if name.endswith(".yaml"):
            assert [each["metadata"]["name"] for each in read(text)] == [name[:-5]] * len(
                read(text)
            )
    if manager == "warewulf":
        conf = read(made.files["nodes.conf"])[0]
        assert list(conf["nodes"]) == ["n1", "n2", "n3", "n4"]
        assert sorted(conf["nodeprofiles"]) == ["default", "train"]
    assert made.files["NOTES.md"].decode().startswith(f"# Before these go to {manager}\n\n- ")


def test_two_machines_with_one_card_or_name_are_found():
    twins = [subject("n1", 1), subject("n2", 1), subject("n1", 3)]
    assert bundle("metal3", twins, WANTED).failures[:3] == (
        Failure("machines.n1.name", "n1 is also that of n1"),
        Failure("machines.n1.name", "n1 is also that of n1"),
        Failure("machines.n2.macs", "02:00:00:00:00:01 is also that of n1"),
    )
    assert bundle("metal3", twins, WANTED).files == {}


def closed(schema):
    """A CRD's schema as JSON Schema that refuses what the API server would prune."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept = {
        key: value
        for key, value in schema.items()
        if key in ("type", "enum", "required", "pattern", "minItems", "minimum", "maximum")
    }
    if "properties" in schema:
        kept["properties"] = {name: closed(each) for name, each in schema["properties"].items()}
        kept["additionalProperties"] = False
    if isinstance(schema.get("additionalProperties"), dict):
        kept["additionalProperties"] = closed(schema["additionalProperties"])
    if "items" in schema:
        kept["items"] = closed(schema["items"])
    return kept


@pytest.mark.skipif(
    not CRDS.is_dir(), reason="metal3's definitions stand beside the repository, in ../shared"
)
@pytest.mark.parametrize(
    "kind", ["BareMetalHost", "HostFirmwareSettings", "HostFirmwareComponents"]
)
def test_documents_fit_metal3s_own_definitions(kind):
    path = CRDS / f"metal3.io_{kind.lower()}{'' if kind.endswith('s') else 's'}.yaml"
    crd = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["spec"]
    version = next(each for each in crd["versions"] if each["storage"])
    schema = closed(version["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    exported = metal3(
        subject(
            install=with_root(install(), name="/dev/sda", wwn="0x1", model="M"),
            bios={"A": "B", "C": 1},
            firmware=(Component("BIOS", "1", url="https://f"),),
            trust="insecure",
        ),
        WANTED,
    )
    found = [each for each in exported.documents if each["kind"] == kind]
    assert found
    for each in found:
        assert each["apiVersion"] == f"{crd['group']}/{version['name']}"
        jsonschema.Draft202012Validator(schema).validate(each)

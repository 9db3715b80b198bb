"""The real programs read what we write, refuse what is wrong, and miss what is ours to catch."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from aifactory_iac.providers.install.outside import (
    CloudInitSchema,
    DnsmasqTest,
    Failed,
    GrubScriptCheck,
    IgnitionValidate,
    KeaTest,
    KickstartValidator,
    NetplanGenerate,
    NotChecked,
    Passed,
    Runner,
    dhcp_checkers,
    install_checkers,
    opinions,
)
from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.install.render import rendered


def needs(program: str) -> None:
    if installed(program) is None:
        pytest.skip(f"NOT CHECKED: {program} is not installed")


def asked(checker, files):
    return asyncio.run(checker.check(files))


@pytest.mark.parametrize(
    ("checker", "kind"),
    [
        (CloudInitSchema(), "cloudinit"),
        (CloudInitSchema(), "autoinstall"),
        (NetplanGenerate(), "cloudinit"),
        (NetplanGenerate(), "autoinstall"),
        (KickstartValidator(), "kickstart"),
        (IgnitionValidate(), "ignition"),
        (GrubScriptCheck(), "autoinstall"),
        (GrubScriptCheck(), "ignition"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.program,
)
def test_the_real_program_passes_what_we_render(checker, kind, wanted, links):
    needs(checker.program)
    assert asked(checker, rendered(wanted(kind), links)) == Passed()


@pytest.mark.parametrize("medium", ["iso", "http", "pxe"])
def test_every_program_that_reads_a_document_is_asked(medium, wanted, links):
    programs = ["cloud-init", "netplan"] + ([] if medium == "iso" else ["grub-script-check"])
    for program in programs:
        needs(program)
    found = asyncio.run(
        opinions(install_checkers(), rendered(wanted("autoinstall", medium), links))
    )
    assert found == dict.fromkeys(programs, Passed())


def test_cloud_init_refuses_a_wrong_type():
    needs("cloud-init")
    found = asked(CloudInitSchema(), {"user-data": b"#cloud-config\nruncmd: 5\n"})
    assert isinstance(found, Failed)
    assert any("runcmd" in line for line in found.lines)


def test_cloud_init_reads_what_autoinstall_gives_to_the_installed_system():
    needs("cloud-init")
    body = b"#cloud-config\nautoinstall:\n  user-data:\n    users: 5\n"
    found = asked(CloudInitSchema(), {"user-data": body})
    assert isinstance(found, Failed)
    assert any("users" in line for line in found.lines)


def test_the_blind_spots_of_cloud_init_are_still_there():
    """Should this fail, cloud-init sees more than it did, and our own checks are not alone."""
    needs("cloud-init")
    misspelt = {"user-data": b"#cloud-config\nruncmdd: [ls]\n"}
    assert asked(CloudInitSchema(), misspelt) == Passed()
    unchecked = {"user-data": b"#cloud-config\nautoinstall:\n  storag: {}\n  user-data: {}\n"}
    assert asked(CloudInitSchema(), unchecked) == Passed()


def test_netplan_refuses_what_cannot_be():
    needs("netplan")
    tree = b"version: 2\nethernets:\n  eth0:\n    addresses: [10.0.0.500/24]\n"
    found = asked(NetplanGenerate(), {"network-config": tree})
    assert isinstance(found, Failed)
    assert any("10.0.0.500/24" in line for line in found.lines)
    assert not any("aifactory-check-" in line for line in found.lines)


def test_ksvalidator_refuses_with_its_line():
    needs("ksvalidator")
    found = asked(KickstartValidator(), {"ks.cfg": b"text\nlangg en_US\n"})
    assert isinstance(found, Failed)
    assert any("langg" in line for line in found.lines)


def test_ksvalidator_knows_the_release():
    needs("ksvalidator")
    document = {"ks.cfg": b"timesource --ntp-server=a\n"}
    assert asked(KickstartValidator(), document) == Passed()
    assert isinstance(asked(KickstartValidator(release="RHEL7"), document), Failed)


def test_ignition_refuses_with_its_path():
    needs("ignition-validate")
    document = {"ignition": {"version": "3.3.0"}, "storage": {"files": [{"path": "relative"}]}}
    found = asked(IgnitionValidate(), {"config.ign": json.dumps(document).encode()})
    assert isinstance(found, Failed)
    assert any("$.storage.files.0.path" in line for line in found.lines)


def test_grub_refuses_with_its_line():
    needs("grub-script-check")
    found = asked(GrubScriptCheck(), {"grub.cfg": b"menuentry 'a' {\n"})
    assert isinstance(found, Failed)
    assert any("line" in line or "Syntax" in line for line in found.lines)


def test_ignition_of_debian_does_not_know_the_newer_version(wanted, order, links):
    needs("ignition-validate")
    config = order("ignition")["config"]["ignition"] | {"version": "3.4.0"}
    files = rendered(wanted("ignition", config={"ignition": config}), links)
    assert asked(IgnitionValidate(), files) in (
        Passed(),
        NotChecked("this ignition-validate does not know version 3.4.0"),
    )


@pytest.mark.parametrize(
    "checker", [*install_checkers(), *dhcp_checkers()], ids=lambda checker: checker.program
)
def test_a_program_has_nothing_to_say_of_files_that_it_does_not_read(checker):
    assert asked(checker, {"boot.ipxe": b"#!ipxe\n"}) is None


FILES = {
    "user-data": b"#cloud-config\n{}\n",
    "network-config": b"version: 2\n",
    "ks.cfg": b"text\n",
    "grub.cfg": b"set timeout=0\n",
    "config.ign": b'{"ignition": {"version": "3.3.0"}}',
    "dhcp/kea-dhcp4.json": b'{"Dhcp4": {}}',
    "dhcp/dnsmasq.conf": b"port=0\n",
}


def test_what_is_not_installed_was_not_checked_and_says_so():
    nowhere = Runner(find=lambda _program: None)
    found = asyncio.run(opinions([*install_checkers(nowhere), *dhcp_checkers(nowhere)], FILES))
    assert {program: str(verdict) for program, verdict in found.items()} == {
        program: f"not checked: {program} is not installed"
        for program in (
            "cloud-init",
            "netplan",
            "ksvalidator",
            "ignition-validate",
            "grub-script-check",
            "kea-dhcp4",
            "dnsmasq",
        )
    }


def program(folder: Path, text: str) -> str:
    place = folder / "program"
    place.write_text(f"#!/bin/sh\n{text}\n")
    place.chmod(place.stat().st_mode | stat.S_IXUSR)
    return str(place)


def test_a_program_that_hangs_was_not_checked_and_does_not_stay(tmp_path):
    path = program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    found = asked(CloudInitSchema(Runner(lambda _: path, limit=0.3)), FILES)
    assert found == NotChecked("cloud-init did not answer within 0.3 s")
    pid = (tmp_path / "pid").read_text().strip()
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    "checker",
    [
        CloudInitSchema,
        NetplanGenerate,
        KickstartValidator,
        IgnitionValidate,
        GrubScriptCheck,
        KeaTest,
        DnsmasqTest,
    ],
)
def test_what_a_program_says_names_no_folder_of_ours(checker, tmp_path):
    path = program(tmp_path, 'for last; do :; done; echo "ERROR in $last"; exit 1')
    found = asked(checker(Runner(lambda _: path)), FILES)
    assert isinstance(found, Failed)
    assert str(found).startswith("failed: ERROR in ")
    # netplan is given its root folder itself, which is all that this program can repeat.
    assert "aifactory-check-" not in str(found) or checker is NetplanGenerate


def test_files_are_laid_out_for_nobody_else(tmp_path):
    path = program(
        tmp_path, f'ls -l "$3" > {tmp_path}/seen; ls -ld "$(dirname "$3")" >> {tmp_path}/seen'
    )
    asked(CloudInitSchema(Runner(lambda _: path)), FILES)
    file, folder = (tmp_path / "seen").read_text().splitlines()
    assert file.startswith("-rw------- ")
    assert folder.startswith("drwx------ ")
    assert not Path(folder.split()[-1]).exists()

"""What booting for real is made of: an archive, host files, a drive, and who follows the log."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import json
import lzma
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aifactory_iac.lab.boot import __main__ as boot_main
from aifactory_iac.lab.boot import drive
from aifactory_iac.lab.boot.__main__ import main
from aifactory_iac.lab.boot.archive import archived, file, folder, link
from aifactory_iac.lab.boot.drive import DriveError, fetch
from aifactory_iac.lab.boot.follower import Follower
from aifactory_iac.lab.boot.guest import DISK_BYTES, Guest, Hardware, arguments
from aifactory_iac.lab.boot.host_files import DEBIAN, MissingError, found, missing
from aifactory_iac.lab.boot.medium import MediumError, first_file_system
from aifactory_iac.lab.boot.medium import build as build_medium
from aifactory_iac.lab.boot.spec import Bootable, BootSpec
from aifactory_iac.lab.boot.witness import Witness


def unpacked(archive: bytes) -> dict[str, tuple[int, bytes]]:
    """Entries of a newc archive by path: mode and content."""
    data, place, entries = gzip.decompress(archive), 0, {}
    while True:
        assert data[place : place + 6] == b"070701"
        fields = [int(data[place + 6 + 8 * n : place + 14 + 8 * n], 16) for n in range(13)]
        mode, size, length = fields[1], fields[6], fields[11]
        name = data[place + 110 : place + 110 + length - 1].decode()
        start = place + 110 + length + -(110 + length) % 4
        if name == "TRAILER!!!":
            return entries
        entries[name] = (mode, data[start : start + size])
        place = start + size + -size % 4


ENTRIES = (
    folder("bin"),
    file("bin/sh", b"\x7fELF", runs=True),
    file("note", b"odd"),
    link("sh", "bin/sh"),
)


def test_an_archive_reads_back():
    assert unpacked(archived(ENTRIES)) == {
        "bin": (0o040755, b""),
        "bin/sh": (0o100755, b"\x7fELF"),
        "note": (0o100644, b"odd"),
        "sh": (0o120777, b"bin/sh"),
    }
    assert archived(ENTRIES) == archived(ENTRIES)


@pytest.mark.skipif(shutil.which("cpio") is None, reason="cpio is not installed")
def test_an_archive_is_what_cpio_takes_it_for(tmp_path):
    listed = subprocess.run(
        ["cpio", "-it", "--quiet"], input=gzip.decompress(archived(ENTRIES)),
        capture_output=True, check=True,
    )  # fmt: skip
    assert listed.stdout.decode().split() == ["bin", "bin/sh", "note", "sh"]


def elf(*header_types: int) -> bytes:
    """As much of a 64-bit ELF program as tells whether it is static."""
    head = bytearray(64)
    head[:5] = b"\x7fELF\x02"
    struct.pack_into("<Q", head, 0x20, 64)
    struct.pack_into("<HH", head, 0x36, 56, len(header_types))
    return bytes(head) + b"".join(struct.pack("<I52x", each) for each in header_types)


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A root with everything that booting takes."""
    root = tmp_path / "root"
    for name, content in {
        "bin/busybox": elf(1, 6),
        "boot/vmlinuz-6.1.0-1-cloud-amd64": b"old",
        "boot/vmlinuz-6.1.0-2-cloud-amd64": b"new",
        "lib/modules/6.1.0-1-cloud-amd64/modules.dep": b"",
        "lib/modules/6.1.0-2-cloud-amd64/modules.dep": (
            b"kernel/virtio_pci.ko: kernel/virtio.ko kernel/ring.ko\n"
            b"kernel/virtio_net.ko.xz: kernel/virtio.ko kernel/ring.ko\n"
            b"kernel/virtio.ko: kernel/ring.ko\nkernel/ring.ko:\n"
        ),
        "lib/modules/6.1.0-2-cloud-amd64/kernel/virtio_pci.ko": b"pci",
        "lib/modules/6.1.0-2-cloud-amd64/kernel/virtio.ko": b"virtio",
        "lib/modules/6.1.0-2-cloud-amd64/kernel/ring.ko": b"ring",
        "lib/modules/6.1.0-2-cloud-amd64/kernel/virtio_net.ko.xz": lzma.compress(b"net"),
        "usr/lib/ISOLINUX/isolinux.bin": b"iso",
        "usr/lib/syslinux/modules/bios/ldlinux.c32": b"ld",
        "usr/bin/qemu-system-x86_64": b"#!",
        "usr/bin/xorriso": b"#!",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    for program in ("qemu-system-x86_64", "xorriso"):
        (root / "usr/bin" / program).chmod(0o755)
    return root


def test_the_newest_kernel_with_modules_is_taken(host):
    there = found(host, str(host / "usr/bin"))
    assert there.kernel.read_bytes() == b"new"
    assert there.modules.name == "6.1.0-2-cloud-amd64"
    assert there.xorriso == host / "usr/bin/xorriso"


@pytest.mark.parametrize(
    ("gone", "what"),
    [
        ("usr/bin/qemu-system-x86_64", "qemu-system-x86_64"),
        ("usr/bin/xorriso", "xorriso"),
        ("bin/busybox", "a static busybox"),
        ("usr/lib/ISOLINUX/isolinux.bin", "isolinux.bin"),
        ("usr/lib/syslinux/modules/bios/ldlinux.c32", "ldlinux.c32"),
    ],
)
def test_what_is_missing_is_named_with_the_packages_that_bring_it(host, gone, what):
    (host / gone).unlink()
    assert missing(host, str(host / "usr/bin")) == (what,)
    with pytest.raises(MissingError) as told:
        found(host, str(host / "usr/bin"))
    assert str(told.value) == (f"booting for real needs {what}: apt-get install {' '.join(DEBIAN)}")


def test_a_kernel_without_modules_does_not_count(host):
    for each in (host / "boot").iterdir():
        (host / "lib/modules" / each.name.removeprefix("vmlinuz-") / "modules.dep").unlink()
    assert missing(host, str(host / "usr/bin")) == ("a readable cloud kernel with modules",)


@pytest.mark.parametrize("program", [elf(1, 3), b"#!/bin/sh", b"\x7fELF\x01" + b"\0" * 80])
def test_a_busybox_that_needs_libraries_does_not_count(host, program):
    (host / "bin/busybox").write_bytes(program)
    assert missing(host, str(host / "usr/bin")) == ("a static busybox",)


def test_drivers_are_loaded_after_what_they_need_and_what_is_built_in_is_left_out(host):
    held = unpacked(archived(first_file_system(found(host, str(host / "usr/bin")))))
    assert held["modules/order"][1].decode().split() == [
        "ring.ko", "virtio.ko", "virtio_pci.ko", "virtio_net.ko",
    ]  # fmt: skip
    assert held["modules/virtio_net.ko"][1] == b"net"
    assert held["init"][0] == 0o100755
    assert held["init"][1].startswith(b"#!/bin/busybox sh\n")


def test_a_report_that_does_not_fit_on_a_command_line_is_refused(host, tmp_path):
    with pytest.raises(MediumError, match="is not a URL that fits on a kernel's command line"):
        build_medium(
            tmp_path / "a.iso", "http://x/ init=/bin/sh", found(host, str(host / "usr/bin"))
        )


def test_a_medium_that_cannot_be_burnt_says_why(host, tmp_path):
    (host / "usr/bin/xorriso").write_text("#!/bin/sh\necho disk full >&2\nexit 5\n")
    with pytest.raises(MediumError, match="xorriso: disk full"):
        build_medium(tmp_path / "a.iso", "http://x/", found(host, str(host / "usr/bin")))
    assert [each.name for each in tmp_path.iterdir()] == ["root"]


def test_a_machine_says_who_it_is_and_needs_no_privilege(tmp_path):
    hardware = Hardware("n1", "uuid-1", "SER1", "02:00:00:00:00:01", tmp_path / "disk")
    words = arguments(Path("/usr/bin/qemu"), hardware, Path("/m.iso"), Path("/c"))
    assert "type=1,uuid=uuid-1,serial=SER1,product=n1" in words
    assert "q35,accel=tcg" in words
    assert "virtio-net-pci,netdev=net0,mac=02:00:00:00:00:01" in words
    assert "user,id=net0" in words


@pytest.fixture
def shelf(tmp_path):
    """An HTTP server of a folder; gives its URL."""
    root = tmp_path / "shelf"
    root.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(root))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield root, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_drive_fetches_and_measures_what_it_is_given(shelf, tmp_path):
    root, url = shelf
    (root / "m.iso").write_bytes(b"medium")
    assert fetch(f"{url}/m.iso", tmp_path / "m") == (
        f"sha256:{hashlib.sha256(b'medium').hexdigest()}"
    )
    assert (tmp_path / "m").read_bytes() == b"medium"


def test_a_drive_says_why_it_has_nothing(shelf, tmp_path, monkeypatch):
    root, url = shelf
    (root / "m.iso").write_bytes(b"medium")
    monkeypatch.setattr(drive, "LARGEST", 5)
    for given, why in {
        f"{url}/none.iso": "File not found",
        f"{url}/m.iso": "is larger than 0 MiB",
        "nfs://server/m.iso": "this drive takes http and https only",
        "http://127.0.0.1:1/m.iso": "Connection refused",
        "http://[::1/": "Invalid IPv6 URL",
    }.items():
        with pytest.raises(DriveError, match=why):
            fetch(given, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_log_is_read_as_it_grows(tmp_path):
    log = tmp_path / "witness.jsonl"
    witness = Witness(log)
    assert list(witness.news()) == []
    log.write_text('{"a": 1}\n{"b"')
    assert list(witness.news()) == [{"a": 1}]
    with log.open("a") as stream:
        stream.write(": 2}\n[3]\n")
    assert list(witness.news()) == [{"b": 2}]
    assert list(witness.news()) == []


class Running:
    """A machine that runs until it is told otherwise."""

    def __init__(self, hardware: Hardware, medium: Path) -> None:
        self.hardware, self.medium, self.running, self.pid = hardware, medium, True, 4711

    def power_off(self) -> None:
        self.running = False


@pytest.fixture
def followed(tmp_path, shelf):
    """A follower of machine n1; gives what to say in the log, and what was done."""
    folder = tmp_path / "boot"
    folder.mkdir()
    root, url = shelf
    (root / "m.iso").write_bytes(b"medium")
    log = tmp_path / "witness.jsonl"
    started: list[Running] = []

    def power_on(hardware: Hardware, medium: Path) -> Running:
        started.append(Running(hardware, medium))
        return started[-1]

    spec = BootSpec(folder, log, (Bootable("n1", "u", "s", "02:00:00:00:00:01"),))
    follower = Follower(spec, power_on)

    def say(*effects: dict) -> list[str]:
        with log.open("a") as stream:
            for each in effects:
                record = {"kind": "effect", "machine": "n1", **each}
                stream.write(json.dumps(record).replace("URL", url) + "\n")
        follower.turn()
        done = folder / "boot.log"
        lines = done.read_text().splitlines() if done.exists() else []
        done.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    say.started, say.follower = started, follower
    return say


BOOT = {"effect": "boot", "source": "Cd", "image": "URL/m.iso"}


def test_what_the_log_says_boots_is_booted_from_the_medium_that_was_inserted(followed):
    (record,) = followed(BOOT)
    assert (record["machine"], record["effect"], record["pid"]) == ("n1", "booted", 4711)
    assert record["digest"] == f"sha256:{hashlib.sha256(b'medium').hexdigest()}"
    assert followed.started[0].medium.read_bytes() == b"medium"
    assert followed.started[0].hardware.serial == "s"


@pytest.mark.parametrize(
    "cut",
    [
        {"effect": "power", "state": "Off"},
        {"effect": "mains-cut"},
        {"effect": "install-interrupted"},
    ],
)
def test_what_loses_power_is_ended(followed, cut):
    followed(BOOT)
    assert [each["effect"] for each in followed(cut)] == ["power-cut"]
    assert not followed.started[0].running
    assert followed(cut) == []


def test_a_second_boot_ends_the_first(followed):
    followed(BOOT)
    assert [each["effect"] for each in followed(BOOT)] == ["power-cut", "booted"]
    assert [each.running for each in followed.started] == [False, True]


def test_a_machine_that_powers_itself_off_is_noted(followed):
    followed(BOOT)
    followed.started[0].running = False
    assert [each["effect"] for each in followed()] == ["powered-itself-off"]


@pytest.mark.parametrize(
    "other",
    [
        {"effect": "boot", "source": "disk"},
        {"effect": "power", "state": "On"},
        {"machine": "n2", **BOOT},
        {"kind": "request", **BOOT},
    ],
)
def test_everything_else_is_left_alone(followed, other):
    assert followed(other) == []
    assert followed.started == []


def test_a_medium_that_is_not_there_is_noted_and_nothing_boots(followed):
    (record,) = followed({**BOOT, "image": "URL/none.iso"})
    assert record["effect"] == "cannot-boot"
    assert record["reason"].endswith("/none.iso: File not found")
    assert followed.started == []


def test_in_the_end_everything_is_ended(followed):
    followed(BOOT)
    followed.follower.end()
    assert not followed.started[0].running


@pytest.fixture
def sleeper(tmp_path):
    """What stands in for QEMU: a program that says what it was given, and stays."""
    program = tmp_path / "qemu"
    program.write_text('#!/bin/sh\necho "$@"\nexec sleep 60\n')
    program.chmod(0o755)
    return program


def test_a_guest_has_a_disk_of_its_own_and_stays_until_its_power_is_cut(sleeper, tmp_path):
    hardware = Hardware("n1", "u", "s", "02:00:00:00:00:01", tmp_path / "n1.disk")
    guest = Guest(sleeper, hardware, tmp_path / "m.iso", tmp_path)
    assert guest.running
    assert guest.pid > 0
    assert (tmp_path / "n1.disk").stat().st_size == DISK_BYTES
    (tmp_path / "n1.disk").write_bytes(b"kept")
    guest.power_off()
    assert not guest.running
    guest.power_off()
    Guest(sleeper, hardware, tmp_path / "m.iso", tmp_path).power_off()
    assert (tmp_path / "n1.disk").read_bytes() == b"kept"


def test_the_part_follows_the_log_until_nobody_is_there_any_more(
    sleeper, shelf, tmp_path, monkeypatch, capsys
):
    root, url = shelf
    (root / "m.iso").write_bytes(b"medium")
    log = tmp_path / "witness.jsonl"
    log.write_text(
        json.dumps({"kind": "effect", "machine": "n1", **BOOT, "image": f"{url}/m.iso"}) + "\n"
    )
    spec = tmp_path / "spec.json"
    machine = {"name": "n1", "uuid": "u", "serial": "s", "mac": "02:00:00:00:00:01"}
    spec.write_text(
        json.dumps({"folder": str(tmp_path), "log": str(log), "ca": None, "machines": [machine]})
    )
    reading, writing = os.pipe()
    done = tmp_path / "boot.log"

    def leave() -> None:
        while not done.exists():
            threading.Event().wait(0.02)
        os.write(writing, b"still here\n")
        os.close(writing)

    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        monkeypatch.setattr(boot_main, "found", lambda: type("Found", (), {"qemu": sleeper}))
        beside = threading.Thread(target=leave)
        beside.start()
        assert main([str(spec)]) == 0
        beside.join()
    assert json.loads(capsys.readouterr().out) == {"ready": True, "endpoints": {}}
    effects = [json.loads(line)["effect"] for line in done.read_text().splitlines()]
    assert effects == ["booted", "power-cut"]


def test_a_part_without_its_specification_says_so(tmp_path, capsys):
    assert main([str(tmp_path / "none.json")]) == 2
    assert "No such file" in capsys.readouterr().err
    assert main([]) == 2

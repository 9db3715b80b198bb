"""What machines are told: both servers run with our files, and a client asks as firmware does.

The client asks through a relay, so that no network interface is needed: servers answer a relay
(`giaddr`) by plain UDP, here on loopback.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aifactory_iac.providers.install.outside.verdict import installed
from aifactory_iac.providers.provisioning.files import KEA, service_files
from aifactory_iac.providers.provisioning.service import read_service

RELAY = "127.1.0.1"
INPUTS = {
    "site": "fra1",
    "domain": "fra1.internal",
    "subnets": {
        "in-band": {
            "cidr": "127.1.0.0/16",
            "range": {"first": "127.1.0.100", "last": "127.1.0.199"},
            "gateway": "127.1.0.254",
            "dns": ["127.1.0.2"],
        }
    },
    "images": {},
    "bootMethods": ["http", "pxe"],
    "reservations": {
        "n1": {"mac": "aa:bb:cc:00:11:22", "address": "127.1.0.11"},
        "n1-bmc": {"mac": "aa:bb:cc:00:22:22", "address": "127.1.0.12", "boot": False},
    },
    "interfaces": ["lo"],
    "endpoint": "http://127.1.0.9:8080",
    "tftp": {"address": "127.1.0.9"},
}


@dataclass(frozen=True)
class Answer:
    """A DHCP offer: the address, the next server, and what is to be booted."""

    address: str
    next_server: str
    file: str
    options: dict[int, bytes] = field(repr=False)

    @property
    def boots(self) -> str:
        return self.options.get(67, b"").rstrip(b"\0").decode() or self.file


def discover(mac: str, *options: tuple[int, bytes]) -> bytes:
    """DHCPDISCOVER (RFC 2131) as a relay passes it on."""
    head = struct.pack("!BBBBIHH4s4s4s", 1, 1, 6, 1, 0x1234, 0, 0, bytes(4), bytes(4), bytes(4))
    told = [(53, b"\x01"), (55, bytes([1, 3, 6, 15, 60, 66, 67])), *options]
    return b"".join(
        [
            head,
            socket.inet_aton(RELAY),
            bytes.fromhex(mac.replace(":", "")).ljust(16, b"\0"),
            bytes(192),
            b"\x63\x82\x53\x63",
            *(bytes([code, len(value)]) + value for code, value in told),
            b"\xff",
        ]
    )


def read(packet: bytes) -> Answer:
    options, at = {}, 240
    while packet[at] != 255:
        if packet[at] == 0:
            at += 1
            continue
        options[packet[at]] = packet[at + 2 : at + 2 + packet[at + 1]]
        at += 2 + packet[at + 1]
    return Answer(
        address=socket.inet_ntoa(packet[16:20]),
        next_server=socket.inet_ntoa(packet[20:24]),
        file=packet[108:236].rstrip(b"\0").decode(),
        options=options,
    )


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Ask = Callable[..., Answer]


def asking(server_port: int, client_port: int, alive: Callable[[], str | None]) -> Iterator[Ask]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as relay:
        # dnsmasq answers a relay on its own port, which both then share on different addresses.
        relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        relay.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        relay.bind((RELAY, client_port))
        relay.settimeout(0.3)

        def ask(mac: str, *options: tuple[int, bytes]) -> Answer:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                relay.sendto(discover(mac, *options), ("127.0.0.1", server_port))
                with contextlib.suppress(TimeoutError):
                    return read(relay.recv(4096))
                assert alive() is None, alive()
            raise AssertionError(f"no answer: {alive()}")

        yield ask


@pytest.fixture(scope="module", params=["kea-dhcp4", "dnsmasq"])
def ask(request, tmp_path_factory) -> Iterator[Ask]:
    """Asks a server that runs with the files of `INPUTS`."""
    path = installed(request.param)
    if path is None:
        pytest.skip(f"NOT CHECKED: {request.param} is not installed")
    if request.param == "dnsmasq" and os.geteuid() != 0:
        pytest.skip("NOT CHECKED: dnsmasq answers DHCP only as root")
    folder: Path = tmp_path_factory.mktemp("dhcp")
    service = read_service(INPUTS).value
    assert service is not None
    files = service_files(service)
    ports = (free_port(), free_port())
    if request.param == "kea-dhcp4":
        document = json.loads(files[KEA])
        document["Dhcp4"]["lease-database"]["name"] = str(folder / "leases.csv")
        document["Dhcp4"]["interfaces-config"]["dhcp-socket-type"] = "udp"
        (folder / "kea.json").write_text(json.dumps(document))
        command = [path, "-c", str(folder / "kea.json"), "-p", str(ports[0]), "-P", str(ports[1])]
    else:
        (folder / "dnsmasq.conf").write_bytes(files["dhcp/dnsmasq.conf"])
        leases = f"--dhcp-leasefile={folder / 'leases'}"
        own = ["--user=root", "--pid-file", leases, "--keep-in-foreground", "--no-ping"]
        ports = (ports[0], ports[0])
        own.append(f"--dhcp-alternate-port={ports[0]},{free_port()}")
        command = [path, "-C", str(folder / "dnsmasq.conf"), *own]
    log = (folder / "log").open("w")
    kept = {"KEA_LOCKFILE_DIR": "none", "KEA_PIDFILE_DIR": str(folder)}
    running = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **kept})

    def alive() -> str | None:
        return None if running.poll() is None else (folder / "log").read_text()[-2000:]

    try:
        yield from asking(*ports, alive)
    finally:
        running.terminate()
        running.wait(10)
        log.close()


def arch(number: int) -> tuple[int, bytes]:
    return (93, struct.pack("!H", number))


HTTP = (60, b"HTTPClient:Arch:00016:UNDI:003001")
PXE = (60, b"PXEClient:Arch:00007:UNDI:003001")
IPXE = (77, b"iPXE")
KNOWN, UNKNOWN, BMC = "aa:bb:cc:00:11:22", "aa:bb:cc:99:99:99", "aa:bb:cc:00:22:22"


def test_an_unknown_machine_gets_an_address_and_nothing_to_boot(ask):
    for options in ([arch(16), HTTP], [arch(7), PXE], [arch(7), IPXE], [arch(0), PXE]):
        found = ask(UNKNOWN, *options)
        assert found.address.startswith("127.1.0.1")
        assert (found.boots, found.options.get(60)) == ("", None)
        assert found.options[3] == socket.inet_aton("127.1.0.254")
        assert found.options[6] == socket.inet_aton("127.1.0.2")


def test_a_known_machine_always_gets_its_address(ask):
    found = ask(KNOWN, arch(16), HTTP)
    assert found.address == "127.1.0.11"
    assert found.options[15].rstrip(b"\0") == b"fra1.internal"


def test_a_controller_gets_its_address_and_nothing_to_boot(ask):
    found = ask(BMC, arch(16), HTTP)
    assert (found.address, found.boots) == ("127.1.0.12", "")


@pytest.mark.parametrize("number", [16, 19])
def test_firmware_that_boots_over_http_is_given_a_url_and_is_called_by_its_name(ask, number):
    found = ask(KNOWN, arch(number), HTTP)
    assert found.boots == "http://127.1.0.9:8080/boot/loader"
    assert found.options[60] == b"HTTPClient"


@pytest.mark.parametrize(
    ("number", "file"),
    [(7, "ipxe-x64.efi"), (9, "ipxe-x64.efi"), (11, "ipxe-arm64.efi"), (0, "undionly.kpxe")],
)
def test_firmware_that_knows_tftp_is_given_ipxe(ask, number, file):
    found = ask(KNOWN, arch(number), PXE)
    assert (found.boots, found.next_server) == (file, "127.1.0.9")


@pytest.mark.parametrize("number", [7, 16, 0])
def test_ipxe_is_given_its_script_whatever_it_was_loaded_by(ask, number):
    found = ask(KNOWN, arch(number), PXE, IPXE)
    assert found.boots == "http://127.1.0.9:8080/boot/boot.ipxe"

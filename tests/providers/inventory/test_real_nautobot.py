"""A real Nautobot, filled by its own client library and read by us, which never writes.

Its database takes minutes to migrate, so the test starts none: it asks the one that
AIFACTORY_NAUTOBOT_URL and AIFACTORY_NAUTOBOT_TOKEN name, and takes away what it put there.
"""

from __future__ import annotations

import asyncio
import http.server
import os
import threading
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from aifactory_iac.providers.inventory.drift import Drift, drift
from aifactory_iac.providers.inventory.reader import InventoryError
from aifactory_iac.providers.inventory.reading import Ask, read_inventory
from aifactory_iac.providers.inventory.values import Intended

URL, TOKEN = (os.environ.get(f"AIFACTORY_NAUTOBOT_{name}", "") for name in ("URL", "TOKEN"))
pytestmark = [
    pytest.mark.nautobot,
    pytest.mark.skipif(
        not (URL and TOKEN),
        reason="no Nautobot: set AIFACTORY_NAUTOBOT_URL and AIFACTORY_NAUTOBOT_TOKEN",
    ),
]


@contextmanager
def recording(url: str) -> Iterator[tuple[str, list[str]]]:
    """A proxy that notes the method of everything that passes."""
    methods: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            methods.append(self.command)
            request = urllib.request.Request(
                url + self.path,
                headers={"Authorization": self.headers["Authorization"]},
                method=self.command,
            )
            with urllib.request.urlopen(request, timeout=120) as answer:
                body = answer.read()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", methods
    finally:
        server.shutdown()
        server.server_close()


def filled(theirs, mark):
    """Two devices in a row of a hall, cabled to a switch; gives what is to be deleted again."""
    made = []

    def create(endpoint, **fields):
        record = endpoint.create(**fields)
        made.append(record)
        return record

    active = {"name": "Active"}
    kind = create(
        theirs.dcim.location_types,
        name=f"Hall {mark}", nestable=True, content_types=["dcim.device", "dcim.rack"],
    )  # fmt: skip
    hall = create(theirs.dcim.locations, name=f"hall-{mark}", location_type=kind.id, status=active)
    row = create(
        theirs.dcim.locations,
        name=f"row-{mark}", location_type=kind.id, parent=hall.id, status=active,
    )  # fmt: skip
    maker = create(theirs.dcim.manufacturers, name=f"maker-{mark}")
    model = create(theirs.dcim.device_types, manufacturer=maker.id, model="DGX", u_height=8)
    roles = {
        name: create(theirs.extras.roles, name=f"{name}-{mark}", content_types=["dcim.device"])
        for name in ("gpu", "leaf")
    }
    rack = create(theirs.dcim.racks, name="R01", location=row.id, status=active, u_height=42)
    create(theirs.ipam.prefixes, prefix="10.77.0.0/16", status=active)
    devices = {}
    for number, role in ((1, "gpu"), (2, "gpu"), (3, "leaf")):
        name = f"n{number}-{mark}"
        devices[number] = create(
            theirs.dcim.devices,
            name=name, role=roles[role].id, device_type=model.id, location=row.id, rack=rack.id,
            position=1 + 10 * (number - 1), face="front", serial=f"SN{number}", status=active,
        )  # fmt: skip
    cards = {}
    for number in devices:
        for name, management in (("eno1", False), ("bmc", True)):
            cards[number, name] = create(
                theirs.dcim.interfaces,
                device=devices[number].id, name=name, type="1000base-t", status=active,
                mgmt_only=management, mac_address=f"02:00:00:00:{int(management):02x}:0{number}",
            )  # fmt: skip
            address = create(
                theirs.ipam.ip_addresses,
                address=f"10.77.{int(management)}.{number}/16", status=active,
                namespace={"name": "Global"},
            )  # fmt: skip
            create(
                theirs.ipam.ip_address_to_interface,
                ip_address=address.id, interface=cards[number, name].id,
            )  # fmt: skip
            if not management:
                devices[number].update({"primary_ip4": address.id})
    create(
        theirs.dcim.cables,
        termination_a_type="dcim.interface", termination_a_id=cards[1, "eno1"].id,
        termination_b_type="dcim.interface", termination_b_id=cards[3, "eno1"].id,
        status={"name": "Connected"}, label="C1",
    )  # fmt: skip
    return made


@pytest.fixture(scope="module")
def mark() -> Iterator[str]:
    pynautobot = pytest.importorskip("pynautobot")
    theirs = pynautobot.api(URL, token=TOKEN)
    mark, made = uuid.uuid4().hex[:6], []
    try:
        made = filled(theirs, mark)
        yield mark
    finally:
        for record in reversed(made):
            record.delete()


def read(url, mark, **changed):
    ask = Ask("nautobot", url, TOKEN, (f"HALL-{mark}",))
    return asyncio.run(read_inventory(replace(ask, **changed)))


def test_devices_come_with_the_site_that_was_asked_for_and_only_gets_are_sent(mark):
    with recording(URL) as (url, methods):
        found = read(url, mark)
    assert set(methods) == {"GET"}
    device = found.devices[0]
    assert (device.name, device.site, device.role, device.kind) == (
        f"n1-{mark}", f"hall-{mark}", f"gpu-{mark}", "DGX",
    )  # fmt: skip
    assert (device.rack, device.unit, device.face, device.serial, device.status) == (
        "R01", 1, "front", "SN1", "active",
    )  # fmt: skip
    assert (device.address, device.controller) == ("10.77.0.1", "10.77.1.1")
    assert {name: mac.lower() for name, mac in device.macs.items()} == {"eno1": "02:00:00:00:00:01"}
    assert [each.name for each in found.devices] == [f"n{number}-{mark}" for number in (1, 2, 3)]


def test_cables_come_with_both_ends(mark):
    cable = read(URL, mark).cables[0]
    assert [(end.device, end.interface) for end in cable.ends] == [
        (f"n1-{mark}", "eno1"), (f"n3-{mark}", "eno1"),
    ]  # fmt: skip
    assert (cable.status, cable.label) == ("connected", "C1")


def test_drift_against_it(mark):
    machines = [
        Intended(
            f"n{number}-{mark}", f"hall-{mark}", "gpu", "r01", unit,
            f"10.77.1.{number}", f"10.77.0.{number}",
        )
        for number, unit in ((1, 1), (2, 12))
    ]  # fmt: skip
    report = drift(read(URL, mark), machines)
    assert report.drifts == (Drift("moved", f"n2-{mark}", "r01 U12", "R01 U11"),)
    assert (report.compared, report.aside) == (2, 1)


def test_a_wrong_token_is_refused_once(mark):
    with pytest.raises(InventoryError) as refused:
        read(URL, mark, token="0" * 40)
    assert refused.value.wrong

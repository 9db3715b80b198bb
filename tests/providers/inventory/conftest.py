"""A NetBox of recorded shapes (4.x), which notes everything that it is asked; and a real Nautobot.

What a real NetBox answers to `GET /api/dcim/devices/` and its like, with the fields that are read
and some that are not.
"""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

TOKEN = "0123456789abcdef0123456789abcdef01234567"


def ip(number: int, address: str) -> dict[str, Any]:
    return {"id": number, "display": address, "address": address, "family": {"value": 4}}


def device(number: int, name: str, **changed: Any) -> dict[str, Any]:
    made = {
        "id": number,
        "url": f"http://netbox/api/dcim/devices/{number}/",
        "display": name,
        "name": name,
        "device_type": {"id": 1, "slug": "dgx-h100", "model": "DGX H100",
                        "manufacturer": {"id": 1, "slug": "nvidia"}},
        "role": {"id": 1, "name": "GPU node", "slug": "gpu-node"},
        "tenant": None,
        "serial": f"SN{number:04}",
        "asset_tag": None,
        "site": {"id": 1, "name": "Hall", "slug": "hall"},
        "rack": {"id": number, "name": f"R{number:02}", "display": f"R{number:02}"},
        "position": 3.0,
        "face": {"value": "front", "label": "Front"},
        "status": {"value": "active", "label": "Active"},
        "primary_ip4": ip(100 + number, f"10.1.0.{number}/24"),
        "primary_ip": ip(100 + number, f"10.1.0.{number}/24"),
        "oob_ip": ip(200 + number, f"10.0.0.{number}/24"),
    }  # fmt: skip
    return {**made, **changed}


def interface(number: int, owner: int, name: str, mac: str | None) -> dict[str, Any]:
    return {
        "id": number,
        "device": {"id": owner, "name": f"n{owner:04}"},
        "name": name,
        "type": {"value": "1000base-t", "label": "1000BASE-T (1GE)"},
        "mgmt_only": False,
        "mac_address": mac,
        "primary_mac_address": {"id": number, "mac_address": mac} if mac else None,
    }


def cable(number: int, a: tuple[str, str], b: tuple[str, str]) -> dict[str, Any]:
    def end(device: str, name: str) -> list[dict[str, Any]]:
        found = {"id": 1, "device": {"id": 1, "name": device}, "name": name}
        return [{"object_type": "dcim.interface", "object_id": 1, "object": found}]

    return {
        "id": number, "type": "dac-passive", "label": f"C{number}",
        "status": {"value": "connected", "label": "Connected"},
        "a_terminations": end(*a), "b_terminations": end(*b),
    }  # fmt: skip


@dataclass
class NetBox:
    """What it holds, what it was asked, and what is wrong with it just now."""

    devices: list[dict[str, Any]] = field(default_factory=list)
    interfaces: list[dict[str, Any]] = field(default_factory=list)
    cables: list[dict[str, Any]] = field(default_factory=list)
    locations: list[dict[str, Any]] | None = None
    """Only Nautobot has them."""
    url: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and `Authorization` of every request."""
    most: int = 1000
    """Records of a page, whatever is asked for (`MAX_PAGE_SIZE`)."""
    wrong: Callable[[str, int], tuple[int, dict[str, str], bytes] | None] = lambda _path, _count: (
        None
    )
    slow: float = 0.0

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        lists = {
            "/api/dcim/devices/": self.devices,
            "/api/dcim/interfaces/": self.interfaces,
            "/api/dcim/cables/": self.cables,
            **({} if self.locations is None else {"/api/dcim/locations/": self.locations}),
        }
        if parts.path not in lists:
            return 404, {}, b'{"detail": "No such endpoint"}'
        found = [
            each
            for each in lists[parts.path]
            if "site" not in query or each.get("site", {}).get("slug") in (query["site"], None)
        ]
        limit = min(int(query.get("limit", 50)) or self.most, self.most)
        start = int(query.get("offset", 0))
        after = start + limit
        rest = "&".join(f"{n}={v}" for n, v in query.items() if n not in ("limit", "offset"))
        # A NetBox behind a proxy names itself as it is called inside.
        more = f"http://netbox:8080{parts.path}?{rest}&limit={limit}&offset={after}"
        page = {
            "count": len(found),
            "next": more if after < len(found) else None,
            "previous": None,
            "results": found[start:after],
        }
        return 200, {"API-Version": "4.3"}, json.dumps(page).encode()


@pytest.fixture
def netbox() -> Iterator[NetBox]:
    held = NetBox()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            held.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
            count = sum(path == self.path for _method, path, _token in held.asked)
            time.sleep(held.slow)
            known = self.headers.get("Authorization") in (f"Token {TOKEN}", f"Bearer nbt_{TOKEN}")
            status, headers, body = held.wrong(self.path, count) or (
                held.answer(self.path) if known else (403, {}, b'{"detail": "Invalid token"}')
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    for number in range(1, 4):
        held.devices.append(device(number, f"n{number:04}"))
        held.interfaces.append(
            interface(number * 10, number, "eno1", f"02:00:00:00:00:{number:02X}")
        )
        held.interfaces.append(interface(number * 10 + 1, number, "bond0", None))
    held.cables.append(cable(1, ("n0001", "eno1"), ("leaf01", "swp1")))
    yield held
    server.shutdown()
    server.server_close()

"""One machine of a lab truly boots an installer from its virtual drive, and calls back."""

from __future__ import annotations

import http.server
import json
import ssl
import threading
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest

from aifactory_iac.lab.boot.host_files import found, missing
from aifactory_iac.lab.boot.medium import build
from aifactory_iac.lab.identity import identity

pytestmark = [
    pytest.mark.qemu,
    pytest.mark.slow,  # a kernel boots under software emulation: about six seconds on a free core
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]

HOST = "dgx-su001-n01"


class Shelf:
    """Serves media and takes reports."""

    def __init__(self, root: Path) -> None:
        self.reports: list[dict] = []
        shelf = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=str(root))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shelf.reports.append(json.loads(body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_port

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shelf(tmp_path):
    root = tmp_path / "shelf"
    root.mkdir()
    made = Shelf(root)
    build(root / "agent.iso", f"http://10.0.2.2:{made.port}/report", found())
    yield made
    made.close()


class Controller:
    """A plain Redfish client of one controller of a lab."""

    def __init__(self, document: dict) -> None:
        (secret,) = (place for name, place in document["credentials"].items() if "bmc" in name)
        account = json.loads(Path(secret).read_text())
        both = f"{account['username']}:{account['password']}".encode()
        self.headers = {"Authorization": f"Basic {b64encode(both).decode()}"}
        self.trust = ssl.create_default_context(cafile=document["ca"])
        self.url = document["endpoints"][document["machines"]["hosts"][HOST]]

    def ask(self, method: str, path: str, body: dict | None = None, **headers: str):
        request = urllib.request.Request(
            f"{self.url}{path}", method=method, data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json", **self.headers, **headers},
        )  # fmt: skip
        with urllib.request.urlopen(request, context=self.trust, timeout=20) as answer:
            return json.loads(answer.read() or b"{}"), answer.headers

    def reset(self, kind: str) -> None:
        self.ask(
            "POST", "/redfish/v1/Systems/DGX/Actions/ComputerSystem.Reset", {"ResetType": kind}
        )

    def boot_once_from(self, image: str) -> None:
        """As the DGX wants it: through the settings resource, with the ETag that it has now."""
        self.ask(
            "POST", "/redfish/v1/Managers/BMC/VirtualMedia/CD1/Actions/VirtualMedia.InsertMedia",
            {"Image": image},
        )  # fmt: skip
        _, headers = self.ask("GET", "/redfish/v1/Systems/DGX/SD")
        once = {"BootSourceOverrideTarget": "Cd", "BootSourceOverrideEnabled": "Once"}
        self.ask(
            "PATCH", "/redfish/v1/Systems/DGX/SD", {"Boot": once}, **{"If-Match": headers["ETag"]}
        )

    def power(self) -> str:
        return self.ask("GET", "/redfish/v1/Systems/DGX")[0]["PowerState"]


def done(folder: Path) -> list[str]:
    """What has truly been done, in order."""
    log = folder / "boot" / "boot.log"
    return (
        [json.loads(line)["effect"] for line in log.read_text().splitlines()]
        if log.exists()
        else []
    )


def test_a_machine_boots_an_installer_by_virtual_media_and_calls_back(lab, shelf, until):
    up = lab("up", "superpod-h100", "--limit", "2", "--only", "bmc", "--boot", HOST,
             "--pace", "0.001", "--format", "json")  # fmt: skip
    assert up.code == 0, up.err
    folder, controller = Path(up.json["folder"]), Controller(up.json)
    disk = folder / "boot" / f"{HOST}.disk"
    disk.write_bytes(b"the results of a week of work".ljust(1 << 20, b"\0"))

    # Power alone, without a medium, installs nothing and touches no disk.
    controller.reset("On")
    until(lambda: controller.power() == "On")
    controller.reset("ForceOff")
    until(lambda: controller.power() == "Off")
    assert done(folder) == []
    assert disk.read_bytes().startswith(b"the results of a week of work")

    controller.boot_once_from(f"http://127.0.0.1:{shelf.port}/agent.iso")
    controller.reset("On")
    (report,) = until(lambda: shelf.reports, 60)

    me = identity("superpod-h100", HOST)
    assert (report["serial"], report["uuid"]) == (me.serial, me.uuid)
    assert report["macs"] == [me.macs[0]]
    assert (report["cpus"], report["disk"], report["status"]) == (2, "written", "installed")
    assert report["memoryKib"] > 200_000
    until(lambda: "powered-itself-off" in done(folder))
    assert done(folder) == ["booted", "powered-itself-off"]
    assert disk.read_bytes().startswith(f"aifactory lab: installed on {me.serial}\n".encode())


def test_a_machine_whose_power_is_cut_stops_at_once_and_takes_nothing_along(lab, shelf, until):
    up = lab("up", "superpod-h100", "--limit", "1", "--only", "bmc", "--boot", HOST,
             "--pace", "0.001", "--format", "json")  # fmt: skip
    folder, controller = Path(up.json["folder"]), Controller(up.json)
    controller.boot_once_from(f"http://127.0.0.1:{shelf.port}/agent.iso")
    controller.reset("On")
    until(lambda: done(folder) == ["booted"])
    pid = json.loads((folder / "boot" / "boot.log").read_text())["pid"]
    assert Path(f"/proc/{pid}").exists()
    controller.reset("ForceOff")
    until(lambda: done(folder) == ["booted", "power-cut"])
    assert not Path(f"/proc/{pid}").exists()

    # The medium is still in the drive, so power alone boots it again; the lab's end ends it too.
    controller.reset("On")
    until(lambda: done(folder)[2:] == ["booted"])
    pid = json.loads((folder / "boot" / "boot.log").read_text().splitlines()[-1])["pid"]
    assert lab("down").code == 0
    until(lambda: not Path(f"/proc/{pid}").exists())

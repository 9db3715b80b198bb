"""`aifactory inventory` and `aifactory export --to`: what they print, write and refuse."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from aifactory_iac.api import load
from aifactory_iac.api.machines import intended_machines
from aifactory_iac.report.schemas import schema


def device(number, machine):
    return {
        "id": number,
        "name": machine.name,
        "site": {"slug": machine.site},
        "role": {"slug": "gpu"},
        "rack": {"name": machine.rack},
        "position": machine.unit,
        "serial": f"SN{number}",
        "status": {"value": "active"},
        "primary_ip4": {"address": f"{machine.address}/16"},
        "oob_ip": {"address": f"{machine.controller}/17"},
    }


@pytest.fixture
def netbox(tiny):
    """A NetBox that has the four machines of the small blueprint, and notes what it is asked."""
    machines = intended_machines(load(str(tiny())))
    held = {
        "devices": [device(number, machine) for number, machine in enumerate(machines, 1)],
        "interfaces": [
            {"id": number, "name": "eno1", "device": {"id": number},
             "mac_address": f"02:00:00:00:00:0{number}"}
            for number in range(1, len(machines) + 1)
        ],
        "cables": [],
    }  # fmt: skip
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.command)
            name = self.path.split("?")[0].strip("/").rpartition("/")[2]
            if self.headers.get("Authorization") != "Token t0ken":
                self.send_error(401)
                return
            body = json.dumps({"results": held[name], "next": None}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held["url"] = f"http://127.0.0.1:{server.server_port}"
    held["asked"] = asked
    yield held
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(run, tiny, netbox, monkeypatch):
    monkeypatch.setenv("NETBOX_TOKEN", "t0ken")
    file = tiny()

    def asking(*more):
        return run(
            "inventory", file, "--netbox", netbox["url"], "--token", "env:NETBOX_TOKEN", *more
        )

    return asking


def test_an_inventory_that_agrees(ask, netbox):
    result = ask("--detailed-exitcode")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"No drift: 4 of 4 machines found in {netbox['url']}\n"
    assert set(netbox["asked"]) == {"GET"}


def test_drift_is_a_table_and_an_exit_code_when_asked(ask, netbox):
    netbox["devices"][0]["rack"] = {"name": "R99"}
    netbox["devices"].pop()
    assert ask().code == 0
    result = ask("--detailed-exitcode")
    assert result.code == 5
    lines = result.out.splitlines()
    assert "Not in the inventory (1)" in lines
    assert "In another place (1)" in lines
    assert lines[-1].startswith("Drift: 1 missing, 1 moved; 3 of 4 machines found in ")


def test_drift_as_json_has_the_published_form_and_equal_bytes(ask, netbox):
    netbox["devices"][1]["status"] = {"value": "failed"}
    result = ask("--format", "json")
    jsonschema.Draft202012Validator(schema("inventory")).validate(result.json)
    assert (result.json["kind"], result.json["schemaVersion"]) == ("InventoryDrift", 1)
    assert result.json["counts"]["status"] == 1
    assert result.json["drift"][0]["recorded"] == "failed"
    assert ask("--format", "json").out == result.out


def test_more_than_a_dozen_of_a_kind_are_listed_when_asked(run, tiny, netbox, monkeypatch):
    monkeypatch.setenv("NETBOX_TOKEN", "t0ken")
    file = tiny("count: 4", "count: 20")
    words = ("inventory", file, "--netbox", netbox["url"], "--token", "env:NETBOX_TOKEN")
    netbox["devices"].clear()
    assert "and 8 more; -v lists them" in run(*words).out
    assert "more; -v" not in run(*words, "-v").out


def test_adoption_writes_who_the_machines_are_and_an_export_takes_it(ask, run, tiny, tmp_path):
    file = tmp_path / "machines.yaml"
    result = ask("--adopt", file)
    assert result.err == f"Wrote 4 machines to {file}\n"
    adopted = YAML(typ="safe").load(file.read_text())
    assert next(iter(adopted.values())) == {"serial": "SN1", "macs": ["02:00:00:00:00:01"]}
    with_bmc = tiny(
        "system: dgx-h100, count: 4",
        "system: dgx-h100, count: 4, bmc: {credentials: {secret: env, path: BMC}, tls: site-ca}",
        folder="with-bmc",
    )
    out = tmp_path / "hosts"
    exported = run("export", with_bmc, "--to", "metal3", "--machines", file, "--out", out)
    assert (exported.code, exported.err) == (0, "")
    assert exported.out == (
        f"Wrote 5 files to {out}; {out / 'NOTES.md'} says what is left to do.\n"
    )
    host = YAML(typ="safe").load((out / f"{min(adopted)}.yaml").read_text())
    assert host["spec"]["bootMACAddress"] == "02:00:00:00:00:01"
    again = run("export", with_bmc, "--to", "metal3", "--machines", file, "--out", out)
    assert again.code == 0


def test_machines_that_nobody_knows_are_not_adopted_and_told(ask, netbox, tmp_path):
    netbox["devices"].pop()
    result = ask("--adopt", tmp_path / "machines.yaml")
    assert "is not adopted: is not in the inventory, or without serial number" in result.err


def test_controllers_that_do_not_answer_are_told_by_name(ask, monkeypatch, tmp_path):
    lab = tmp_path / "lab.json"
    machines = {"endpoints": {f"10.0.0.{n}": "http://127.0.0.1:9" for n in range(256)}}
    lab.write_text(json.dumps(machines))
    monkeypatch.setenv("AIFACTORY_LAB", str(lab))
    monkeypatch.setenv("AIFACTORY_STATE_DIR", str(tmp_path))
    monkeypatch.setattr("aifactory_iac.providers.redfish.client.ReadRetries.wait", lambda *_: 0.0)
    monkeypatch.setenv("BMC", "operator:pass")
    result = ask("--controllers", "env:BMC")
    assert result.code == 0
    assert result.err.count(" is not adopted: ") == 4


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ((), 2, "Name one inventory: --netbox URL or --nautobot URL."),
        (
            ("--netbox", "https://a", "--nautobot", "https://b"), 2,
            "Name one inventory: --netbox URL or --nautobot URL.",
        ),
        (("--netbox", "netbox"), 2, "`netbox` is no URL such as https://netbox.example.com."),
        (
            ("--netbox", "http://netbox.example.com"), 2,
            "is plain http, and the token would go over it: use https.",
        ),
        (("--netbox", "https://127.0.0.1:9"), 1, "Error: GET 127.0.0.1:9/api/dcim/devices/: "),
        (
            ("--netbox", "https://a", "--token", "env:NO_SUCH_VARIABLE"), 2,
            "secret env:NO_SUCH_VARIABLE: the environment variable is not set",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_code(run, tiny, monkeypatch, words, code, text):
    monkeypatch.setattr("aifactory_iac.providers.redfish.client.ReadRetries.wait", lambda *_: 0.0)
    result = run("inventory", tiny(), *words)
    assert (result.code, result.out) == (code, "")
    assert text in " ".join(result.err.split())


def test_a_literal_token_is_refused_and_not_repeated(run, tiny):
    secret = "0123456789abcdef0123456789abcdef01234567"
    result = run("inventory", tiny(), "--netbox", "https://a", "--token", secret)
    assert result.code == 2
    assert "it is no reference STORE:PATH" in " ".join(result.err.split())
    assert secret not in result.err


def test_a_refused_token_is_the_users_mistake(run, tiny, netbox, monkeypatch):
    monkeypatch.setenv("NETBOX_TOKEN", "wrong")
    result = run("inventory", tiny(), "--netbox", netbox["url"], "--token", "env:NETBOX_TOKEN")
    assert result.code == 2
    assert "refused the token (401)" in result.err
    assert len(netbox["asked"]) == 1


def test_a_blueprint_without_machines_has_nothing_to_compare(run):
    result = run("inventory", "startup-cloud", "--netbox", "https://a")
    assert (result.code, "has no machines on-prem to compare" in result.err) == (2, True)
    exported = run("export", "startup-cloud", "--to", "warewulf", "--out", "x")
    assert (exported.code, "has no machines on-prem to export" in exported.err) == (2, True)


def test_an_invalid_blueprint_is_refused_before_anybody_is_asked(run, tiny, netbox):
    broken = tiny("count: 4", "count: four")
    assert run("inventory", broken, "--netbox", netbox["url"]).code == 2
    assert netbox["asked"] == []
    big = tiny("count: 4", "count: 400")
    assert run("inventory", big, "--netbox", netbox["url"]).code == 2
    assert run("export", big, "--to", "metal3", "--out", "x").code == 2


def test_an_export_says_everything_that_is_in_its_way(run, tmp_path):
    result = run("export", "superpod-h100", "--to", "metal3", "--out", tmp_path / "x")
    assert (result.code, result.out) == (2, "")
    lines = result.err.splitlines()
    assert lines[0] == (
        "error machines.dgx-su001-n01.macs: are not known, and metal3 knows a machine by one: "
        "adopt it first"
    )
    assert lines[-1] == "superpod-h100 cannot be exported: 127 things are in the way"
    assert not (tmp_path / "x").exists()


def test_an_export_needs_to_know_how_controllers_are_reached(run, tiny, tmp_path):
    result = run("export", tiny(), "--to", "tinkerbell", "--out", tmp_path / "x", "-v")
    assert result.code == 2
    assert "error compute.train.bmc: is required" in result.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- a", "is no mapping of machines to serial, uuid and macs"),
        ("n1: {serail: x}", "n1 has to be a mapping of serial, uuid and macs"),
        ("n1: {macs: aa}", "n1.macs has to be a list of texts"),
        ("n1: [", "cannot be read: while parsing a flow node"),
    ],
)
def test_a_file_of_machines_that_is_none(run, tiny, tmp_path, text, reason):
    file = tmp_path / "m.yaml"
    file.write_text(text)
    result = run("export", tiny(), "--to", "metal3", "--machines", file, "--out", tmp_path / "x")
    assert result.code == 2
    assert reason in " ".join(result.err.split())


def test_an_export_spares_what_it_did_not_write(run, tiny, tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "precious.txt").write_text("mine")
    words = ("export", tiny(), "--to", "warewulf", "--out", out)
    result = run(*words)
    assert result.code == 2
    assert "has other files in it, such as precious.txt" in result.err
    assert run(*words, "--namespace", "Not A Name").code == 2
    assert [each.name for each in Path(out).iterdir()] == ["precious.txt"]

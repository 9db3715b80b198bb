"""`python -m aifactory_iac.providers.provisioning FOLDER` as a process of its own."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aifactory_iac.providers.provisioning.__main__ import _piped, main

COMMAND = [sys.executable, "-m", "aifactory_iac.providers.provisioning"]


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        for pipe in (running.stdin, running.stdout, running.stderr):
            pipe.close()


def ready(running: subprocess.Popen[str]) -> str:
    word, url = running.stdout.readline().split()
    assert word == "ready"
    return url


def get(url: str, context: ssl.SSLContext | None = None) -> str:
    with urllib.request.urlopen(url, timeout=10, context=context) as answer:
        return answer.read().decode()


def test_it_serves_until_it_is_told_to_stop(folder, seeds, wanted):
    with process(str(folder.path)) as running:
        url = ready(running)
        assert json.loads(folder.running.read_text()) == {"url": url, "pid": running.pid}
        published = seeds.publish(wanted())
        # The provider's clock stands in the past here, so only what never expires is asked for.
        assert json.loads(get(f"{url}/m/{published.token}/called"))["ready"] is None
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        assert not folder.running.exists()
        assert published.token not in running.stderr.read()


def test_it_ends_with_who_started_it(folder):
    with process(str(folder.path)) as running:
        ready(running)
        running.stdin.write("more\n")
        running.stdin.close()
        assert running.wait(20) == 0


def test_a_folder_that_is_served_already_is_not_served_again(folder):
    with process(str(folder.path)) as first:
        ready(first)
        done = subprocess.run(
            [*COMMAND, str(folder.path)], capture_output=True, text=True, timeout=30, input=""
        )
        assert done.returncode == 1
        said = f"provisioning: {folder.path} is served by another process already\n"
        assert (done.stdout, done.stderr) == ("", said)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (tmp_path / "k.pem").write_bytes(private)
    return tmp_path / "c.pem", tmp_path / "k.pem"


def test_with_a_certificate_it_is_https(folder, certificate):
    listed, key = certificate
    options = ["--listen", "localhost:0", "--certificate", str(listed), "--key", str(key)]
    with process(str(folder.path), *options) as running:
        url = ready(running)
        assert url.startswith("https://localhost:")
        trusted = ssl.create_default_context(cafile=listed)
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(f"{url}/boot/boot.ipxe", trusted)
        assert refused.value.code == 404


def test_an_address_that_it_cannot_listen_on_is_said(folder):
    done = subprocess.run(
        [*COMMAND, str(folder.path), "--listen", "192.0.2.1:80"],
        capture_output=True,
        text=True,
        timeout=30,
        input="",
    )
    assert done.returncode == 1
    assert done.stderr.startswith("provisioning: ")
    assert "Traceback" not in done.stderr


def test_in_this_process(folder, certificate, monkeypatch, capsys):
    """As above, but seen from within: it says that it is ready, and ends with its input."""
    reading, writing = os.pipe()
    os.close(writing)
    listed, key = certificate
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        options = ["--listen", "127.0.0.1:0", "--certificate", str(listed), "--key", str(key)]
        assert main([str(folder.path), *options]) == 0
    assert capsys.readouterr().out.startswith("ready https://127.0.0.1:")
    assert not folder.running.exists()


def test_a_terminal_says_nothing_about_its_end(monkeypatch):
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        assert _piped() is False
    assert _piped() is False


def test_what_cannot_be_served_is_said(folder, capsys):
    assert main([str(folder.path), "--listen", "192.0.2.1:80"]) == 1
    assert capsys.readouterr().err.startswith("provisioning: ")

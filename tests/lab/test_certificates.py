"""A lab's own authority: clients that trust it reach its servers, and nobody else's."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading

import pytest
from cryptography import x509

from aifactory_iac.lab.certificates import DAYS, Authority

NOW = dt.datetime.now(tz=dt.UTC)


@pytest.fixture
def server(tmp_path):
    """A TLS server with a certificate of the authority given; gives its port."""
    stops = []

    def serving(authority: Authority) -> int:
        issued = authority.issue("server", ("10.0.0.4", "node.example"))
        (tmp_path / "server.pem").write_text(issued.certificate)
        (tmp_path / "server.key").write_text(issued.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
        listening = socket.create_server(("127.0.0.1", 0))
        stops.append(listening)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                    context.wrap_socket(connection, server_side=True).close()
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        return listening.getsockname()[1]

    yield serving
    for each in stops:
        each.close()


def connect(port: int, authority: Authority, name: str) -> None:
    context = ssl.create_default_context(cadata=authority.certificate)
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=name),
    ):
        pass


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "10.0.0.4", "node.example"])
def test_whoever_trusts_the_authority_reaches_the_server(server, name):
    authority = Authority("lab", NOW)
    connect(server(authority), authority, name)


def test_under_another_name_it_is_not_reached(server):
    authority = Authority("lab", NOW)
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(server(authority), authority, "other.example")


def test_another_labs_authority_is_not_trusted(server):
    with pytest.raises(ssl.SSLCertVerificationError):
        connect(server(Authority("lab", NOW)), Authority("lab", NOW), "127.0.0.1")


def test_a_certificate_says_what_it_is_for_and_for_how_long():
    authority = Authority("x" * 100, NOW)
    issued = x509.load_pem_x509_certificate(
        authority.issue("s", ("10.0.0.4",)).certificate.encode()
    )
    root = x509.load_pem_x509_certificate(authority.certificate.encode())
    names = issued.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ipaddress.ip_address("10.0.0.4") in names.get_values_for_type(x509.IPAddress)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not issued.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert issued.not_valid_before_utc <= NOW <= issued.not_valid_after_utc
    assert (issued.not_valid_after_utc - NOW).days in (DAYS - 1, DAYS)
    issued.verify_directly_issued_by(root)


def test_a_private_key_is_not_shown_by_accident():
    assert "PRIVATE" not in repr(Authority("lab", NOW).issue("s"))

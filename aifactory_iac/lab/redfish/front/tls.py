"""Certificates of the lab: contexts to serve with, and an authority of its own for tests."""

from __future__ import annotations

import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from aifactory_iac.lab.redfish.spec import Tls


def context(tls: Tls) -> ssl.SSLContext:
    """A server's context. Raises `OSError` when the files are no certificate and key."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_cert_chain(tls.cert, tls.key)
    return made


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that a folder keeps."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path
    """PEM file that clients trust."""

    def issue(
        self,
        folder: Path,
        name: str,
        *,
        hosts: tuple[str, ...] = ("127.0.0.1", "localhost"),
        days: tuple[int, int] = (-1, 30),
    ) -> Tls:
        """A server's certificate, valid from and until so many days from now, written as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(
            name, key, self.certificate.subject, self.key, hosts=hosts, days=days
        )
        return Tls(
            str(_write(folder / f"{name}.pem", _pem(certificate))),
            str(_write(folder / f"{name}.key", _key_pem(key))),
            str(self.path),
            str(self.path.with_suffix(".key")),
        )


def authority(folder: Path, name: str = "lab-ca") -> Authority:
    """A new authority, its certificate in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = _certificate(name, key, subject, key, hosts=(), days=(-1, 30))
    _write(folder / f"{name}.key", _key_pem(key))
    return Authority(certificate, key, _write(folder / f"{name}.pem", _pem(certificate)))


def _kept(tls: Tls, folder: Path) -> Authority:
    """The authority of a fleet where its key is known, else one that nobody trusts."""
    if tls.authority_cert is None or tls.authority_key is None:
        return authority(folder, "nobody-knows-me")
    path = Path(tls.authority_cert)
    key = serialization.load_pem_private_key(Path(tls.authority_key).read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return authority(folder, "nobody-knows-me")
    return Authority(x509.load_pem_x509_certificate(path.read_bytes()), key, path)


def spoilt(folder: Path, tls: Tls, problem: str) -> Tls:
    """A server's certificate with a problem: expired, of another host, of an unknown authority."""
    if problem == "expired":
        return _kept(tls, folder).issue(folder, "expired", days=(-60, -30))
    if problem == "wrong-host":
        return _kept(tls, folder).issue(folder, "wrong-host", hosts=("another-host.invalid",))
    return authority(folder, "nobody-knows-me").issue(folder, "stranger")


def context_of(certificate: str, key: str) -> ssl.SSLContext:
    """A server's context of PEM texts. Raises `OSError` when they do not fit."""
    with tempfile.TemporaryDirectory(prefix="redfish-lab-") as folder:
        cert_path = _write(Path(folder) / "c.pem", certificate.encode())
        key_path = _write(Path(folder) / "k.pem", key.encode())
        return context(Tls(str(cert_path), str(key_path)))


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    hosts: tuple[str, ...],
    days: tuple[int, int],
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if hosts:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    else:
        builder = builder.add_extension(_SIGNS, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path

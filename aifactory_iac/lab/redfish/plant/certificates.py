"""The controller's own certificate: shown, asked for with a request, and replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aifactory_iac.lab.redfish.plant.refusal import RefusalError, missing
from aifactory_iac.lab.redfish.plant.state import Machine


@dataclass(frozen=True, slots=True)
class Shown:
    """What a certificate says."""

    subject: str
    issuer: str
    serial: str
    not_before: str
    not_after: str


def shown(pem: str) -> Shown:
    """Facts of the first certificate of a chain. Raises `ValueError`."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return Shown(
        _common_name(certificate.subject),
        _common_name(certificate.issuer),
        f"{certificate.serial_number:x}",
        certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
        certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def request(machine: Machine, wish: Mapping[str, Any]) -> str:
    """A signing request for a new key, which waits for its certificate. Raises `RefusalError`."""
    if "CommonName" not in wish:
        raise missing("CommonName")
    key = ec.generate_private_key(ec.SECP256R1())
    machine.pending_key = _key_pem(key)
    names = [str(name) for name in wish.get("AlternativeNames") or [wish["CommonName"]]]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(wish["CommonName"]))])
    made = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(subject)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    machine.effect("csr-made", subject=str(wish["CommonName"]))
    return made.public_bytes(serialization.Encoding.PEM).decode()


def replace(machine: Machine, text: str) -> None:
    """A new certificate, for the key that comes with it or for the one that waits for it.

    Raises:
        RefusalError: It is no certificate, or of another key.
    """
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        raise _no_certificate("is not a PEM certificate") from None
    key = _own_key(text) or machine.pending_key or machine.private_key
    if key is None or not _belongs(certificate, key):
        raise _no_certificate("does not belong to the key of this controller")
    machine.certificate, machine.private_key, machine.pending_key = text, key, None
    machine.present(text, key)
    machine.effect("certificate-replaced", subject=_common_name(certificate.subject))


def _own_key(text: str) -> str | None:
    start = text.find("-----BEGIN PRIVATE KEY-----")
    if start < 0:
        start = text.find("-----BEGIN EC PRIVATE KEY-----")
    return text[start:] if start >= 0 else None


def _belongs(certificate: x509.Certificate, key_pem: str) -> bool:
    try:
        key = serialization.load_pem_private_key(key_pem.encode(), None)
    except (ValueError, TypeError):
        return False
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    der = serialization.Encoding.DER
    mine = key.public_key().public_bytes(der, spki)
    return certificate.public_key().public_bytes(der, spki) == mine


def _no_certificate(why: str) -> RefusalError:
    return RefusalError(
        400,
        "ActionParameterValueError",
        f"The value for the parameter CertificateString in the action ReplaceCertificate is "
        f"invalid: it {why}.",
        about=("#/CertificateString",),
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()

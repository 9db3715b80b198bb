"""TLS of the controllers: verified, replaced, and bad on purpose."""

from __future__ import annotations

import ssl
import urllib.error
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from aifactory_iac.lab.redfish.faults.reading import Faults, named
from aifactory_iac.lab.redfish.fleet import trusting
from aifactory_iac.lab.redfish.front.tls import authority

OWN = "/redfish/v1/Managers/Manager.1/NetworkProtocol/HTTPS/Certificates/1"
SERVICE = "/redfish/v1/CertificateService/Actions/CertificateService"


def _replace(client: Any, text: str, **other: Any) -> Any:
    body = {
        "CertificateString": text,
        "CertificateType": "PEM",
        "CertificateUri": {"@odata.id": OWN},
    }
    return client("POST", f"{SERVICE}.ReplaceCertificate", body | other)


def _complaint(client: Any) -> str:
    with pytest.raises(urllib.error.URLError) as caught:
        client("GET", "/redfish/v1")
    assert isinstance(caught.value.reason, ssl.SSLCertVerificationError)
    return str(caught.value.reason.verify_message).rstrip(".")


def test_a_client_that_trusts_the_lab_is_served_and_another_is_not(
    plant: Any, tmp_path: Path
) -> None:
    lab = plant(folder=tmp_path)

    assert lab.client().get("/redfish/v1")["Vendor"] == "Contoso"
    stranger = lab.client()
    stranger.context = ssl.create_default_context()
    assert _complaint(stranger) == "unable to get local issuer certificate"


def test_the_certificate_is_shown_without_its_key(plant: Any, tmp_path: Path) -> None:
    client = plant(folder=tmp_path).client()
    told = client.get(OWN)

    assert (told["Subject"]["CommonName"], told["Issuer"]["CommonName"]) == ("bmc", "lab-ca")
    assert "PRIVATE" not in told["CertificateString"]
    locations = client.get("/redfish/v1/CertificateService/CertificateLocations")
    assert locations["Links"]["Certificates"] == [{"@odata.id": OWN}]


def test_one_with_its_own_key_is_taken_and_used_at_once(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    (tmp_path / "site").mkdir()
    site = authority(tmp_path / "site", "site-ca")
    made = site.issue(tmp_path / "site", "n0001-bmc")
    text = Path(made.cert).read_text() + Path(made.key).read_text()
    client = lab.client()

    assert _replace(client, text).status == 204
    assert _complaint(client) == "unable to get local issuer certificate"
    client.context = trusting(str(site.path))
    assert client.get(OWN)["Subject"]["CommonName"] == "n0001-bmc"
    assert lab.effects() == ["certificate-replaced"]
    assert "PRIVATE" not in str(lab.fleet.records)


def test_one_for_a_signing_request_is_taken(plant: Any, tmp_path: Path) -> None:
    lab = plant(folder=tmp_path)
    client = lab.client()
    asked = client("POST", f"{SERVICE}.GenerateCSR", {"CommonName": "n0001-bmc"})
    request = x509.load_pem_x509_csr(asked.body["CSRString"].encode())
    (tmp_path / "site").mkdir()
    site = authority(tmp_path / "site", "site-ca")
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(site.certificate.subject)
        .public_key(request.public_key())
        .serial_number(7)
        .not_valid_before(site.certificate.not_valid_before_utc)
        .not_valid_after(site.certificate.not_valid_after_utc)
    )
    signed = builder.sign(site.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    assert _replace(client, signed.decode()).status == 204
    assert lab.effects() == ["csr-made", "certificate-replaced"]
    client.context = trusting(str(site.path))
    client.context.check_hostname = False
    assert client.get(OWN)["SerialNumber"] == "7"


def _foreign() -> str:
    """A certificate of a key that the controller does not have."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("text", "other", "status", "message"),
    [
        ("no certificate", {}, 400, "ActionParameterValueError"),
        (_foreign(), {}, 400, "ActionParameterValueError"),
        (
            _foreign() + "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n",
            {},
            400,
            "ActionParameterValueError",
        ),
        (_foreign(), {"CertificateType": "PKCS7"}, 400, "PropertyValueNotInList"),
        (_foreign(), {"CertificateUri": {"@odata.id": "/elsewhere"}}, 404, "ResourceNotFound"),
        (_foreign(), {"Extra": 1}, 400, "PropertyUnknown"),
    ],
)
def test_what_does_not_fit_is_refused(
    plant: Any, tmp_path: Path, text: str, other: Any, status: int, message: str
) -> None:
    lab = plant(folder=tmp_path)
    told = _replace(lab.client(), text, **other)

    assert (told.status, told.message) == (status, message)
    assert lab.effects() == []


def test_actions_say_what_they_miss(plant: Any, tmp_path: Path) -> None:
    client = plant(folder=tmp_path).client()

    assert client("POST", f"{SERVICE}.GenerateCSR", {}).message == "PropertyMissing"
    assert client("POST", f"{SERVICE}.ReplaceCertificate", {}).message == "PropertyMissing"


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("certificate-expired", "certificate has expired"),
        (
            "certificate-of-another-host",
            "IP address mismatch, certificate is not valid for '127.0.0.1'",
        ),
        ("certificate-of-unknown-authority", "unable to get local issuer certificate"),
    ],
)
def test_bad_ones_are_bad_in_the_way_they_say_and_go_away(
    plant: Any, tmp_path: Path, fault: str, complaint: str
) -> None:
    lab = plant(folder=tmp_path, count=2)
    lab.fleet.use(named(fault, machine="n0001"))

    assert _complaint(lab.client()) == complaint
    assert lab.client("n0002").get("/redfish/v1")["Vendor"] == "Contoso"
    assert next(r for r in lab.fleet.records if r["kind"] == "request")["machine"] == "n0002"
    lab.fleet.use(Faults())
    assert lab.client().get("/redfish/v1")["Vendor"] == "Contoso"

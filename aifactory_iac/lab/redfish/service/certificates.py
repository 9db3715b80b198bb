"""CertificateService, and the certificate that HTTPS answers with."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant import certificates
from aifactory_iac.lab.redfish.plant.refusal import missing, not_found, not_in_list
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.bodies import only
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import MANAGERS
from aifactory_iac.lab.redfish.service.router import Route

_SERVICE = "/redfish/v1/CertificateService"
_REPLACE = f"{_SERVICE}/Actions/CertificateService.ReplaceCertificate"
_REQUEST = f"{_SERVICE}/Actions/CertificateService.GenerateCSR"
_CSR_FIELDS = {
    "CommonName",
    "AlternativeNames",
    "Country",
    "State",
    "City",
    "Organization",
    "OrganizationalUnit",
    "KeyPairAlgorithm",
    "KeyCurveId",
    "KeyUsage",
    "CertificateCollection",
}


def _collection_path(machine: Machine) -> str:
    return f"{MANAGERS}/{machine.model.managers[0].id}/NetworkProtocol/HTTPS/Certificates"


def _service(_machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return resource(
        _SERVICE,
        "CertificateService.v1_0_5",
        "Certificate Service",
        CertificateLocations=link(f"{_SERVICE}/CertificateLocations"),
        Actions={
            "#CertificateService.ReplaceCertificate": {"target": _REPLACE},
            "#CertificateService.GenerateCSR": {"target": _REQUEST},
        },
    )


def _locations(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    own = [link(f"{_collection_path(machine)}/1")] if machine.certificate else []
    return resource(
        f"{_SERVICE}/CertificateLocations",
        "CertificateLocations.v1_0_3",
        "Certificate Locations",
        Links={"Certificates": own},
    )


def _is_ours(machine: Machine, request: Request) -> str:
    path = _collection_path(machine)
    if not request.path.startswith(path):
        raise not_found("CertificateCollection", request.path)
    return path


def _list(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    members = ["1"] if machine.certificate else []
    path = _is_ours(machine, request)
    return collection(path, "Certificate", "HTTPS Certificates Collection", members)


def _get(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    path = _is_ours(machine, request)
    if names["certificate"] != "1" or machine.certificate is None:
        raise not_found("Certificate", names["certificate"])
    facts = certificates.shown(machine.certificate)
    return resource(
        f"{path}/1",
        "Certificate.v1_8_3",
        "HTTPS Certificate",
        CertificateString=_without_key(machine.certificate),
        CertificateType="PEM",
        Subject={"CommonName": facts.subject},
        Issuer={"CommonName": facts.issuer},
        SerialNumber=facts.serial,
        ValidNotBefore=facts.not_before,
        ValidNotAfter=facts.not_after,
    )


def _without_key(pem: str) -> str:
    end = pem.rfind("-----END CERTIFICATE-----")
    return pem[: end + len("-----END CERTIFICATE-----")] + "\n"


def _replace(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    document = request.document()
    only(document, {"CertificateString", "CertificateType", "CertificateUri"})
    for name in ("CertificateString", "CertificateType", "CertificateUri"):
        if name not in document:
            raise missing(name)
    if document["CertificateType"] not in ("PEM", "PEMchain"):
        raise not_in_list(document["CertificateType"], "CertificateType")
    uri = document["CertificateUri"]
    named = uri.get("@odata.id") if isinstance(uri, dict) else uri
    if named != f"{_collection_path(machine)}/1":
        raise not_found("Certificate", str(named))
    certificates.replace(machine, str(document["CertificateString"]))
    return DONE


def _generate(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    document = request.document()
    only(document, _CSR_FIELDS)
    text = certificates.request(machine, document)
    path = _collection_path(machine)
    return Answer(body={"CertificateCollection": link(path), "CSRString": text})


_CERTIFICATES = f"{MANAGERS}/{{manager}}/NetworkProtocol/HTTPS/Certificates"
ROUTES = (
    Route("GET", _SERVICE, _service),
    Route("GET", f"{_SERVICE}/CertificateLocations", _locations),
    Route("POST", _REPLACE, _replace),
    Route("POST", _REQUEST, _generate),
    Route("GET", _CERTIFICATES, _list),
    Route("GET", f"{_CERTIFICATES}/{{certificate}}", _get),
)

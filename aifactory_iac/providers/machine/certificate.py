"""The certificate that a controller answers with: replaced once, and seen on the wire."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from urllib.parse import urlsplit

from aifactory_iac.providers.machine.access import AccessError
from aifactory_iac.providers.machine.look import members
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.outcome import MissingError, RedfishError, RejectedError
from aifactory_iac.providers.surroundings import Clock

_SERVICE = "/redfish/v1/CertificateService"
LOOKS, BETWEEN = 20, 3.0
"""Looks at the wire after a replacement, and seconds between them: a web server restarts."""


def fingerprint(pem: str) -> str:
    """SHA-256 of the first certificate in a PEM text. Raises `AccessError` when there is none."""
    end = "-----END CERTIFICATE-----"
    start = pem.find("-----BEGIN CERTIFICATE-----")
    if start < 0 or end not in pem:
        raise AccessError("the secret of the certificate holds none in PEM")
    first = pem[start : pem.index(end) + len(end)] + "\n"
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()


async def served(base: str) -> str:
    """SHA-256 of the certificate that a URL answers with; empty when nobody answers.

    Nothing is trusted by this: it only looks.
    """
    parts = urlsplit(base)
    place = (parts.hostname or "", parts.port or 443)
    try:
        pem = await asyncio.to_thread(ssl.get_server_certificate, place, timeout=10)
    except (OSError, ssl.SSLError, ValueError):
        return ""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


async def bring(client: RedfishClient, pem: str, clock: Clock) -> str:
    """Replaces the certificate unless it is served already; its fingerprint.

    Raises:
        AccessError: The controller has no certificate service, refuses, or serves another one.
        RedfishError: The controller could not be asked.
    """
    wanted = fingerprint(pem)
    if await served(client.base) == wanted:
        return wanted
    try:
        service = (await client.get(_SERVICE)).body
    except MissingError:
        raise AccessError("its controller has no certificate service") from None
    action = (service.get("Actions") or {}).get("#CertificateService.ReplaceCertificate") or {}
    body = {
        "CertificateString": pem,
        "CertificateType": "PEM",
        "CertificateUri": {"@odata.id": await _https_certificate(client)},
    }
    try:
        await client.post(str(action.get("target")), body)
    except RejectedError as error:
        raise AccessError(f"its controller refuses the certificate: {error.reason}") from None
    except RedfishError as error:
        if error.happened == "no":
            raise
    for _ in range(LOOKS):
        if await served(client.base) == wanted:
            return wanted
        await clock.sleep(BETWEEN)
    raise AccessError("its controller took the certificate and answers with another one")


async def _https_certificate(client: RedfishClient) -> str:
    """Path of the certificate of the controller's own web server."""
    for manager in members(await client.get("/redfish/v1/Managers")):
        protocol = (await client.get(manager)).body.get("NetworkProtocol") or {}
        if "@odata.id" not in protocol:
            continue
        place = f"{str(protocol['@odata.id']).rstrip('/')}/HTTPS/Certificates"
        try:
            found = members(await client.get(place))
        except MissingError:
            continue
        return found[0] if found else f"{place}/1"
    raise AccessError("its controller shows no certificate of its web server")

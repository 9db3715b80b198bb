"""Whatever is sent, a controller answers in Redfish, and the lab itself never breaks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aifactory_iac.lab.redfish.agenda import HandClock
from aifactory_iac.lab.redfish.fleet import Fleet
from aifactory_iac.lab.redfish.model import names
from aifactory_iac.lab.redfish.numbered import fleet_of, machine
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Request, Upload

SYSTEMS = ("System.1", "DGX", "System_0", "System.Embedded.1", "1", "system", "HGX_Baseboard_0")
PATHS = (
    "",
    "/redfish/v1",
    "/redfish/v1/SessionService/Sessions",
    "/redfish/v1/AccountService/Accounts",
    "/redfish/v1/AccountService/Accounts/1",
    "/redfish/v1/UpdateService/Actions/UpdateService.SimpleUpdate",
    "/redfish/v1/UpdateService/update-multipart",
    "/redfish/v1/CertificateService/Actions/CertificateService.GenerateCSR",
    "/redfish/v1/CertificateService/Actions/CertificateService.ReplaceCertificate",
    "/redfish/v1/Chassis/DGX/Actions/Chassis.Reset",
    "/redfish/v1/Chassis/BMC_0/Actions/Oem/NvidiaChassis.AuxPowerReset",
    "/redfish/v1/Managers/BMC/Actions/Manager.Reset",
    "/redfish/v1/Managers/BMC/VirtualMedia/CD1/Actions/VirtualMedia.InsertMedia",
    *(f"/redfish/v1/Systems/{system}" for system in SYSTEMS),
    *(f"/redfish/v1/Systems/{system}/SD" for system in SYSTEMS),
    *(f"/redfish/v1/Systems/{system}/Settings" for system in SYSTEMS),
    *(f"/redfish/v1/Systems/{system}/Bios/Settings" for system in SYSTEMS),
    *(f"/redfish/v1/Systems/{system}/SecureBoot" for system in SYSTEMS),
    *(f"/redfish/v1/Systems/{system}/Actions/ComputerSystem.Reset" for system in SYSTEMS),
)
KEYS = (
    "Boot", "BootOrder", "BootSourceOverrideTarget", "HttpBootUri", "Attributes", "ResetType",
    "UserName", "Password", "RoleId", "Enabled", "Locked", "ImageURI", "Targets", "Image",
    "CommonName", "AlternativeNames", "CertificateString", "CertificateType", "CertificateUri",
    "SecureBootEnable", "IndicatorLED", "@Redfish.SettingsApplyTime", "UpdateParameters",
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(
        ["On", "PowerCycle", "ForceRestart", "PEM", "Administrator", "http://x/y-1.2", "OnReset"]
    ),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    """One machine of each make, in time by hand."""
    machines = tuple(machine(n, model=model) for n, model in enumerate(names(), 1))
    with Fleet(replace(fleet_of(0), machines=machines), HandClock()) as running:
        yield running


def _answer(fleet: Fleet, number: int, request: Request) -> Any:
    machine: Machine = list(fleet.machines.values())[number]

    def ask() -> Any:
        account = next(iter(machine.accounts.values()))
        account.enabled, account.role, account.locked_until = True, "Administrator", 0.0
        pair = f"{account.username}:{account.password}".encode()
        request.headers = {
            "authorization": "Basic " + base64.b64encode(pair).decode(),
            "if-match": "*",
        }
        return fleet._running().front.reception.answer(machine, request)

    return fleet.call(ask)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    number=st.integers(0, len(names()) - 1),
    method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "BREW"]),
    path=st.sampled_from(PATHS),
    body=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=3) | VALUES,
    raw=st.none() | st.binary(max_size=5),
)
def test_any_body_at_any_path_gets_a_redfish_answer(
    fleet: Fleet, number: int, method: str, path: str, body: Any, raw: bytes | None
) -> None:
    content = raw if raw is not None else json.dumps(body).encode()
    status, _headers, text = _answer(fleet, number, Request(method, path, {}, content))

    assert status < 500 or status == 503, text
    if status >= 400:
        assert json.loads(text)["error"]["@Message.ExtendedInfo"]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    parts=st.lists(
        st.builds(
            Upload,
            st.sampled_from(["UpdateFile", "UpdateParameters", "Other"]),
            st.sampled_from([b"{}", b"[]", b'{"Targets": 3}', b'{"Targets": ["BIOS"]}', b"\xff"]),
            st.none() | st.text(max_size=6),
        ),
        max_size=3,
    )
)
def test_any_upload_too(fleet: Fleet, parts: list[Upload]) -> None:
    request = Request("POST", "/redfish/v1/UpdateService/update-multipart", {}, parts=parts)
    status, _headers, _text = _answer(fleet, 3, request)
    assert status in (202, 400, 503)

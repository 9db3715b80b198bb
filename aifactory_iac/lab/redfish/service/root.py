"""The service root and what stands beside it; all of it is for everyone."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Answer, Request, link, resource
from aifactory_iac.lab.redfish.service.router import Route

ROOT = "/redfish/v1"
_SERVICES = (
    "Systems",
    "Managers",
    "Chassis",
    "SessionService",
    "AccountService",
    "UpdateService",
    "CertificateService",
    "Registries",
)


def _versions(_machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return Answer(body={"v1": f"{ROOT}/"})


def _root(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    model = machine.model
    answer = resource(
        ROOT,
        "ServiceRoot.v1_15_0",
        "Root Service",
        RedfishVersion=model.redfish,
        UUID=machine.controller_uuid("controller"),
        Vendor=model.vendor,
        Product=model.product,
        Tasks=link(f"{ROOT}/TaskService"),
        Links={"Sessions": link(f"{ROOT}/SessionService/Sessions")},
        ProtocolFeaturesSupported={
            "ExpandQuery": {"ExpandAll": False, "Levels": False, "Links": False, "NoLinks": False},
            "FilterQuery": False,
            "SelectQuery": False,
        },
        **{name: link(f"{ROOT}/{name}") for name in _SERVICES},
    )
    return Answer(body={**(answer.body or {}), "Id": "RootService"})


def _odata(_machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return Answer(
        body={
            "@odata.context": f"{ROOT}/$metadata",
            "value": [
                {"name": name, "kind": "Singleton", "url": f"{ROOT}/{name}"}
                for name in ("Service", *_SERVICES)
            ],
        }
    )


ROUTES = (
    Route("GET", "/redfish", _versions, anonymous=True),
    Route("GET", ROOT, _root, anonymous=True),
    Route("GET", f"{ROOT}/odata", _odata, anonymous=True),
)

"""BIOS: attributes that are in force, those that wait, and the registry that explains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.plant import bios, tasks
from aifactory_iac.lab.redfish.plant.refusal import RefusalError, missing, not_found, not_in_list
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.bodies import only
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    refused,
    resource,
)
from aifactory_iac.lab.redfish.service.paths import SYSTEMS, host_of
from aifactory_iac.lab.redfish.service.router import Route

_REGISTRIES = "/redfish/v1/Registries"
_APPLY_TIMES = ("OnReset",)


def _path(machine: Machine) -> str:
    return f"{SYSTEMS}/{machine.model.host.id}/Bios"


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    host_of(machine, names)
    path = _path(machine)
    return resource(
        path,
        "Bios.v1_2_1",
        "BIOS Configuration Current Settings",
        AttributeRegistry=bios.registry_name(machine),
        Attributes=dict(machine.host.bios),
        Actions={"#Bios.ResetBios": {"target": f"{path}/Actions/Bios.ResetBios"}},
        **{
            "@Redfish.Settings": {
                "@odata.type": "#Settings.v1_3_5.Settings",
                "SettingsObject": link(f"{path}/{machine.model.settings}"),
                "SupportedApplyTimes": ["OnReset"],
            }
        },
    )


def _named(machine: Machine, names: Mapping[str, str]) -> str:
    host_of(machine, names)
    if names["settings"] != machine.model.settings:
        raise not_found("Resource", names["settings"])
    return f"{_path(machine)}/{machine.model.settings}"


def _get_settings(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    path = _named(machine, names)
    return resource(
        path,
        "Bios.v1_2_1",
        "BIOS Configuration Pending Settings",
        AttributeRegistry=bios.registry_name(machine),
        Attributes=dict(machine.host.pending_bios),
    )


def _patch_settings(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    _named(machine, names)
    document = request.document()
    only(document, {"Attributes"})
    if "Attributes" not in document:
        raise missing("Attributes")
    scheduled = _scheduled(document)
    waits = bios.write(machine, document["Attributes"], scheduled=scheduled)
    if waits and scheduled and machine.model.quirk("bios-waits-for-a-job"):
        return _job(machine)
    if waits and machine.model.quirk("bios-reset-needed-is-told"):
        return Answer(200, refused(_RESET_REQUIRED).body)
    return DONE


def _scheduled(document: Mapping[str, Any]) -> bool:
    """Whether it says when. Raises `RefusalError` for a time that there is not."""
    annotation = document.get("@Redfish.SettingsApplyTime")
    if annotation is None:
        return False
    when = annotation.get("ApplyTime") if isinstance(annotation, dict) else annotation
    if when not in _APPLY_TIMES:
        raise not_in_list(when, "@Redfish.SettingsApplyTime/ApplyTime")
    return True


_RESET_REQUIRED = RefusalError(
    200,
    "ResetRequired",
    "One or more properties were changed, but these changes will not take effect until the system "
    "is reset.",
)


def _job(machine: Machine) -> Answer:
    """A configuration job, which the next boot runs."""
    task = tasks.waiting(machine, "Configure: BIOS.Setup.1-1", "BIOS")
    machine.host.bios_job = task
    return Answer(202, None, {"Location": f"/redfish/v1/TaskService/Tasks/{task.id}"})


def _reset(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    host_of(machine, names)
    bios.to_defaults(machine)
    return DONE


def _registries(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    members = [bios.registry_name(machine)]
    return collection(_REGISTRIES, "MessageRegistryFile", "Registry File Collection", members)


def _registry_file(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    name = _is_ours(machine, names["registry"])
    return resource(
        f"{_REGISTRIES}/{name}",
        "MessageRegistryFile.v1_1_3",
        "BIOS Attribute Registry",
        Registry=name,
        Languages=["en"],
        Location=[{"Language": "en", "Uri": f"{_REGISTRIES}/{name}/Registry"}],
    )


def _registry(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    name = _is_ours(machine, names["registry"])
    return Answer(body={"@odata.id": f"{_REGISTRIES}/{name}/Registry", **bios.registry(machine)})


def _is_ours(machine: Machine, name: str) -> str:
    if name != bios.registry_name(machine):
        raise not_found("MessageRegistryFile", name)
    return name


ROUTES = (
    Route("GET", f"{SYSTEMS}/{{system}}/Bios", _get),
    Route("GET", f"{SYSTEMS}/{{system}}/Bios/{{settings}}", _get_settings),
    Route("PATCH", f"{SYSTEMS}/{{system}}/Bios/{{settings}}", _patch_settings),
    Route("POST", f"{SYSTEMS}/{{system}}/Bios/Actions/Bios.ResetBios", _reset),
    Route("GET", _REGISTRIES, _registries),
    Route("GET", f"{_REGISTRIES}/{{registry}}", _registry_file),
    Route("GET", f"{_REGISTRIES}/{{registry}}/Registry", _registry),
)

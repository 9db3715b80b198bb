"""What everyone may ask for, and what nobody gets without a login."""

from __future__ import annotations

from typing import Any

import pytest

from aifactory_iac.lab.redfish.model import load, names


@pytest.mark.parametrize("path", ["/redfish/v1", "/redfish/v1/"])
def test_the_root_is_for_everyone_with_and_without_a_slash(plant: Any, path: str) -> None:
    told = plant().client(login=None)("GET", path)

    assert told.status == 200
    assert (told.body["Vendor"], told.body["Product"]) == ("Contoso", "Contoso BMC")
    assert told.body["Id"] == "RootService"
    assert told.body["Links"]["Sessions"]["@odata.id"] == "/redfish/v1/SessionService/Sessions"
    assert told.headers["OData-Version"] == "4.0"


def test_versions_and_the_service_document_are_too(plant: Any) -> None:
    client = plant().client(login=None)

    assert client.get("/redfish")["v1"] == "/redfish/v1/"
    assert client.get("/redfish/v1/odata")["@odata.context"] == "/redfish/v1/$metadata"


@pytest.mark.parametrize("model", names())
def test_every_make_names_its_vendor_and_answers_every_link_of_its_root(
    plant: Any, model: str
) -> None:
    client = plant(model=model).client()
    root = client.get("/redfish/v1")

    assert (root["Vendor"], root["Product"]) == (load(model).vendor, load(model).product)
    links = [
        value["@odata.id"]
        for value in root.values()
        if isinstance(value, dict) and "@odata.id" in value
    ]
    assert len(links) == 9
    for link in links:
        assert client("GET", link).status == 200, link


@pytest.mark.parametrize("model", names())
def test_every_link_of_every_make_leads_somewhere(plant: Any, model: str) -> None:
    client = plant(model=model, installed="sha256:aa", power="On").client()
    seen: set[str] = set()
    waiting = ["/redfish/v1"]
    while waiting:
        path = waiting.pop()
        if path in seen or "#" in path:
            continue
        seen.add(path)
        told = client("GET", path)
        assert told.status == 200, path
        assert told.body["@odata.id"].rstrip("/") == path, told.body
        assert told.body["@odata.etag"] == told.headers["ETag"]
        waiting += _links(told.body)
    assert len(seen) > 50


def _links(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["@odata.id"]] if set(value) == {"@odata.id"} else []
        return own + [link for item in value.values() for link in _links(item)]
    if isinstance(value, list):
        return [link for item in value for link in _links(item)]
    return []


@pytest.mark.parametrize(
    "path", ["/redfish/v1/Systems", "/redfish/v1/Nothing", "/redfish/v1/Systems/System.1"]
)
def test_everything_else_needs_a_login_even_what_is_not_there(plant: Any, path: str) -> None:
    told = plant().client(login=None)("GET", path)

    assert (told.status, told.message) == (401, "NoValidSession")
    assert told.headers["WWW-Authenticate"] == 'Basic realm="Redfish"'


@pytest.mark.parametrize("header", ["Bearer abc", "Basic !!!", "Basic " + "YWJj"])
def test_an_authorization_that_is_none_is_refused(plant: Any, header: str) -> None:
    client = plant().client(login=None, headers={"Authorization": header})
    assert client("GET", "/redfish/v1/Systems").status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/redfish/v1/Nothing",
        "/redfish/v1/Systems/Other",
        "/redfish/v1/Systems/System.1/Nothing",
        "/redfish/v1/Systems/System.1/Processors/CPU.9",
        "/redfish/v1/Systems/System.1/EthernetInterfaces/NIC.9",
        "/redfish/v1/Systems/System.1/BootOptions/Boot9999",
        "/redfish/v1/Systems/System.1/Memory/DIMM.99",
        "/redfish/v1/Systems/System.1/Storage/2",
        "/redfish/v1/Systems/System.1/Storage/1/Drives/NVMe.9",
        "/redfish/v1/Systems/System.1/VirtualMedia",
        "/redfish/v1/Systems/System.1/Bios/SD",
        "/redfish/v1/Managers/Other",
        "/redfish/v1/Managers/Manager.1/VirtualMedia/CD9",
        "/redfish/v1/Managers/Manager.1/NetworkProtocol/HTTPS/Certificates/1",
        "/redfish/v1/Chassis/Other",
        "/redfish/v1/AccountService/Accounts/9",
        "/redfish/v1/AccountService/Roles/King",
        "/redfish/v1/SessionService/Sessions/9",
        "/redfish/v1/TaskService/Tasks/9",
        "/redfish/v1/TaskService/TaskMonitors/9",
        "/redfish/v1/UpdateService/FirmwareInventory/Toaster",
        "/redfish/v1/Registries/Other",
        "/redfish/v1/Registries/Other/Registry",
    ],
)
def test_what_is_not_there_is_404_with_a_message(plant: Any, path: str) -> None:
    told = plant().client()("GET", path)
    assert (told.status, told.message) == (404, "ResourceNotFound")


def test_a_method_that_a_resource_has_not_is_405(plant: Any) -> None:
    told = plant().client()("DELETE", "/redfish/v1/Systems/System.1")

    assert (told.status, told.message) == (405, "OperationNotAllowed")
    assert told.headers["Allow"] == "GET, PATCH"


def test_head_is_get_without_a_body(plant: Any) -> None:
    client = plant().client()
    told = client("HEAD", "/redfish/v1/Systems/System.1")

    assert (told.status, told.body) == (200, None)
    assert told.headers["ETag"] == client("GET", "/redfish/v1/Systems/System.1").headers["ETag"]
    assert int(told.headers["Content-Length"]) > 500

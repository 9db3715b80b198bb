"""ETags: the same as long as nothing changed, and a write with a stale one is refused."""

from __future__ import annotations

from typing import Any

SYSTEM = "/redfish/v1/Systems/System.1"
PXE = {"Boot": {"BootSourceOverrideEnabled": "Once", "BootSourceOverrideTarget": "Pxe"}}


def _etag(client: Any, path: str = SYSTEM) -> str:
    return str(client("GET", path).headers["ETag"])


def test_an_etag_stays_until_the_resource_changes(plant: Any) -> None:
    client = plant().client()
    before = _etag(client)

    assert _etag(client) == before
    assert client("PATCH", SYSTEM, PXE).status == 204
    assert _etag(client) != before


def test_a_stale_etag_is_refused_and_nothing_is_written(plant: Any) -> None:
    lab = plant()
    client = lab.client()
    stale = _etag(client)
    client("PATCH", SYSTEM, PXE)

    told = client("PATCH", SYSTEM, {"Boot": {"BootSourceOverrideTarget": "Cd"}}, If_Match=stale)
    assert (told.status, told.message) == (412, "PreconditionFailed")
    assert client.get(SYSTEM)["Boot"]["BootSourceOverrideTarget"] == "Pxe"


def test_the_present_etag_and_the_star_are_taken(plant: Any) -> None:
    client = plant().client()

    assert client("PATCH", SYSTEM, PXE, If_Match=_etag(client)).status == 204
    assert client("PATCH", SYSTEM, PXE, If_Match="*").status == 204


def test_some_makes_insist_on_one(plant: Any) -> None:
    client = plant(model="dgx-h100").client()
    path = "/redfish/v1/Systems/DGX/SD"

    told = client("PATCH", path, PXE)
    assert (told.status, told.body["error"]["code"]) == (428, "Ami.1.0.PreconditionHeaderMissing")
    assert client("PATCH", path, PXE, If_Match=_etag(client, path)).status == 204


def test_what_has_not_changed_need_not_be_sent_again(plant: Any) -> None:
    client = plant().client()

    told = client("GET", SYSTEM, If_None_Match=_etag(client))
    assert (told.status, told.body) == (304, None)


def test_the_time_of_day_does_not_change_an_etag(plant: Any) -> None:
    lab = plant()
    client, path = lab.client(), "/redfish/v1/Managers/Manager.1"
    before = client("GET", path)
    lab.fleet.advance(60)
    after = client("GET", path)

    assert before.body["DateTime"] == "2027-01-15T08:00:00+00:00"
    assert after.body["DateTime"] == "2027-01-15T08:01:00+00:00"
    assert after.headers["ETag"] == before.headers["ETag"]


def test_a_precondition_on_what_cannot_be_read_fails(plant: Any) -> None:
    told = plant().client()("PATCH", "/redfish/v1/AccountService/Accounts/9", {}, If_Match='W/"1"')
    assert told.status == 404

"""SessionService: tokens, and how many of them there may be."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant import access
from aifactory_iac.lab.redfish.plant.refusal import missing, not_found
from aifactory_iac.lab.redfish.plant.state import Machine, Session
from aifactory_iac.lab.redfish.service.exchange import (
    DONE,
    Answer,
    Request,
    collection,
    link,
    refused,
    resource,
)
from aifactory_iac.lab.redfish.service.router import Route

_SERVICE = "/redfish/v1/SessionService"
_SESSIONS = f"{_SERVICE}/Sessions"


def _service(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return resource(
        _SERVICE,
        "SessionService.v1_1_8",
        "Session Service",
        ServiceEnabled=True,
        SessionTimeout=round(machine.model.limits.session_timeout),
        Sessions=link(_SESSIONS),
    )


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    access.expire(machine)
    return collection(_SESSIONS, "Session", "Session Collection", list(machine.sessions))


def _create(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    document = request.document()
    for name in ("UserName", "Password"):
        if not isinstance(document.get(name), str):
            raise missing(name)
    account = access.log_in(machine, document["UserName"], document["Password"])
    session = access.open_session(machine, account)
    body = dict(_body(session).body or {})
    if account.must_change:
        number = next(key for key, value in machine.accounts.items() if value is account)
        told = refused(access.change_first(number)).body or {}
        body["@Message.ExtendedInfo"] = told["error"]["@Message.ExtendedInfo"]
    location = f"{_SESSIONS}/{session.id}"
    return Answer(201, body, {"X-Auth-Token": session.token, "Location": location})


def _body(session: Session) -> Answer:
    return resource(
        f"{_SESSIONS}/{session.id}",
        "Session.v1_5_0",
        "User Session",
        UserName=session.username,
        Password=None,
    )


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    access.expire(machine)
    session = machine.sessions.get(names["session"])
    if session is None:
        raise not_found("Session", names["session"])
    return _body(session)


def _delete(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    access.close_session(machine, names["session"])
    return DONE


ROUTES = (
    Route("GET", _SERVICE, _service),
    Route("GET", _SESSIONS, _list, volatile=True),
    Route("POST", _SESSIONS, _create, anonymous=True),
    Route("POST", f"{_SESSIONS}/Members", _create, anonymous=True),
    Route("GET", f"{_SESSIONS}/{{session}}", _get, volatile=True),
    Route("DELETE", f"{_SESSIONS}/{{session}}", _delete),
)

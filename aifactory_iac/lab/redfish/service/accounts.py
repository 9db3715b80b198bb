"""AccountService."""

from __future__ import annotations

from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant import accounts
from aifactory_iac.lab.redfish.plant.refusal import not_found
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
from aifactory_iac.lab.redfish.service.router import Route

_SERVICE = "/redfish/v1/AccountService"
_ACCOUNTS = f"{_SERVICE}/Accounts"
_ROLES = f"{_SERVICE}/Roles"


def _service(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    limits = machine.model.limits
    return resource(
        _SERVICE,
        "AccountService.v1_15_1",
        "Account Service",
        ServiceEnabled=True,
        AccountLockoutThreshold=limits.lockout_threshold,
        AccountLockoutDuration=round(limits.lockout_seconds),
        MinPasswordLength=limits.password_min_length,
        MaxPasswordLength=64,
        Accounts=link(_ACCOUNTS),
        Roles=link(_ROLES),
    )


def _list(machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return collection(_ACCOUNTS, "ManagerAccount", "Accounts Collection", list(machine.accounts))


def _body(machine: Machine, account_id: str) -> Answer:
    account = accounts.get(machine, account_id)
    return resource(
        f"{_ACCOUNTS}/{account_id}",
        "ManagerAccount.v1_12_1",
        "User Account",
        UserName=account.username,
        Password=None,
        RoleId=account.role,
        Enabled=account.enabled,
        Locked=account.locked_until > machine.now(),
        PasswordChangeRequired=account.must_change,
        AccountTypes=["Redfish"],
        Links={"Role": link(f"{_ROLES}/{account.role}")},
    )


def _get(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    return _body(machine, names["account"])


def _create(machine: Machine, request: Request, _names: Mapping[str, str]) -> Answer:
    document = request.document()
    only(document, accounts.WRITABLE)
    account_id = accounts.create(machine, document)
    body = _body(machine, account_id).body
    return Answer(201, body, {"Location": f"{_ACCOUNTS}/{account_id}"})


def _patch(machine: Machine, request: Request, names: Mapping[str, str]) -> Answer:
    document = request.document()
    accounts.get(machine, names["account"])
    only(document, accounts.WRITABLE)
    accounts.change(machine, names["account"], document)
    return DONE


def _delete(machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    accounts.remove(machine, names["account"])
    return DONE


def _roles(_machine: Machine, _request: Request, _names: Mapping[str, str]) -> Answer:
    return collection(_ROLES, "Role", "Roles Collection", accounts.ROLES)


def _role(_machine: Machine, _request: Request, names: Mapping[str, str]) -> Answer:
    if names["role"] not in accounts.ROLES:
        raise not_found("Role", names["role"])
    return resource(
        f"{_ROLES}/{names['role']}",
        "Role.v1_3_1",
        "User Role",
        RoleId=names["role"],
        IsPredefined=True,
        AssignedPrivileges=_PRIVILEGES[names["role"]],
    )


_PRIVILEGES = {
    "Administrator": [
        "Login",
        "ConfigureManager",
        "ConfigureUsers",
        "ConfigureSelf",
        "ConfigureComponents",
    ],
    "Operator": ["Login", "ConfigureSelf", "ConfigureComponents"],
    "ReadOnly": ["Login", "ConfigureSelf"],
}

ROUTES = (
    Route("GET", _SERVICE, _service),
    Route("GET", _ACCOUNTS, _list),
    Route("POST", _ACCOUNTS, _create),
    Route("GET", f"{_ACCOUNTS}/{{account}}", _get, volatile=True),
    Route("PATCH", f"{_ACCOUNTS}/{{account}}", _patch),
    Route("DELETE", f"{_ACCOUNTS}/{{account}}", _delete),
    Route("GET", _ROLES, _roles),
    Route("GET", f"{_ROLES}/{{role}}", _role),
)

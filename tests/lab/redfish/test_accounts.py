"""Accounts, lockout, and the factory's password."""

from __future__ import annotations

from typing import Any

import pytest

from aifactory_iac.lab.redfish.numbered import LOGIN

SERVICE = "/redfish/v1/AccountService"
ACCOUNTS = f"{SERVICE}/Accounts"
NEW = {"UserName": "robot", "Password": "a-long-secret", "RoleId": "Operator"}


def test_an_account_is_made_used_and_removed(plant: Any) -> None:
    lab = plant()
    told = lab.client()("POST", ACCOUNTS, NEW)

    assert (told.status, told.headers["Location"]) == (201, f"{ACCOUNTS}/2")
    assert told.body["Password"] is None
    assert lab.client(login=("robot", "a-long-secret"))("GET", ACCOUNTS).status == 200
    assert lab.client()("DELETE", f"{ACCOUNTS}/2").status == 204
    assert lab.client(login=("robot", "a-long-secret"))("GET", ACCOUNTS).status == 401


def test_a_password_is_changed_and_the_old_one_is_over(plant: Any) -> None:
    lab = plant()

    assert lab.client()("PATCH", f"{ACCOUNTS}/1", {"Password": "another-secret"}).status == 204
    assert lab.client()("GET", ACCOUNTS).status == 401
    assert lab.client(login=(LOGIN.username, "another-secret"))("GET", ACCOUNTS).status == 200


def test_a_disabled_account_cannot_log_in(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", ACCOUNTS, NEW)

    assert lab.client()("PATCH", f"{ACCOUNTS}/2", {"Enabled": False}).status == 204
    assert lab.client(login=("robot", "a-long-secret"))("GET", ACCOUNTS).status == 401


def test_a_renamed_account_keeps_its_sessions(plant: Any) -> None:
    lab = plant()
    sessions = "/redfish/v1/SessionService/Sessions"
    token = lab.client(login=None)(
        "POST", sessions, {"UserName": LOGIN.username, "Password": LOGIN.password}
    ).headers["X-Auth-Token"]

    assert lab.client()("PATCH", f"{ACCOUNTS}/1", {"UserName": "renamed"}).status == 204
    assert lab.client(login=None, token=token)("GET", ACCOUNTS).status == 200


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"UserName": "x", "Password": "long-enough"}, 400, "PropertyMissing"),
        ({**NEW, "RoleId": "King"}, 400, "PropertyValueNotInList"),
        ({**NEW, "Password": "short"}, 400, "PropertyValueFormatError"),
        ({**NEW, "Password": 12345678}, 400, "PropertyValueTypeError"),
        ({**NEW, "Enabled": "yes"}, 400, "PropertyValueTypeError"),
        ({**NEW, "Colour": "red"}, 400, "PropertyUnknown"),
        ({**NEW, "UserName": LOGIN.username}, 400, "ResourceAlreadyExists"),
    ],
)
def test_a_bad_account_is_refused(plant: Any, body: Any, status: int, message: str) -> None:
    lab = plant()
    told = lab.client()("POST", ACCOUNTS, body)

    assert (told.status, told.message) == (status, message)
    assert "short" not in str(told.body)
    assert "12345678" not in str(told.body)
    assert lab.effects() == []


def test_the_last_administrator_stays(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", ACCOUNTS, NEW)

    told = lab.client()("DELETE", f"{ACCOUNTS}/1")
    assert (told.status, told.message) == (400, "ResourceCannotBeDeleted")


def test_roles_bind(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", ACCOUNTS, NEW)
    lab.client()("POST", ACCOUNTS, {**NEW, "UserName": "eyes", "RoleId": "ReadOnly"})
    operator = lab.client(login=("robot", "a-long-secret"))
    eyes = lab.client(login=("eyes", "a-long-secret"))
    reset = "/redfish/v1/Systems/System.1/Actions/ComputerSystem.Reset"

    assert operator("POST", reset, {"ResetType": "On"}).status == 204
    assert operator("POST", ACCOUNTS, NEW).message == "InsufficientPrivilege"
    assert eyes("GET", ACCOUNTS).status == 200
    assert eyes("POST", reset, {"ResetType": "ForceOff"}).status == 403
    assert eyes.get(f"{SERVICE}/Roles/ReadOnly")["AssignedPrivileges"] == ["Login", "ConfigureSelf"]


def test_repeated_failures_lock_the_account_for_the_right_password_too(plant: Any) -> None:
    lab = plant()
    wrong = lab.client(login=(LOGIN.username, "wrong"))
    for _ in range(5):
        assert wrong("GET", ACCOUNTS).status == 401

    assert lab.client()("GET", ACCOUNTS).status == 401
    assert lab.effects()[-2:] == ["lockout", "login-failed"]
    lab.fleet.advance(300)
    assert lab.client()("GET", ACCOUNTS).status == 200


def test_a_success_in_between_forgives(plant: Any) -> None:
    lab = plant()
    wrong = lab.client(login=(LOGIN.username, "wrong"))
    for _ in range(2):
        for _ in range(4):
            wrong("GET", ACCOUNTS)
        assert lab.client()("GET", ACCOUNTS).status == 200


def test_a_lock_is_seen_and_lifted_by_another_administrator(plant: Any) -> None:
    lab = plant()
    lab.client()("POST", ACCOUNTS, {**NEW, "RoleId": "Administrator"})
    for _ in range(5):
        lab.client(login=(LOGIN.username, "wrong"))("GET", ACCOUNTS)
    other = lab.client(login=("robot", "a-long-secret"))

    assert other.get(f"{ACCOUNTS}/1")["Locked"] is True
    assert other("PATCH", f"{ACCOUNTS}/1", {"Locked": False}).status == 204
    assert other.get(f"{ACCOUNTS}/1")["Locked"] is False
    assert lab.client()("GET", ACCOUNTS).status == 200


def test_an_unknown_user_locks_nobody(plant: Any) -> None:
    lab = plant()
    for _ in range(20):
        assert lab.client(login=("nobody", "x"))("GET", ACCOUNTS).status == 401
    assert "lockout" not in lab.effects()


def test_a_make_without_a_threshold_never_locks(plant: Any) -> None:
    lab = plant(model="openbmc")
    for _ in range(20):
        lab.client(login=(LOGIN.username, "wrong"))("GET", ACCOUNTS)
    assert lab.client()("GET", ACCOUNTS).status == 200


def test_a_factory_password_opens_nothing_but_its_own_change(plant: Any) -> None:
    lab = plant(factory_credential=True)
    factory = lab.client(login=("admin", "password"))

    told = factory("GET", "/redfish/v1/Systems")
    assert (told.status, told.message) == (403, "PasswordChangeRequired")
    args = told.body["error"]["@Message.ExtendedInfo"][0]["MessageArgs"]
    assert args == [f"{ACCOUNTS}/1"]
    assert factory.get(args[0])["PasswordChangeRequired"] is True
    assert factory("PATCH", args[0], {"Password": "a-new-secret"}).status == 204
    assert lab.client(login=("admin", "a-new-secret"))("GET", "/redfish/v1/Systems").status == 200
    assert lab.client()("GET", "/redfish/v1/Systems").status == 401


def test_a_session_of_the_factory_account_says_so_and_can_be_ended(plant: Any) -> None:
    lab = plant(factory_credential=True)
    body = {"UserName": "admin", "Password": "password"}
    told = lab.client(login=None)("POST", "/redfish/v1/SessionService/Sessions", body)

    assert told.status == 201
    info = told.body["@Message.ExtendedInfo"][0]
    assert info["MessageId"] == "Base.1.16.PasswordChangeRequired"
    client = lab.client(login=None, token=told.headers["X-Auth-Token"])
    assert client("GET", "/redfish/v1/Systems").status == 403
    assert client("DELETE", told.headers["Location"]).status == 204


def test_a_factory_account_may_be_left_beside_the_own_one(plant: Any) -> None:
    lab = plant(factory_credential="beside")

    assert lab.client(login=("admin", "password"))("GET", ACCOUNTS).status == 200
    assert lab.client()("DELETE", f"{ACCOUNTS}/1").status == 204
    assert lab.client(login=("admin", "password"))("GET", ACCOUNTS).status == 401


def test_the_service_tells_its_limits(plant: Any) -> None:
    told = plant(model="dgx-h100").client().get(SERVICE)

    assert told["AccountLockoutThreshold"] == 3
    assert told["AccountLockoutDuration"] == 60
    assert told["MinPasswordLength"] == 8

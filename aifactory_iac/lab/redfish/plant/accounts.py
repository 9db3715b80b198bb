"""Accounts: made, changed and removed, each by its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aifactory_iac.lab.redfish.plant import access
from aifactory_iac.lab.redfish.plant.refusal import (
    RefusalError,
    malformed,
    missing,
    not_found,
    not_in_list,
    wrong_type,
)
from aifactory_iac.lab.redfish.plant.state import Account, Machine

ROLES = ("Administrator", "Operator", "ReadOnly")
WRITABLE = ("Password", "Enabled", "RoleId", "UserName", "Locked")


def get(machine: Machine, account_id: str) -> Account:
    """The account. Raises `RefusalError`."""
    account = machine.accounts.get(account_id)
    if account is None:
        raise not_found("ManagerAccount", account_id)
    return account


def create(machine: Machine, wish: Mapping[str, Any]) -> str:
    """A new account; its id. Raises `RefusalError`."""
    for name in ("UserName", "Password", "RoleId"):
        if name not in wish:
            raise missing(name)
    if access.find(machine, wish["UserName"]) is not None:
        raise RefusalError(
            400,
            "ResourceAlreadyExists",
            "The requested resource of type ManagerAccount with the property UserName with the "
            f"value '{wish['UserName']}' already exists.",
            about=("#/UserName",),
        )
    account = Account("", "")
    _write(machine, account, wish)
    account_id = str(max(int(key) for key in machine.accounts) + 1)
    machine.accounts[account_id] = account
    machine.effect("account-created", user=account.username)
    return account_id


def change(machine: Machine, account_id: str, wish: Mapping[str, Any]) -> None:
    """Changes an account. A new password ends the demand for one. Raises `RefusalError`."""
    account = get(machine, account_id)
    before = account.username
    _write(machine, account, wish)
    if "Password" in wish:
        account.must_change = False
        account.failures = 0
    for session in machine.sessions.values():
        if session.username == before:
            session.username = account.username
    machine.effect("account-changed", user=account.username, properties=sorted(wish))


def remove(machine: Machine, account_id: str) -> None:
    """Removes an account, unless nobody could administrate then. Raises `RefusalError`."""
    account = get(machine, account_id)
    others = [a for a in machine.accounts.values() if a is not account]
    if not any(other.enabled and other.role == "Administrator" for other in others):
        raise RefusalError(
            400,
            "ResourceCannotBeDeleted",
            "The delete request failed because the resource requested cannot be deleted.",
            resolution="Leave one enabled administrator.",
        )
    del machine.accounts[account_id]
    machine.effect("account-deleted", user=account.username)


def _write(machine: Machine, account: Account, wish: Mapping[str, Any]) -> None:
    _check(machine, wish)
    account.username = wish.get("UserName", account.username)
    account.password = wish.get("Password", account.password)
    account.role = wish.get("RoleId", account.role)
    account.enabled = wish.get("Enabled", account.enabled)
    if wish.get("Locked") is False:
        account.locked_until = 0.0


def _check(machine: Machine, wish: Mapping[str, Any]) -> None:
    kinds = {"UserName": str, "Password": str, "RoleId": str, "Enabled": bool, "Locked": bool}
    for name, value in wish.items():
        if not isinstance(value, kinds[name]):
            raise wrong_type("(hidden)" if name == "Password" else value, name)
    if "RoleId" in wish and wish["RoleId"] not in ROLES:
        raise not_in_list(wish["RoleId"], "RoleId")
    if "Password" in wish and len(wish["Password"]) < machine.model.limits.password_min_length:
        raise malformed("(hidden)", "Password")

"""Who may come in: accounts, lockout, sessions and their limit."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping

from aifactory_iac.lab.redfish.plant.refusal import RefusalError, not_found
from aifactory_iac.lab.redfish.plant.state import Account, Machine, Session


def find(machine: Machine, username: str) -> Account | None:
    """The account of that name."""
    return next((a for a in machine.accounts.values() if a.username == username), None)


def log_in(machine: Machine, username: str, password: str) -> Account:
    """The account, when the password is right.

    Every failure counts; at the threshold the account is locked, for the right password too.

    Raises:
        RefusalError: 401, with the same words for every reason, as controllers do.
    """
    account = find(machine, username)
    if account is None:
        machine.effect("login-failed", user=username, reason="no such account")
        raise unauthorized()
    if account.locked_until > machine.now():
        machine.effect("login-failed", user=username, reason="locked")
        raise unauthorized()
    if not account.enabled or not secrets.compare_digest(
        account.password.encode(), password.encode()
    ):
        _failed(machine, account)
        raise unauthorized()
    account.failures = 0
    return account


def _failed(machine: Machine, account: Account) -> None:
    limits = machine.model.limits
    account.failures += 1
    machine.effect("login-failed", user=account.username, reason="wrong password")
    if limits.lockout_threshold and account.failures >= limits.lockout_threshold:
        lock(machine, account)


def lock(machine: Machine, account: Account) -> None:
    """Locks the account for as long as this make does."""
    seconds = machine.model.limits.lockout_seconds
    account.failures = 0
    account.locked_until = machine.now() + seconds * machine.agenda.pace
    machine.effect("lockout", user=account.username, seconds=seconds)


def unauthorized() -> RefusalError:
    """401, whatever the reason."""
    return RefusalError(
        401,
        "NoValidSession",
        "There is no valid session established with the implementation.",
        resolution="Establish a session before attempting any operations.",
        headers={"WWW-Authenticate": 'Basic realm="Redfish"'},
    )


def change_first(account_id: str) -> RefusalError:
    """403 until the factory's password has been changed."""
    path = f"/redfish/v1/AccountService/Accounts/{account_id}"
    return RefusalError(
        403,
        "PasswordChangeRequired",
        "The password provided for this account must be changed before access is granted.  "
        f"PATCH the Password property for this account located at the target URI '{path}' to "
        "complete this process.",
        arguments=(path,),
        resolution="Change the password for this account using a PATCH to the Password property "
        "at the URI provided.",
    )


def open_session(machine: Machine, account: Account) -> Session:
    """A new session. Raises `RefusalError` when there are as many as the controller bears."""
    expire(machine)
    limit = machine.conditions.session_limit
    limit = machine.model.limits.sessions if limit is None else limit
    if len(machine.sessions) >= limit:
        raise RefusalError(
            503,
            "SessionLimitExceeded",
            "The session establishment failed due to the number of simultaneous sessions "
            "exceeding the limit of the implementation.",
            resolution="Reduce the number of other sessions before trying to establish the "
            "session or increase the limit of simultaneous sessions, if supported.",
        )
    session = Session(machine.next_id(), account.username, secrets.token_hex(16), machine.now())
    machine.sessions[session.id] = session
    machine.effect("session-opened", session=session.id, open=len(machine.sessions))
    return session


def close_session(machine: Machine, session_id: str, why: str = "session-closed") -> None:
    """Ends it. Raises `RefusalError` when it is over already."""
    if machine.sessions.pop(session_id, None) is None:
        raise not_found("Session", session_id)
    machine.effect(why, session=session_id, open=len(machine.sessions))


def by_token(machine: Machine, token: str) -> Session | None:
    """The session of a token, which is thereby used."""
    expire(machine)
    for session in machine.sessions.values():
        if secrets.compare_digest(session.token, token):
            session.last_used = machine.now()
            return session
    return None


def of_request(machine: Machine, headers: Mapping[str, str]) -> Account | None:
    """Whose request it claims to be, right or wrong; for faults that hit an account."""
    token = headers.get("x-auth-token")
    if token is not None:
        session = by_token(machine, token)
        return find(machine, session.username) if session else None
    username = basic(headers.get("authorization", ""))[0]
    return find(machine, username)


def basic(header: str) -> tuple[str, str]:
    """User and password of a basic authorization; empty texts when it is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        username, _colon, password = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return username, password


def expire(machine: Machine) -> None:
    """Ends the sessions that nobody has used for the time-out."""
    timeout = machine.model.limits.session_timeout * machine.agenda.pace
    for session in list(machine.sessions.values()):
        if machine.now() - session.last_used > timeout > 0:
            close_session(machine, session.id, "session-expired")

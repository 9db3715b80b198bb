"""Who may log in to a controller: from whatever it came with to what is declared.

A password cannot be read back, so that one is right is seen by a session that it opens, once. The
way in is ours first; the factory's only when a controller refuses ours for the first time.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aifactory_iac.providers.machine.look import members
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.credential_marks import CredentialMarks
from aifactory_iac.providers.redfish.outcome import (
    ForbiddenError,
    RedfishError,
    RejectedError,
    UnauthorizedError,
)
from aifactory_iac.providers.secrets import Credentials

ACCOUNTS = "/redfish/v1/AccountService/Accounts"
MOST_WRITES = 3
"""How often one account is written before it is said that its controller does not take it."""

Open = Callable[[Credentials], RedfishClient]


class AccessError(Exception):
    """Access is not as it was declared; the text says in what, without any secret."""


@dataclass(frozen=True, slots=True)
class AccountWish:
    """One account: its password comes from the secret that `credentials` was read from."""

    credentials: Credentials
    role: str = "Administrator"
    enabled: bool = True

    @property
    def name(self) -> str:
        """Its user name."""
        return self.credentials.username


@dataclass(frozen=True, slots=True)
class Account:
    """One account as it is."""

    path: str
    name: str
    role: str
    enabled: bool
    locked: bool = False
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class AccessWish:
    """All accounts that are declared; `own` is the one that we log in with.

    `factory` is the way into a controller that nobody has been in yet. `factory_names` are accounts
    that controllers of the vendor come with: none of them may survive unless it is declared.
    `alone` disables every other account.
    """

    own: AccountWish
    others: Sequence[AccountWish] = ()
    factory: Credentials | None = None
    factory_names: Sequence[str] = ()
    alone: bool = False

    @property
    def all(self) -> tuple[AccountWish, ...]:
        """Every declared account, ours first."""
        return (self.own, *self.others)


@dataclass(frozen=True, slots=True)
class Action:
    """One write to the account service."""

    kind: str
    name: str
    path: str
    body: Mapping[str, object] = field(default_factory=dict, repr=False)


async def bring(
    wish: AccessWish, open_: Open, marks: CredentialMarks, tell: Callable[[str], None]
) -> tuple[Account, ...]:
    """Makes it so; the accounts as they were seen in the end.

    Raises:
        AccessError: It could not be.
        RedfishError: The controller could not be asked.
    """
    await _get_in(wish, open_, marks, tell)
    async with _inside(open_(wish.own.credentials)) as client:
        written: dict[tuple[str, str], int] = {}
        while True:
            found = await look(client)
            action = next_action(wish, found, client.address, marks)
            if action is None:
                return found
            tries = written.get((action.kind, action.name), 0)
            if tries >= MOST_WRITES:
                raise AccessError(f"its controller does not {action.kind} account {action.name}")
            written[action.kind, action.name] = tries + 1
            tell(f"{action.kind} account {action.name}")
            await _send(client, action)
            await _prove(wish, action, open_, marks, client.address)


async def look(client: RedfishClient) -> tuple[Account, ...]:
    """All accounts that there are; empty slots, which some controllers list, are left out."""
    found = []
    for path in members(await client.get(ACCOUNTS)):
        body = (await client.get(path)).body
        name = str(body.get("UserName") or "")
        if name:
            found.append(
                Account(
                    path=path,
                    name=name,
                    role=str(body.get("RoleId") or ""),
                    enabled=bool(body.get("Enabled", True)),
                    locked=bool(body.get("Locked", False)),
                    must_change=bool(body.get("PasswordChangeRequired", False)),
                )
            )
    return tuple(sorted(found, key=lambda each: each.name))


def next_action(
    wish: AccessWish, found: Sequence[Account], address: str, marks: CredentialMarks
) -> Action | None:
    """The first difference, in the order: ours, the others, then what has to go."""
    by_name = {each.name: each for each in found}
    for account in wish.all:
        now = by_name.get(account.name)
        if now is None:
            return _create(account)
        changes: dict[str, object] = {}
        if now.role != account.role:
            changes["RoleId"] = account.role
        if now.enabled != account.enabled:
            changes["Enabled"] = account.enabled
        if now.must_change or not marks.marked(address, account.credentials):
            changes["Password"] = account.credentials.password
        if changes:
            return Action("change", account.name, now.path, changes)
    declared = {account.name for account in wish.all}
    for now in found:
        if now.name in declared or not now.enabled:
            continue
        if now.name in wish.factory_names or wish.alone:
            return Action("disable", now.name, now.path, {"Enabled": False})
    return None


async def _get_in(
    wish: AccessWish, open_: Open, marks: CredentialMarks, tell: Callable[[str], None]
) -> None:
    """Sees that our own account opens a session, or makes it with the factory's."""
    client = open_(wish.own.credentials)
    async with _inside(client):
        try:
            await client.get(ACCOUNTS)
        except UnauthorizedError:
            if wish.factory is None:
                raise
        except ForbiddenError as error:
            if not error.password_change:
                raise
            # The password that is declared is the factory's own.
            raise AccessError(
                f"account {wish.own.name} must get another password than the declared one"
            ) from None
        else:
            marks.mark(client.address, wish.own.credentials, alone=True)
            return
    tell("enter with the factory's credential")
    await _enter_as_factory(wish, wish.factory, open_)


async def _enter_as_factory(wish: AccessWish, factory: Credentials, open_: Open) -> None:
    client = open_(factory)
    async with _inside(client):
        try:
            found = await look(client)
        except ForbiddenError as error:
            if not error.password_change:
                raise
            fresh = await _change_factory(wish, factory, client, error.password_change)
        else:
            await _make_own(wish, client, found)
            client.reach.refused.clear(client.address)
            return
    client.reach.refused.clear(client.address)
    if fresh.username == wish.own.name:
        return
    following = open_(fresh)
    async with _inside(following):
        await _make_own(wish, following, await look(following))


async def _change_factory(
    wish: AccessWish, factory: Credentials, client: RedfishClient, path: str
) -> Credentials:
    """A password of the factory account's own: ours when it is our account, else one for minutes.

    Nobody is told the latter: that account is disabled as soon as ours can do it.
    """
    fresh = (
        wish.own.credentials
        if factory.username == wish.own.name
        else replace(factory, password=_throw_away())
    )
    await _send(client, Action("change", factory.username, path, {"Password": fresh.password}))
    return fresh


async def _make_own(wish: AccessWish, client: RedfishClient, found: Sequence[Account]) -> None:
    now = next((each for each in found if each.name == wish.own.name), None)
    if now is None:
        await _send(client, _create(wish.own))
        return
    body = {"Password": wish.own.credentials.password, "RoleId": wish.own.role, "Enabled": True}
    await _send(client, Action("change", now.name, now.path, body))


def _create(account: AccountWish) -> Action:
    body = {
        "UserName": account.name,
        "Password": account.credentials.password,
        "RoleId": account.role,
        "Enabled": account.enabled,
    }
    return Action("create", account.name, ACCOUNTS, body)


async def _send(client: RedfishClient, action: Action) -> None:
    """One write; what became of a lost answer, or of an account made twice, the next look says."""
    try:
        if action.kind == "create":
            await client.post(action.path, action.body)
        else:
            etag = (await client.get(action.path)).etag
            await client.patch(action.path, action.body, etag)
    except RejectedError as error:
        if any(message.id == "ResourceAlreadyExists" for message in error.messages):
            return
        raise AccessError(
            f"its controller refuses to {action.kind} account {action.name}: {error.reason}"
        ) from None
    except RedfishError as error:
        if error.happened == "no":
            raise


async def _prove(
    wish: AccessWish, action: Action, open_: Open, marks: CredentialMarks, address: str
) -> None:
    """A password that was written is right when it opens a session; one attempt, and no more."""
    if "Password" not in action.body:
        return
    account = next(each for each in wish.all if each.name == action.name)
    if account.enabled:
        async with _inside(open_(account.credentials)) as client:
            try:
                await client.get("/redfish/v1/AccountService")
            except ForbiddenError:
                pass  # logged in, and without the right to look
            except UnauthorizedError:
                raise AccessError(
                    f"its controller took a password for account {action.name} and does not know it"
                ) from None
    marks.mark(address, account.credentials, alone=True)


@asynccontextmanager
async def _inside(client: RedfishClient) -> AsyncIterator[RedfishClient]:
    try:
        yield client
    finally:
        await client.close()


def _throw_away() -> str:
    """Sixteen characters of four kinds, which every controller's rules allow (IPMI stores 20)."""
    letters = string.ascii_letters + string.digits
    return "Aa1-" + "".join(secrets.choice(letters) for _ in range(12))

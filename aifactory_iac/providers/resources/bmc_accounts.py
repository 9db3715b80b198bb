"""`BmcAccounts`: who may log in to a controller, and the certificate that it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from aifactory_iac.providers.install.document import joined
from aifactory_iac.providers.machine import access, certificate
from aifactory_iac.providers.machine.access import AccessError, AccessWish, Account, AccountWish
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner
from aifactory_iac.providers.redfish.client import RedfishClient
from aifactory_iac.providers.redfish.credential_marks import CredentialMarks
from aifactory_iac.providers.redfish.outcome import RedfishError
from aifactory_iac.providers.redfish.trust import TrustError
from aifactory_iac.providers.redfish.vendor import profiles
from aifactory_iac.providers.resource import (
    UNKNOWN,
    Checked,
    Difference,
    Failure,
    Found,
    Made,
    Properties,
    PropertyChange,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.resources.group_check import secret_failures
from aifactory_iac.providers.resources.group_diff import differing
from aifactory_iac.providers.resources.group_intents import intents_of
from aifactory_iac.providers.resources.one_machine import OneMachineType
from aifactory_iac.providers.secrets import Credentials, SecretError
from aifactory_iac.providers.surroundings import Surroundings

OUTPUTS = ("users", "fingerprint", "settled", "stale")
_MACHINE = OneMachineType("aifactory:metal:BmcAccounts", lambda _inputs: {})
"""What holds for the machine itself."""

_FAILED = (AccessError, RedfishError, SecretError, TrustError)


@dataclass(frozen=True)
class BmcAccountsType:
    """Accounts and certificate of one controller."""

    token: str = "aifactory:metal:BmcAccounts"  # noqa: S105 - a type token

    def check(self, old: Properties | None, new: Properties) -> Checked:
        """What every machine is checked for, and secrets that stand where a reference belongs."""
        found = _MACHINE.check(old, new)
        failures = [*found.failures, *_references(new), *_shared_secrets(new)]
        return replace(
            found, failures=tuple(sorted(failures, key=lambda f: (f.property, f.reason)))
        )

    def diff(self, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Against the inputs, and against the accounts as they were last seen."""
        changes = {
            path: PropertyChange(kind, replace=key == "site")
            for key in sorted({*old_inputs, *new})
            for path, kind in differing(old_inputs.get(key), new.get(key), key)
        }
        if state.get("settled") is False:
            changes["users"] = PropertyChange("update")
        return Difference(changes, known=not has_unknown(new))

    async def create(
        self, name: str, inputs: Properties, around: Surroundings, *, preview: bool
    ) -> Made:
        """Enters with our account, or once with the factory's."""
        del name
        if preview:
            return Made("", {**inputs, **dict.fromkeys(OUTPUTS, UNKNOWN)})
        id_ = f"{inputs['site']}/{inputs['name']}/accounts"
        return Made(id_, await _brought(inputs, around))

    async def read(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> Found | None:
        """Looks at the accounts; a controller that is not reached is as it was, and stale."""
        if not inputs:
            raise ProviderError(f"{id_}: cannot be imported by its id alone; declare it")
        try:
            async with _client(inputs, around) as client:
                users = await access.look(client)
                shown = await certificate.served(client.base)
            wish = _wish(inputs, around)
        except _FAILED as error:
            around.log("warning", f"{id_}: not reached, kept as it was: {error}")
            return Found({**state, "stale": True}, inputs)
        return Found(_state(inputs, wish, users, shown, around), inputs)

    async def update(
        self,
        id_: str,
        old: Properties,
        state: Properties,
        new: Properties,
        around: Surroundings,
        *,
        preview: bool,
    ) -> Properties:
        """Brings what differs."""
        del id_, old, state
        if preview:
            return {**new, **dict.fromkeys(OUTPUTS, UNKNOWN)}
        return await _brought(new, around)

    async def delete(
        self, id_: str, inputs: Properties, state: Properties, around: Surroundings
    ) -> None:
        """Accounts stay: without them nobody could get in."""
        del inputs, state
        around.log("info", f"{id_}: accounts and certificate are left as they are")


TYPE = BmcAccountsType()


def _intent(inputs: Properties) -> MachineIntent:
    group = {**_MACHINE._group(inputs)}  # noqa: SLF001 - the same inputs, as a group's
    return intents_of(group, {})[inputs["name"]]


@asynccontextmanager
async def _client(
    inputs: Properties, around: Surroundings, credentials: Credentials | None = None
) -> AsyncIterator[RedfishClient]:
    provisioner = RedfishProvisioner(around)
    try:
        client = provisioner.client(_intent(inputs))
        if credentials is not None:
            client.credentials = credentials
        yield client
        await client.close()
    finally:
        await provisioner.close()


async def _brought(inputs: Properties, around: Surroundings) -> dict[str, Any]:
    """Raises `ProviderError` with what could not be had."""
    name, provisioner = inputs["name"], RedfishProvisioner(around)
    intent = _intent(inputs)

    def opened(credentials: Credentials) -> RedfishClient:
        client = provisioner.client(intent)
        client.credentials = credentials
        return client

    try:
        wish = _wish(inputs, around)
        seen = await provisioner.verify(intent, wish.own.credentials, wish.factory)
        if seen:
            raise AccessError(f"is not the machine that is meant: {'; '.join(seen)}")
        users = await access.bring(
            wish, opened, _marks(around), lambda what: around.log("debug", f"{name}: {what}")
        )
        client = opened(wish.own.credentials)
        try:
            shown = await _certified(inputs, client, around)
        finally:
            await client.close()
    except _FAILED as error:
        raise ProviderError(f"{name}: {error}") from None
    finally:
        await provisioner.close()
    return _state(inputs, wish, users, shown, around)


async def _certified(inputs: Properties, client: RedfishClient, around: Surroundings) -> str:
    if "certificate" not in inputs:
        return await certificate.served(client.base)
    pem = around.secrets.text(inputs["certificate"])
    return await certificate.bring(client, pem, around.clock)


def _wish(inputs: Properties, around: Surroundings) -> AccessWish:
    """Raises `SecretError`."""
    own = AccountWish(around.credentials(inputs["bmc"]["credentials"]))
    others = [
        AccountWish(
            around.credentials(each["credentials"]), each["role"], each.get("enabled", True)
        )
        for _name, each in sorted(inputs.get("accounts", {}).items())
    ]
    names = [each.name for each in (own, *others)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SecretError(f"two secrets are of one account: {', '.join(twice)}")
    factory = around.credentials(inputs["factory"]) if "factory" in inputs else None
    return AccessWish(
        own=own,
        others=tuple(others),
        factory=factory,
        factory_names=sorted(
            {
                *(name for profile in profiles().values() for name in profile.factory_accounts),
                *([factory.username] if factory else []),
            }
        ),
        alone=inputs.get("alone", False),
    )


def _state(
    inputs: Properties,
    wish: AccessWish,
    users: tuple[Account, ...],
    shown: str,
    around: Surroundings,
) -> dict[str, Any]:
    """What is kept: names, roles, and whether all is as it was wanted; no secret of any kind."""
    address = inputs["machine"]["bmc"]
    left = access.next_action(wish, users, address, _marks(around))
    settled = left is None
    if "certificate" in inputs and settled:
        settled = certificate.fingerprint(around.secrets.text(inputs["certificate"])) == shown
    return {
        **inputs,
        "users": {each.name: {"role": each.role, "enabled": each.enabled} for each in users},
        "fingerprint": shown,
        "settled": settled,
        "stale": False,
    }


def _marks(around: Surroundings) -> CredentialMarks:
    return CredentialMarks(around.settings.state_dir / "passwords")


def _references(inputs: Properties) -> list[Failure]:
    found: list[Failure] = []
    for key in ("factory", "certificate"):
        found += secret_failures(inputs.get(key), key)
    accounts = inputs.get("accounts")
    for name, account in accounts.items() if isinstance(accounts, Mapping) else ():
        if isinstance(account, Mapping):
            found += secret_failures(
                account.get("credentials"), joined("accounts", name, "credentials")
            )
    return found


def _shared_secrets(inputs: Properties) -> list[Failure]:
    """One secret for two accounts: who has one then has both."""
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    given = [("bmc.credentials", (inputs.get("bmc") or {}).get("credentials"))]
    given.append(("factory", inputs.get("factory")))
    accounts = inputs.get("accounts")
    for name, account in accounts.items() if isinstance(accounts, Mapping) else ():
        if isinstance(account, Mapping):
            given.append((joined("accounts", name, "credentials"), account.get("credentials")))
    for place, reference in given:
        if isinstance(reference, Mapping) and not has_unknown(reference):
            places[str(reference.get("store")), str(reference.get("path"))].append(place)
    return [
        Failure(place, f"is the same secret as {', '.join(p for p in found if p != place)}")
        for found in places.values()
        if len(found) > 1
        for place in found
    ]

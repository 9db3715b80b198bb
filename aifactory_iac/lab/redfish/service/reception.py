"""What every request passes: who is it, may it, has the resource changed meanwhile, who answers."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

from aifactory_iac.lab.redfish.plant import access
from aifactory_iac.lab.redfish.plant.refusal import RefusalError, not_found
from aifactory_iac.lab.redfish.plant.state import Account, Machine
from aifactory_iac.lab.redfish.service.exchange import Answer, Request, refused
from aifactory_iac.lab.redfish.service.router import Match, Router

Rendered = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class Reception:
    """Answers for all machines; keeps answers to GET as long as their machine does not change."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._kept: dict[tuple[str, str], tuple[int, Rendered]] = {}

    def answer(self, machine: Machine, request: Request, instead: Answer | None = None) -> Rendered:
        """The answer, whatever happens; nothing raises but mistakes of the lab itself.

        With `instead`, whoever may ask is told that, and nothing is done.
        """
        try:
            return self._answer(machine, request, instead)
        except RefusalError as refusal:
            return render(refused(refusal))

    def _answer(self, machine: Machine, request: Request, instead: Answer | None) -> Rendered:
        if request.method == "HEAD":
            # The front leaves the body out.
            request = replace(request, method="GET")
        if not self._router.anonymous(request.method, request.path):
            account_id = _who(machine, request)
            _password_must_be_changed(machine, account_id, request)
            _privileged(machine.accounts[account_id], request)
        match = self._router.find(request.method, request.path)
        if match is None:
            raise not_found("Resource", request.path)
        if instead is not None:
            return render(instead)
        if request.method == "GET":
            return self._get(machine, request, match)
        self._precondition(machine, request)
        machine.version += 1
        return render(match.route.handler(machine, request, match.names))

    def _get(self, machine: Machine, request: Request, match: Match) -> Rendered:
        key = (machine.spec.name, request.path)
        kept = self._kept.get(key)
        if kept is None or kept[0] != machine.version or match.route.volatile:
            rendered = render(match.route.handler(machine, request, match.names))
            kept = self._kept[key] = (machine.version, rendered)
        status, headers, body = kept[1]
        if headers.get("ETag") and request.headers.get("if-none-match") == headers["ETag"]:
            return 304, {"ETag": headers["ETag"]}, b""
        return status, headers, body

    def _precondition(self, machine: Machine, request: Request) -> None:
        """If-Match, for requests that change a resource. 428 where the make insists on one."""
        if request.method not in ("PATCH", "PUT"):
            return
        wanted = request.headers.get("if-match")
        if wanted is None:
            if quirk := machine.model.quirk("etag-demanded"):
                registry, _, message = str(quirk.value).rpartition(".")
                raise RefusalError(
                    428,
                    message,
                    "The request did not provide the required precondition, such as an If-Match or "
                    "If-None-Match header.",
                    registry=registry,
                    resolution="Include the required precondition header in the request",
                )
            return
        if wanted != "*" and wanted != self._etag(machine, request):
            raise RefusalError(
                412,
                "PreconditionFailed",
                "The ETag supplied did not match the current ETag of the resource.",
                resolution="Try the operation again using the appropriate ETag.",
            )

    def _etag(self, machine: Machine, request: Request) -> str | None:
        match = self._router.find("GET", request.path)
        if match is None:
            return None
        return render(match.route.handler(machine, request, match.names))[1].get("ETag")


def _who(machine: Machine, request: Request) -> str:
    """The id of the account that asks. Raises `RefusalError`."""
    token = request.headers.get("x-auth-token")
    if token is not None:
        session = access.by_token(machine, token)
        account = access.find(machine, session.username) if session else None
        if account is None or not account.enabled:
            raise access.unauthorized()
    else:
        username, password = access.basic(request.headers.get("authorization", ""))
        if not username:
            raise access.unauthorized()
        account = access.log_in(machine, username, password)
    request.username = account.username
    return next(key for key, value in machine.accounts.items() if value is account)


def _privileged(account: Account, request: Request) -> None:
    """Who only reads may not write, and only administrators see to accounts."""
    if request.method == "GET" or account.role == "Administrator":
        return
    ends_session = request.method == "DELETE" and "/SessionService/Sessions/" in request.path
    if ends_session or (account.role == "Operator" and "/AccountService" not in request.path):
        return
    raise RefusalError(
        403,
        "InsufficientPrivilege",
        "There are insufficient privileges for the account or credentials associated with the "
        "current session to perform the requested operation.",
    )


def _password_must_be_changed(machine: Machine, account_id: str, request: Request) -> None:
    """Until then, only that account itself can be read and its password written."""
    account: Account = machine.accounts[account_id]
    if not account.must_change:
        return
    own = f"/redfish/v1/AccountService/Accounts/{account_id}"
    ends_session = request.method == "DELETE" and "/SessionService/Sessions/" in request.path
    if not ends_session and (request.path != own or request.method not in ("GET", "PATCH")):
        raise access.change_first(account_id)


def render(answer: Answer) -> Rendered:
    """An answer as bytes, with the headers that Redfish asks for."""
    headers = {"OData-Version": "4.0", "Cache-Control": "no-cache", **answer.headers}
    if answer.body is None:
        return answer.status, headers, b""
    text = json.dumps(answer.body, separators=(",", ":"))
    if answer.status == 200:
        etag = f'W/"{zlib.crc32(text.encode()):08x}"'
        headers["ETag"] = etag
        text = json.dumps(
            {**answer.body, "@odata.etag": etag, **answer.volatile}, separators=(",", ":")
        )
    headers["Content-Type"] = "application/json; charset=utf-8"
    return answer.status, headers, text.encode()

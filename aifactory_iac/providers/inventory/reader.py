"""Reads a paged REST API. There is no other method than GET in here, and no way to give one."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from aifactory_iac.providers.redfish.client import ReadRetries
from aifactory_iac.providers.redfish.connections import Connections, Outgoing, Timeouts
from aifactory_iac.providers.redfish.outcome import (
    BusyError,
    ForbiddenError,
    MissingError,
    RedfishError,
    UnauthorizedError,
    UntrustedError,
)
from aifactory_iac.providers.redfish.trust import TrustPolicy
from aifactory_iac.providers.surroundings import Clock

PAGE = 500
"""Records of a page; both inventories allow 1,000 at most by default."""
MOST_PAGES = 2000
"""A server whose pages do not end is broken."""


class InventoryError(Exception):
    """The inventory cannot be read; the text is for the user, without the token.

    `wrong` says that the input is at fault (address, token, certificate), and not the world.
    """

    def __init__(self, text: str, *, wrong: bool = False) -> None:
        """Takes the text, and whose fault it is."""
        super().__init__(text)
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Api:
    """Where an inventory is: `url` without `/api`, and the value of its `Authorization` header."""

    url: str
    authorization: str = field(repr=False)
    trust: TrustPolicy


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one inventory; a page that does not come is asked for again."""

    api: Api
    connections: Connections
    clock: Clock
    retries: ReadRetries = ReadRetries()  # noqa: RUF009 - a frozen value
    timeouts: Timeouts = Timeouts(10, 60, 120)  # noqa: RUF009 - a frozen value

    async def records(
        self, path: str, query: Mapping[str, str]
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Every record of a list, page after page, each once.

        Raises:
            InventoryError: A page could not be had, or the pages go around in circles.
        """
        base = self.api.url.rstrip("/")
        url = f"{base}/api/{path}/?{urlencode({**query, 'limit': str(PAGE)})}"
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= MOST_PAGES:
                raise InventoryError(f"{base}: the pages of {path} do not end")
            seen.add(url)
            page = await self._get(url)
            results = page.get("results")
            if not isinstance(results, list):
                raise InventoryError(
                    f"{base}: /api/{path}/ gives no `results`: it is neither NetBox nor Nautobot",
                    wrong=True,
                )
            for each in results:
                if isinstance(each, Mapping):
                    yield each
            url = self._same_server(str(page.get("next") or ""))

    def _same_server(self, url: str) -> str:
        """The next page, on the server that was asked: a token goes nowhere else.

        Behind a proxy an inventory may name itself by another host or scheme than we reach it by.
        """
        if not url:
            return ""
        ours, theirs = urlsplit(self.api.url.rstrip("/")), urlsplit(url)
        path = theirs.path[theirs.path.find("/api/") :]
        return f"{ours.scheme}://{ours.netloc}{ours.path}{path}?{theirs.query}"

    async def _get(self, url: str) -> Mapping[str, Any]:
        headers = {"Authorization": self.api.authorization} if self.api.authorization else {}
        outgoing = Outgoing("GET", url, headers=headers, timeouts=self.timeouts)
        for attempt in range(self.retries.most + 1):
            try:
                return (await self.connections.send(outgoing, self.api.trust)).body
            except RedfishError as error:
                if not error.again or attempt == self.retries.most:
                    raise _explained(error, self.api) from None
                named = error.retry_after if isinstance(error, BusyError) else None
                await self.clock.sleep(
                    self.retries.wait(attempt, named, random.random())  # noqa: S311 - a spread
                )
        raise AssertionError("unreachable")


def authorization(token: str) -> str:
    """The header's value; NetBox's tokens of version 2 (4.5 and later) are bearer tokens."""
    if not token:
        return ""
    return f"Bearer {token}" if token.startswith("nbt_") else f"Token {token}"


def _explained(error: RedfishError, api: Api) -> InventoryError:
    if isinstance(error, UnauthorizedError | ForbiddenError):
        return InventoryError(
            f"{api.url} refused the token ({error.reason[:3]}); it was sent once and is not tried "
            "again: give one that may read `dcim` and `ipam`",
            wrong=True,
        )
    if isinstance(error, UntrustedError):
        return InventoryError(
            f"{api.url}: {error.reason}; nothing was sent. Name its authority with --ca", wrong=True
        )
    if isinstance(error, MissingError):
        return InventoryError(
            f"{api.url} has no such list ({error.request}): is it the address of an inventory, "
            "without /api?",
            wrong=True,
        )
    return InventoryError(f"{error}")

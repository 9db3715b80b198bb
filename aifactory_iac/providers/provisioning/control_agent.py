"""Kea's control agent over HTTP: read, test, set, write; and setting back what did not last."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aifactory_iac.providers.provisioning.kea_merge import held, in_the_way, merged, part, without
from aifactory_iac.providers.secrets import Credentials

Tree = Mapping[str, Any]


class KeaError(Exception):
    """The control agent refused, or said something that cannot be; for the user."""


class KeaUnreachableError(KeaError):
    """Nobody answered: nothing is known about the server."""


@dataclass(frozen=True, slots=True)
class ControlAgent:
    """One control agent; `limit` is how many seconds an answer may take."""

    url: str
    credentials: Credentials | None = None
    context: ssl.SSLContext | None = None
    limit: float = 30.0

    async def running(self) -> dict[str, Any]:
        """The `Dhcp4` that the server runs with."""
        arguments = (await self._command("config-get")).get("arguments", {})
        if not isinstance(arguments, dict) or not isinstance(arguments.get("Dhcp4"), dict):
            raise KeaError(f"{self.url}: config-get gives no Dhcp4")
        found: dict[str, Any] = arguments["Dhcp4"]
        return found

    async def hold(self, ours: Tree, before: tuple[str, ...] = ()) -> Tree:
        """Puts our part in force and on disk, all of it or none; gives what `put_back` takes.

        `before` are subnets that were ours until now.

        Raises:
            KeaError: It is not in force; what was in force before is again.
        """
        running = await self.running()
        others = in_the_way(running, ours, before)
        if others:
            raise KeaError(
                f"{self.url}: it serves subnets of others that ours overlap: {', '.join(others)}; "
                "take them out there, or declare them here"
            )
        await self._replace(running, merged(running, ours, before))
        if held(await self.running(), ours) != part(ours):
            await self._command("config-set", {"Dhcp4": running})
            await self._command("config-write")
            raise KeaError(
                f"{self.url}: what it reads back is not what was set; it runs as before again"
            )
        return running

    async def put_back(self, running: Tree) -> None:
        """Puts in force and on disk what was there before `hold`. Raises `KeaError`."""
        await self._replace(await self.running(), running)

    async def release(self, subnets: tuple[str, ...]) -> None:
        """Takes our part out, in force and on disk. Raises `KeaError` as `hold` does."""
        running = await self.running()
        await self._replace(running, without(running, subnets))

    async def _replace(self, before: Tree, after: Tree) -> None:
        """Tests, sets and writes; when the file cannot be written, it is set back."""
        await self._command("config-test", {"Dhcp4": after})
        await self._command("config-set", {"Dhcp4": after})
        try:
            await self._command("config-write")
        except KeaError as error:
            await self._command("config-set", {"Dhcp4": before})
            raise KeaError(f"{error}; it runs as before again") from None

    async def _command(self, command: str, arguments: Tree | None = None) -> dict[str, Any]:
        body: dict[str, Any] = {"command": command, "service": ["dhcp4"]}
        if arguments is not None:
            body["arguments"] = arguments
        answer = await self._post(body)
        if not isinstance(answer, list) or not answer or not isinstance(answer[0], dict):
            raise KeaError(f"{self.url}: {command}: this is no answer of a control agent")
        first: dict[str, Any] = answer[0]
        if first.get("result") != 0:
            raise KeaError(f"{self.url}: {command}: {first.get('text', 'refused')}")
        return first

    async def _post(self, body: Tree) -> Any:
        import aiohttp

        limit = aiohttp.ClientTimeout(total=self.limit)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, headers=self._headers()) as session,
                session.post(self.url, json=body, ssl=self.context or True) as answer,
            ):
                if answer.status in (401, 403):
                    raise KeaError(f"{self.url}: it does not accept our credentials")
                if answer.status != 200:
                    raise KeaError(f"{self.url}: it answers {answer.status}")
                return json.loads(await answer.text())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise KeaUnreachableError(f"{self.url}: {type(error).__name__}") from None
        except ValueError:
            raise KeaError(f"{self.url}: it answers no JSON") from None

    def _headers(self) -> dict[str, str]:
        if self.credentials is None:
            return {}
        pair = f"{self.credentials.username}:{self.credentials.password}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

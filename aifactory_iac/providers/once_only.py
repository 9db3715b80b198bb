"""Keeps aiohttp from sending anything a second time by itself.

When a connection breaks before an answer, aiohttp repeats every method that RFC 9110 calls
idempotent (`IDEMPOTENT_METHODS`: PUT and DELETE among them), also on a new connection, unless the
error is none of its own. Whether to ask again is for us to say, after a look.
"""

from __future__ import annotations

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse


class DroppedError(Exception):
    """A connection that broke after it was made; the text is the kind of aiohttp's error."""


async def once_only(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Middleware of a session. Raises `DroppedError` where aiohttp would ask again."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise DroppedError(type(error).__name__) from None

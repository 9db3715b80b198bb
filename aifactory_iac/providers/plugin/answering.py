"""What stands around every method of the service: whatever goes wrong becomes a clean status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

import grpc

from aifactory_iac.providers.plugin.diagnostics import Scrubber
from aifactory_iac.providers.plugin.refusal import status_of

_Answer = TypeVar("_Answer")


class _Scrubbing(Protocol):
    scrub: Scrubber


def answering(
    method: Callable[[Any, Any], Awaitable[_Answer]],
) -> Callable[[Any, Any, Any], Awaitable[_Answer]]:
    """A method that takes a request, as one that gRPC calls with a context beside it."""

    @wraps(method)
    async def answer(self: _Scrubbing, request: Any, context: Any) -> _Answer:
        try:
            return await method(self, request)
        except Exception as error:  # noqa: BLE001 - the engine must never see a traceback
            token = getattr(request, "type", "") or getattr(request, "urn", "")
            doing = f"{method.__name__} of {token}" if token else method.__name__
            status = status_of(error, doing, self.scrub)
            # Returns by raising, which is how a coroutine of gRPC says a status.
            return await context.abort(status.code, status.text, status.metadata)  # type: ignore[no-any-return]

    return answer


def unimplemented(what: str, *, stream: bool = False) -> Any:
    """A method that says that the package does not have what it is about."""
    text = f"this package has no support for {what}"

    async def refuse(_self: Any, _request: Any, context: Any) -> None:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, text)

    async def refuse_stream(_self: Any, _request: Any, context: Any) -> AsyncIterator[Any]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, text)
        yield

    return refuse_stream if stream else refuse

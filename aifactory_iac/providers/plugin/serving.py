"""The plug-in's server: it listens on loopback, serves one engine, and ends without tearing."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from aifactory_iac.providers.plugin.servicer import Provider

_LARGEST = 400 * 1024 * 1024
"""Bytes of one message, the limit that engines have: a state may hold thousands of machines."""
_LOOK = 1.0
"""Seconds between looks at whether whoever started us is still there."""
_GRACE = 5.0
"""Seconds that answers have to reach the engine in."""


@asynccontextmanager
async def listening(provider: Provider) -> AsyncIterator[int]:
    """Serves on a free port of loopback, and gives that port."""
    limits = [
        ("grpc.max_receive_message_length", _LARGEST),
        ("grpc.max_send_message_length", _LARGEST),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.aio.server(options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield port
    finally:
        provider.operations.cancel()
        await provider.operations.finished()
        await server.stop(_GRACE)
        await provider.close()


async def serve(announce: Callable[[int], None], engine: str) -> None:
    """Serves until a signal comes or the process that started this one is gone."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, over.set)
    orphaned = asyncio.create_task(_until_orphaned(over))
    provider = Provider()
    provider.log.connect(engine)
    async with listening(provider) as port:
        announce(port)
        await over.wait()
    orphaned.cancel()


async def _until_orphaned(over: asyncio.Event) -> None:
    """An engine that was killed sends no signal; only the parent's id tells."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(_LOOK)
    over.set()

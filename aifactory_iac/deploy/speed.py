"""The SDK at planning speed: the same program, the same registrations, a third of the work.

Written for an engine in another process, the SDK pays for things that a plan does not have. For the
time of one run these are replaced, and put back afterwards:

- waiting for the first of all pending outputs, over and over (`loop.drain` waits for each once);
- stack traces of every registration, which also carry paths of this machine;
- debug messages to the engine's log;
- four futures and a task for each declared output of a resource, where one future does;
- a lock, and a callback at completion, for each output that is tracked;
- taking the same type annotations apart for each property of each resource;
- the cyclic garbage collector, which walks a growing graph of futures and finds nothing.

A test holds plans made with and without all this against each other. What a later SDK no longer
has under these names is left as it is: slower, not wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi import Output, _types, log, output
from pulumi.runtime import resource as sdk_resource
from pulumi.runtime import rpc as sdk_rpc
from pulumi.runtime import stack as sdk_stack
from pulumi.runtime.proto import source_pb2
from pulumi.runtime.settings import SETTINGS

from aifactory_iac.deploy.loop import drain


@contextlib.contextmanager
def planning_speed() -> Iterator[None]:
    """Hold everything above for a block; the collector too, if it was on."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with contextlib.ExitStack() as replaced:
            for module, name, value in _replacements():
                if hasattr(module, name):
                    replaced.enter_context(_replaced(module, name, value))
            yield
    finally:
        if collecting:
            gc.enable()


def _replacements() -> Iterator[tuple[Any, str, Any]]:
    yield sdk_stack, "wait_for_rpcs", drain
    yield sdk_resource, "_get_stack_trace", source_pb2.StackTrace
    yield log, "debug", _silent
    yield _types, "unwrap_type", _remembered(_types.unwrap_type)
    if hasattr(Output, "_from_data") and hasattr(output, "_OutputData"):
        yield sdk_rpc, "transfer_properties", _transfer_properties
        yield Output, "_track", _tracker()


def _silent(*_args: Any, **_kwargs: Any) -> None:
    """Debug messages are for the engine's log, which an offline plan does not have."""


def _remembered(unwrap: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same function with its answers kept, as far as annotations can be keys."""
    known: dict[Any, Any] = {}

    def remembered(annotation: Any) -> Any:
        try:
            return known[annotation]
        except KeyError:
            known[annotation] = unwrapped = unwrap(annotation)
            return unwrapped
        except TypeError:
            return unwrap(annotation)

    return remembered


def _tracker() -> Callable[[Output[Any]], None]:
    """Tracks an output until the end of the run: there is one thread, and `drain` empties it."""
    tracked: set[Any] | None = None

    def track(made: Output[Any]) -> None:
        nonlocal tracked
        if tracked is None:
            tracked = SETTINGS.outputs
        tracked.add(made._data)  # noqa: SLF001 - what the SDK's own method does

    return track


def _transfer_properties(
    resource: Any,
    properties: Mapping[str, Any],
    custom: bool,  # noqa: FBT001 - the SDK's own
) -> dict[str, Callable[..., None]]:
    """Gives the resource an output for each declared property, and back what resolves them."""
    resolvers: dict[str, Callable[..., None]] = {}
    for name in properties:
        if name == "urn" or (name == "id" and custom):
            continue
        future: asyncio.Future[Any] = asyncio.Future()
        resolvers[name] = functools.partial(_resolve, resource, future)
        resource.__dict__[name] = Output._from_data(future)  # noqa: SLF001 - as the SDK does
    return resolvers


def _resolve(
    resource: Any,
    future: asyncio.Future[Any],
    value: Any,
    is_known: bool,  # noqa: FBT001 - the SDK's own
    is_secret: bool,  # noqa: FBT001 - the SDK's own
    dependencies: set[Any] | None,
    failed: Exception | None,
) -> None:
    if failed is not None:
        future.set_exception(failed)
        return
    future.set_result(
        output._OutputData(  # noqa: SLF001 - as the SDK does
            resources={resource, *(dependencies or ())},
            value=value,
            is_known=is_known,
            is_secret=is_secret,
        )
    )


@contextlib.contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    before = module.__dict__[name]
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)

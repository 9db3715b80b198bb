"""Resource transforms, run in place: functions of a program that the engine would call back.

For the engine the SDK serves them over gRPC. Here the functions are called where they are, in the
engine's order: those of the resource, of its parents from the nearest up, of the stack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from aifactory_iac.program.planned import PlannedResource


class LocalCallbacks(_CallbackServicer):
    """The SDK's table of callbacks without the server that it would start for the engine."""

    def __init__(self, monitor: Any) -> None:
        """Deliberately not the parent's: that one opens a port."""
        self._callbacks = {}
        self._transforms = {}
        self._state_migrations = {}
        self._monitor = monitor
        self._target = "in-process"

    async def transformed(
        self, token: str, request: resource_pb2.TransformRequest
    ) -> resource_pb2.TransformResponse:
        """What the function behind the token makes of a registration."""
        response: resource_pb2.TransformResponse = await self._callbacks[token](
            request.SerializeToString()
        )
        return response


@dataclass(slots=True)
class Transforms:
    """Which transforms hold for a resource; `callbacks` is given once the program runs."""

    callbacks: LocalCallbacks | None = None
    of_stack: list[str] = field(default_factory=list)
    of_resource: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def for_request(
        self,
        urn: str,
        parent: str | None,
        request: resource_pb2.RegisterResourceRequest,
        registered: Mapping[str, PlannedResource],
    ) -> tuple[str, ...]:
        """Tokens of the transforms to run on a registration, in order."""
        own = tuple(callback.token for callback in request.transforms)
        if own:
            self.of_resource[urn] = own
        tokens = list(own)
        while parent is not None:
            tokens += self.of_resource.get(parent, ())
            above = registered.get(parent)
            parent = above.parent if above is not None else None
        return (*tokens, *self.of_stack)

    async def run(
        self, tokens: tuple[str, ...], request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceRequest:
        """The registration as the transforms leave it."""
        changed = resource_pb2.RegisterResourceRequest()
        changed.CopyFrom(request)
        for token in tokens:
            if self.callbacks is None:
                break
            response = await self.callbacks.transformed(
                token,
                resource_pb2.TransformRequest(
                    type=changed.type,
                    name=changed.name,
                    custom=changed.custom,
                    parent=changed.parent,
                    properties=changed.object,
                    options=_options_of(changed),
                ),
            )
            changed.object.CopyFrom(response.properties)
            if response.HasField("options"):
                _apply(response.options, changed)
        return changed


_SAME_NAME = ("protect", "version", "provider")
_TEXTS = (
    ("plugin_download_url", "pluginDownloadURL"),
    ("deleted_with", "deletedWith"),
    ("import", "importId"),
)
_LISTS = (
    ("depends_on", "dependencies"),
    ("ignore_changes", "ignoreChanges"),
    ("replace_on_changes", "replaceOnChanges"),
    ("additional_secret_outputs", "additionalSecretOutputs"),
    ("aliases", "aliases"),
    ("replace_with", "replace_with"),
)
"""Options and the fields of a registration that carry them."""


def _options_of(
    request: resource_pb2.RegisterResourceRequest,
) -> resource_pb2.TransformResourceOptions:
    options = resource_pb2.TransformResourceOptions()
    for name in _SAME_NAME:
        setattr(options, name, getattr(request, name))
    for option, name in _TEXTS:
        setattr(options, option, getattr(request, name))
    for option, name in _LISTS:
        getattr(options, option).extend(getattr(request, name))
    options.retain_on_delete = request.retainOnDelete
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    for package, reference in request.providers.items():
        options.providers[package] = reference
    return options


def _apply(
    options: resource_pb2.TransformResourceOptions,
    request: resource_pb2.RegisterResourceRequest,
) -> None:
    for name in _SAME_NAME:
        setattr(request, name, getattr(options, name))
    for option, name in _TEXTS:
        setattr(request, name, getattr(options, option))
    for option, name in _LISTS:
        values = list(getattr(options, option))
        del getattr(request, name)[:]
        getattr(request, name).extend(values)
    request.retainOnDelete = options.retain_on_delete
    request.deleteBeforeReplaceDefined = options.HasField("delete_before_replace")
    request.deleteBeforeReplace = options.delete_before_replace

"""The provider's gRPC service: one method for each question that the engine asks.

A raw servicer of ours, not `pulumi.provider.experimental`: that one puts tracebacks into error
texts, cannot say that an operation was done in part, fails on detailed differences of
configuration, and answers neither `Attach` nor `Handshake`. Here messages become plain values,
a resource type does the work, and plain values become messages.
"""
# ruff: noqa: N802 - the names of methods are those of the service

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2

from aifactory_iac.providers.plugin import structure, wire
from aifactory_iac.providers.plugin.answering import answering, unimplemented
from aifactory_iac.providers.plugin.difference import diff_response
from aifactory_iac.providers.plugin.property_path import Path, ignoring
from aifactory_iac.providers.plugin.refusal import InitFailedError
from aifactory_iac.providers.plugin.registry import Types, resource_type
from aifactory_iac.providers.plugin.session import Session
from aifactory_iac.providers.resource import (
    Checked,
    PartialError,
    Properties,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.surroundings import Surroundings

_Answer = TypeVar("_Answer")


class _About(Protocol):
    """What every request on a resource says."""

    urn: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class _Subject:
    """The resource that a request is about; older engines say it by URN alone."""

    urn: str
    name: str
    token: str

    @classmethod
    def of(cls, request: _About) -> _Subject:
        _, _, types, name = (request.urn.split("::", 3) + [""] * 4)[:4]
        return cls(request.urn, request.name or name, request.type or types.rpartition("$")[2])


class Provider(Session):
    """All resource types of the package over gRPC."""

    def __init__(self, types: Types = resource_type) -> None:
        """Takes where types are found; it is to be configured before it can do anything."""
        super().__init__()
        self._types = types

    @answering
    async def Check(self, request: Any) -> provider_pb2.CheckResponse:
        """Inputs with defaults, or all that is wrong: structure first, then the type's own say."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        olds, news = self.received(request.olds), self.received(request.news)
        shape = structure.inputs_of(subject.token)
        checked = structure.checked(shape, news.values) if shape else Checked(news.values)
        if not checked.failures:
            checked = type_.check(olds.values or None, checked.inputs)
        return self.check_response(checked, news.secrets)

    @answering
    async def Diff(self, request: Any) -> provider_pb2.DiffResponse:
        """What an update would change."""
        type_ = self._types(_Subject.of(request).token)
        old, state = self.received(request.old_inputs), self.received(request.olds)
        new = ignoring(old.values, self.received(request.news).values, request.ignoreChanges)
        return diff_response(type_.diff(old.values, state.values, new), old.values, new)

    @answering
    async def Create(self, request: Any) -> provider_pb2.CreateResponse:
        """Makes a resource, or says what a preview can know of it."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        inputs = self.received(request.properties)
        sent = self._writer(subject, inputs.secrets, preview=request.preview)
        made = await self._run(
            subject,
            request.timeout,
            lambda around: type_.create(
                subject.name, inputs.values, around, preview=request.preview
            ),
            sent,
        )
        identifier = "" if request.preview else made.id
        return provider_pb2.CreateResponse(id=identifier, properties=sent(made.state))

    @answering
    async def Read(self, request: Any) -> provider_pb2.ReadResponse:
        """A resource as it is now; without inputs it is to be imported. No id says it is gone."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        inputs, state = self.received(request.inputs), self.received(request.properties)
        sent = self._writer(subject, inputs.secrets | state.secrets)
        found = await self._run(
            subject,
            request.timeout,
            lambda around: type_.read(request.id, inputs.values, state.values, around),
            sent,
            inputs.values,
        )
        if found is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=request.id, properties=sent(found.state), inputs=sent(found.inputs)
        )

    @answering
    async def Update(self, request: Any) -> provider_pb2.UpdateResponse:
        """Changes a resource, or says what a preview can know of that."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        old, state = self.received(request.old_inputs), self.received(request.olds)
        news = self.received(request.news)
        new = ignoring(old.values, news.values, request.ignoreChanges)
        kept = old.secrets if request.ignoreChanges else frozenset()
        sent = self._writer(subject, news.secrets | kept, preview=request.preview)
        changed = await self._run(
            subject,
            request.timeout,
            lambda around: type_.update(
                request.id, old.values, state.values, new, around, preview=request.preview
            ),
            sent,
        )
        return provider_pb2.UpdateResponse(properties=sent(changed))

    @answering
    async def Delete(self, request: Any) -> Any:
        """Lets a resource go."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        inputs, state = self.received(request.old_inputs), self.received(request.properties)
        await self._run(
            subject,
            request.timeout,
            lambda around: type_.delete(request.id, inputs.values, state.values, around),
            self._writer(subject, inputs.secrets | state.secrets),
        )
        return empty_pb2.Empty()

    @answering
    async def Invoke(self, request: Any) -> provider_pb2.InvokeResponse:
        """There are no functions."""
        raise ProviderError(f"there is no function `{request.tok}`: this package has none")

    Parameterize = unimplemented("packages made from parameters")
    Construct = unimplemented("components of its own")
    Call = unimplemented("methods of resources")
    GetMapping = unimplemented("mappings from other providers")
    GetMappings = unimplemented("mappings from other providers")
    List = unimplemented("listing resources", stream=True)

    def _writer(
        self, subject: _Subject, secrets: AbstractSet[Path], *, preview: bool = False
    ) -> Callable[[Properties], struct_pb2.Struct]:
        """What turns the resource's state into a message, secrets as such."""
        paths = secrets | structure.secret_outputs(subject.token)

        def write(values: Properties) -> struct_pb2.Struct:
            if not preview and has_unknown(values):
                raise ValueError("something unknown came out of an operation that was no preview")
            return wire.sent(values, paths, self.scrub.known)

        return write

    async def _run(
        self,
        subject: _Subject,
        limit: float,
        work: Callable[[Surroundings], Awaitable[_Answer]],
        sent: Callable[[Properties], struct_pb2.Struct],
        inputs: Properties | None = None,
    ) -> _Answer:
        """One operation, in surroundings of its own; all its lines are said before it answers."""
        if self.around is None:
            raise ProviderError("the provider has not been configured")
        around = replace(self.around, log=partial(self.log.say, subject.urn))

        async def within(stop: asyncio.Event) -> _Answer:
            return await work(replace(around, cancelled=stop))

        try:
            return await self.operations.run(within, limit)
        except PartialError as error:
            raise InitFailedError(
                provider_pb2.ErrorResourceInitFailed(
                    id=error.made.id,
                    properties=sent(error.made.state),
                    inputs=None if inputs is None else sent(inputs),
                    reasons=error.reasons,
                )
            ) from None
        finally:
            await self.log.said()

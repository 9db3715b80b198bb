"""The provider's gRPC service: one method for each question that the engine asks.

A raw servicer of ours, not `pulumi.provider.experimental`: that one puts tracebacks into error
texts, cannot say that an operation was done in part, fails on detailed differences of
configuration, and answers neither `Attach` nor `Handshake`. Here messages become plain values,
a resource type does the work, and plain values become messages.
"""
# ruff: noqa: N802 - the names of methods are those of the service

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, Self, TypeVar

from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from aifactory_iac.providers.metal.package import VERSION
from aifactory_iac.providers.plugin import structure, wire
from aifactory_iac.providers.plugin.answering import answering, unimplemented
from aifactory_iac.providers.plugin.configuration import checked_configuration, configuration
from aifactory_iac.providers.plugin.diagnostics import EngineLog, NotedSecrets, Scrubber
from aifactory_iac.providers.plugin.difference import diff_response, plain_difference
from aifactory_iac.providers.plugin.operations import Operations
from aifactory_iac.providers.plugin.property_path import Path, ignoring
from aifactory_iac.providers.plugin.refusal import InitFailedError
from aifactory_iac.providers.plugin.registry import Types, resource_type
from aifactory_iac.providers.resource import (
    Checked,
    Failure,
    PartialError,
    Properties,
    ProviderError,
    has_unknown,
)
from aifactory_iac.providers.schema import schema_text
from aifactory_iac.providers.secrets import standard_stores
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


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """All resource types of the package over gRPC."""

    def __init__(self, types: Types = resource_type) -> None:
        """Takes where types are found; it is to be configured before it can do anything."""
        self.scrub = Scrubber()
        self.log = EngineLog(self.scrub)
        self.operations = Operations()
        self._types = types
        self._around: Surroundings | None = None

    def within(self, around: Surroundings) -> Self:
        """Itself, configured to work within these surroundings."""
        self._around = around
        return self

    async def close(self) -> None:
        """Ends the connection to the engine."""
        await self.log.close()

    @answering
    async def Handshake(self, request: Any) -> provider_pb2.ProviderHandshakeResponse:
        """The first call of an engine: where it listens, and what we understand."""
        self.log.connect(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @answering
    async def Attach(self, request: Any) -> Any:
        """An engine takes a plug-in that runs already (`PULUMI_DEBUG_PROVIDERS`)."""
        self.log.connect(request.address)
        return empty_pb2.Empty()

    @answering
    async def GetPluginInfo(self, _request: Any) -> plugin_pb2.PluginInfo:
        """Our version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @answering
    async def GetSchema(self, _request: Any) -> provider_pb2.GetSchemaResponse:
        """The published package schema."""
        return provider_pb2.GetSchemaResponse(schema=schema_text())

    @answering
    async def CheckConfig(self, request: Any) -> provider_pb2.CheckResponse:
        """What is wrong with the configuration, all at once."""
        news = self._received(request.news)
        checked = checked_configuration(news.values)
        return self._check_response(checked, news.secrets)

    @answering
    async def DiffConfig(self, request: Any) -> provider_pb2.DiffResponse:
        """No change of configuration replaces a resource: machines stay where they are."""
        old = self._received(request.old_inputs).values
        new = ignoring(old, self._received(request.news).values, request.ignoreChanges)
        return diff_response(plain_difference(old, new), old, new)

    @answering
    async def Configure(self, request: Any) -> provider_pb2.ConfigureResponse:
        """Takes the settings that all operations work with."""
        found = configuration(self._received(request.args), os.environ)
        for text in found.secrets.values():
            self.scrub.learn(text)
        lab = found.settings.lab
        secrets = NotedSecrets(
            standard_stores(found.secrets), lab.credentials if lab else {}, self.scrub.learn
        )
        self.within(Surroundings(found.settings, secrets))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @answering
    async def Check(self, request: Any) -> provider_pb2.CheckResponse:
        """Inputs with defaults, or all that is wrong: structure first, then the type's own say."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        olds, news = self._received(request.olds), self._received(request.news)
        shape = structure.inputs_of(subject.token)
        checked = structure.checked(shape, news.values) if shape else Checked(news.values)
        if not checked.failures:
            checked = type_.check(olds.values or None, checked.inputs)
        return self._check_response(checked, news.secrets)

    @answering
    async def Diff(self, request: Any) -> provider_pb2.DiffResponse:
        """What an update would change."""
        type_ = self._types(_Subject.of(request).token)
        old, state = self._received(request.old_inputs), self._received(request.olds)
        new = ignoring(old.values, self._received(request.news).values, request.ignoreChanges)
        return diff_response(type_.diff(old.values, state.values, new), old.values, new)

    @answering
    async def Create(self, request: Any) -> provider_pb2.CreateResponse:
        """Makes a resource, or says what a preview can know of it."""
        subject = _Subject.of(request)
        type_ = self._types(subject.token)
        inputs = self._received(request.properties)
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
        inputs, state = self._received(request.inputs), self._received(request.properties)
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
        old, state = self._received(request.old_inputs), self._received(request.olds)
        news = self._received(request.news)
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
        inputs, state = self._received(request.old_inputs), self._received(request.properties)
        await self._run(
            subject,
            request.timeout,
            lambda around: type_.delete(request.id, inputs.values, state.values, around),
            self._writer(subject, inputs.secrets | state.secrets),
        )
        return empty_pb2.Empty()

    @answering
    async def Cancel(self, _request: Any) -> Any:
        """Running operations begin no further write, read back what they began, and answer."""
        self.operations.cancel()
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

    def _received(self, struct: struct_pb2.Struct) -> wire.Received:
        """Plain values, whose secrets are never shown from now on."""
        found = wire.received(struct)
        for text in found.secret_texts():
            self.scrub.learn(text)
        return found

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
        if self._around is None:
            raise ProviderError("the provider has not been configured")
        around = replace(self._around, log=partial(self.log.say, subject.urn))

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

    def _check_response(
        self, checked: Checked, secrets: AbstractSet[Path]
    ) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(
            inputs=wire.sent(checked.inputs, secrets),
            failures=list(self._failures(checked.failures)),
        )

    def _failures(self, failures: Sequence[Failure]) -> Iterable[provider_pb2.CheckFailure]:
        """Failures with the property path in the reason.

        The engine prints the whole value of a property that is named on its own, and does not hide
        secrets in it (`issueCheckFailures` in `pkg/resource/deploy/step_generator.go`).
        """
        for failure in failures:
            reason = (
                f"`{failure.property}` {failure.reason}" if failure.property else failure.reason
            )
            yield provider_pb2.CheckFailure(reason=self.scrub(reason))

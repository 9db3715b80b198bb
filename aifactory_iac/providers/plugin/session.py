"""What an engine and the plug-in agree on beside resources: versions, settings, the end."""
# ruff: noqa: N802 - the names of methods are those of the service

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Self

from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from aifactory_iac.providers.metal.package import VERSION
from aifactory_iac.providers.plugin import wire
from aifactory_iac.providers.plugin.answering import answering
from aifactory_iac.providers.plugin.configuration import (
    checked_configuration,
    configuration,
    secret_settings,
)
from aifactory_iac.providers.plugin.diagnostics import EngineLog, NotedSecrets, Scrubber
from aifactory_iac.providers.plugin.difference import diff_response, plain_difference
from aifactory_iac.providers.plugin.operations import Operations
from aifactory_iac.providers.plugin.property_path import Path, ignoring
from aifactory_iac.providers.resource import Checked, Failure
from aifactory_iac.providers.schema import schema_text
from aifactory_iac.providers.secrets import standard_stores
from aifactory_iac.providers.surroundings import Surroundings


class Session(provider_pb2_grpc.ResourceProviderServicer):
    """The methods that are not about a resource, and what all methods share."""

    def __init__(self) -> None:
        """It is to be configured before it can do anything."""
        self.scrub = Scrubber()
        self.log = EngineLog(self.scrub)
        self.operations = Operations()
        self.around: Surroundings | None = None

    def within(self, around: Surroundings) -> Self:
        """Itself, configured to work within these surroundings."""
        self.around = around
        return self

    async def close(self) -> None:
        """Ends the connection to the engine."""
        await self.log.close()

    @answering
    async def Handshake(self, request: Any) -> provider_pb2.ProviderHandshakeResponse:
        """The first call of an engine: where it listens, and what we understand."""
        self.log.connect(request.engine_address)
        self.operations.welcome()
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @answering
    async def Attach(self, request: Any) -> Any:
        """An engine takes a plug-in that runs already (`PULUMI_DEBUG_PROVIDERS`)."""
        self.log.connect(request.address)
        self.operations.welcome()
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
        news = self.received(request.news)
        checked = checked_configuration(news.values)
        return self.check_response(checked, news.secrets | secret_settings())

    @answering
    async def DiffConfig(self, request: Any) -> provider_pb2.DiffResponse:
        """No change of configuration replaces a resource: machines stay where they are."""
        old = self.received(request.old_inputs).values
        new = ignoring(old, self.received(request.news).values, request.ignoreChanges)
        return diff_response(plain_difference(old, new), old, new)

    @answering
    async def Configure(self, request: Any) -> provider_pb2.ConfigureResponse:
        """Takes the settings that all operations work with."""
        found = configuration(self.received(request.args).values, os.environ)
        for text in found.secrets.values():
            self.scrub.learn(text)
        lab = found.settings.lab
        secrets = NotedSecrets(
            standard_stores(found.secrets), lab.credentials if lab else {}, self.scrub.learn
        )
        self.within(Surroundings(found.settings, secrets))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @answering
    async def Cancel(self, _request: Any) -> Any:
        """Running operations begin no further write, read back what they began, and answer."""
        self.operations.cancel()
        return empty_pb2.Empty()

    def received(self, struct: struct_pb2.Struct) -> wire.Received:
        """Plain values, whose secrets are never shown from now on."""
        found = wire.received(struct)
        for text in found.secret_texts():
            self.scrub.learn(text)
        return found

    def check_response(
        self, checked: Checked, secrets: AbstractSet[Path]
    ) -> provider_pb2.CheckResponse:
        """The answer to a check, with secrets as such."""
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

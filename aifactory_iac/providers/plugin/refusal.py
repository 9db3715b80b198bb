"""Errors as gRPC statuses: what the user reads, and what the engine is to keep.

`FAILED_PRECONDITION` says that nothing was done, `UNKNOWN` with `ErrorResourceInitFailed` that
something was and what the engine keeps of it (`parseError` in
`sdk/go/common/resource/plugin/provider_plugin.go` of pulumi/pulumi), `INTERNAL` that it is a bug.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from aifactory_iac.providers.plugin.wire import WireError
from aifactory_iac.providers.resource import ProviderError
from aifactory_iac.providers.secrets import SecretError

_DETAILS = "grpc-status-details-bin"


class InitFailedError(Exception):
    """An operation was done in part; `kept` is what the engine is to keep."""

    def __init__(self, kept: provider_pb2.ErrorResourceInitFailed) -> None:
        """Takes the message for the engine."""
        super().__init__("; ".join(kept.reasons))
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Status:
    """How a call ends that did not succeed."""

    code: grpc.StatusCode
    text: str
    metadata: tuple[tuple[str, bytes], ...] = ()


def status_of(error: Exception, doing: str, scrub: Callable[[str], str]) -> Status:
    """The status that says an error; `doing` is what the plug-in was asked for."""
    if isinstance(error, InitFailedError):
        return _partly(error.kept, scrub)
    if isinstance(error, ProviderError | SecretError):
        return Status(grpc.StatusCode.FAILED_PRECONDITION, scrub(str(error)))
    if isinstance(error, WireError):
        return Status(grpc.StatusCode.INVALID_ARGUMENT, scrub(str(error)))
    if os.environ.get("AIFACTORY_DEBUG") == "1":
        lines = traceback.format_exception(error)
        print(scrub("".join(lines)), file=sys.stderr)  # noqa: T201 - only stdout is the engine's
    text = f"internal error in {doing}: {type(error).__name__} (this is a bug in aifactory)"
    return Status(grpc.StatusCode.INTERNAL, text)


def _partly(kept: provider_pb2.ErrorResourceInitFailed, scrub: Callable[[str], str]) -> Status:
    reasons = [scrub(reason) for reason in kept.reasons]
    kept.ClearField("reasons")
    kept.reasons.extend(reasons)
    text = "; ".join(reasons)
    message = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=text)
    message.details.add().Pack(kept)
    return Status(grpc.StatusCode.UNKNOWN, text, ((_DETAILS, message.SerializeToString()),))

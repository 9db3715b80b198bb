"""A provider plug-in that creates nothing: it answers with the inputs, an id and a made-up ARN.

With it the real engine can preview and apply any program on a machine without a cloud. The engine
attaches to it by `PULUMI_DEBUG_PROVIDERS=<package>:<port>`. A change of a property in `REPLACES`
asks for a replacement, any other for an update.
"""

# ruff: noqa: N802 - method names are the service's

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent import futures

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

REPLACES = ("ami", "cidrBlock", "data", "stringData")
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Echo(provider_pb2_grpc.ResourceProviderServicer):
    def Handshake(self, _request, _context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, _request, _context):
        return empty_pb2.Empty()

    def Cancel(self, _request, _context):
        return empty_pb2.Empty()

    def GetPluginInfo(self, _request, _context):
        return plugin_pb2.PluginInfo(version="9.9.9")

    def GetSchema(self, _request, _context):
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request, _context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, _context):
        return self.Diff(request, None)

    def Configure(self, _request, _context):
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False
        )

    def Check(self, request, _context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request, _context):
        old, new = request.old_inputs.fields, request.news.fields
        changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        kinds = provider_pb2.DiffResponse
        return provider_pb2.DiffResponse(
            changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE,
            diffs=changed,
            replaces=[key for key in changed if key in REPLACES],
            stables=["arn"],
        )

    def Create(self, request, _context):
        name = request.urn.rsplit("::", 1)[-1]
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.properties)
        outputs["arn"] = UNKNOWN if request.preview else f"arn:{name}"
        return provider_pb2.CreateResponse(
            id="" if request.preview else f"id-{name}", properties=outputs
        )

    def Update(self, request, _context):
        outputs = struct_pb2.Struct()
        outputs.CopyFrom(request.news)
        outputs["arn"] = request.olds["arn"]
        return provider_pb2.UpdateResponse(properties=outputs)

    def Delete(self, _request, _context):
        return empty_pb2.Empty()

    def Invoke(self, _request, _context):
        return provider_pb2.InvokeResponse()


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The port that the provider listens on, for the time of the block."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Echo(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()

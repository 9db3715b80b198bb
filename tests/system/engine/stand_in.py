"""Providers that stand in for AWS, Kubernetes and bare metal under the real engine.

The engine, its language host and its state are real; only the world behind the providers is not.
They do what real ones do to a plan: fill in defaults, names and tags when they check inputs, say
what a difference leads to, and give ids and computed outputs. Nothing of the toolkit is used here,
so that a mistake in it cannot agree with itself.

Sources: `applyTags` and `applyRegion` of pulumi-aws (`provider/tags.go`, `provider/region.go`);
`__defaults` and names with seven random digits of pulumi-terraform-bridge (`pkg/tfbridge`);
`Check` and `setDefaults` of pulumi-kubernetes (`provider/pkg/provider/helm_release.go`).
"""
# ruff: noqa: N802 - the names of methods are those of the service

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
VERSIONS = {
    "aifactory": "0.1.0",
    "aws": metadata.version("pulumi-aws"),
    "kubernetes": metadata.version("pulumi-kubernetes"),
}
_MAPS = {"tags", "tagsAll", "labels"}
"""Properties whose keys are the user's: the bridge lists no defaults inside them."""
_GLOBAL = ("aws:budgets/", "aws:iam/")

NAMED = {
    "aws:budgets/budget:Budget": "name",
    "aws:cloudtrail/trail:Trail": "name",
    "aws:ec2/launchTemplate:LaunchTemplate": "name",
    "aws:ec2/placementGroup:PlacementGroup": "name",
    "aws:ec2/securityGroup:SecurityGroup": "name",
    "aws:eks/nodeGroup:NodeGroup": "nodeGroupName",
    "aws:iam/role:Role": "name",
    "aws:iam/rolePolicy:RolePolicy": "name",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:sns/topic:Topic": "name",
}
"""The property that the provider fills with a name when the program gives none."""

DEFAULTED: Mapping[str, Mapping[str, Any]] = {
    "aws:ec2/securityGroup:SecurityGroup": {
        "description": "Managed by Pulumi",
        "revokeRulesOnDelete": False,
    },
    "aws:iam/role:Role": {"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
    "aws:s3/bucket:Bucket": {"forceDestroy": False},
}
"""Other properties with defaults, of some types."""

REPLACED = {
    "aws:ec2/subnet:Subnet": {"availabilityZone", "cidrBlock", "vpcId"},
    "aws:ec2/vpc:Vpc": {"cidrBlock"},
    "aws:eks/nodeGroup:NodeGroup": {"instanceTypes", "subnetIds", "capacityType"},
    "aws:fsx/lustreFileSystem:LustreFileSystem": {"deploymentType", "subnetIds", "kmsKeyId"},
    "aifactory:metal:Cluster": {"distribution", "kind", "site"},
    "aifactory:metal:SwitchConfig": {"hostname", "site"},
}
"""Properties that cannot be changed in place, of some types."""


COMPUTED: Mapping[str, Mapping[str, Any]] = {
    "aifactory:metal:Cluster": {
        "endpoint": "https://ID.example",
        "kubeconfig": {**SECRET, "value": "kubeconfig of ID"},
    },
    "aifactory:metal:ClusterMembership": {"joined": 32},
    "aifactory:metal:FabricPartitions": {"members": {}},
    "aifactory:metal:NodeGroup": {"ready": 32, "results": {}},
    "aifactory:metal:ProvisioningServer": {"url": "http://ID.example"},
    "aifactory:metal:SwitchConfig": {"revision": "ID"},
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1, "defaultVersion": 1},
    "aws:eks/cluster:Cluster": {
        "endpoint": "https://ID.eks.example",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": "https://oidc.example/ID"}]}],
    },
    "aws:fsx/lustreFileSystem:LustreFileSystem": {
        "dnsName": "ID.fsx.example",
        "mountName": "mounted",
    },
}
"""Outputs that a program cannot know, with `ID` for the id; on AWS all have an ARN beside."""

IDENTIFIED = {"aws:iam/role:Role": "name", "aws:s3/bucket:Bucket": "bucket"}
"""Types whose id is one of their inputs."""


@dataclass
class World:
    """What the stand-ins were asked, and what they were told to make."""

    checked: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Inputs by URN as the program sent them, before a provider added to them."""
    written: list[tuple[str, str]] = field(default_factory=list)
    """Operations that would have changed the world, as `(operation, urn)`."""
    invoked: list[str] = field(default_factory=list)
    serial: int = 0

    def forget(self) -> None:
        """Empties the records; what was made stays made."""
        self.checked.clear()
        self.written.clear()
        self.invoked.clear()

    def identifier(self, type_: str) -> str:
        """An id that no resource has yet."""
        self.serial += 1
        return f"{type_.rsplit(':', 1)[-1].lower()}-{self.serial:08x}"


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """One package. Values are handled as plain data; secrets keep their wrapping."""

    def __init__(self, package: str, world: World) -> None:
        self.package = package
        self.world = world
        self.version = VERSIONS[package]
        self.settings: dict[str, Any] = {}

    def Handshake(self, request, context):
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=self.version)

    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": self.package}))

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        return difference(plain(request.old_inputs), plain(request.news), set())

    def Configure(self, request, context):
        self.settings = plain(request.args)
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Invoke(self, request, context):
        self.world.invoked.append(request.tok)
        return provider_pb2.InvokeResponse()

    def Check(self, request, context):
        news = plain(request.news)
        self.world.checked[request.urn] = news
        checked = self._checked(request, dict(news), plain(request.olds))
        return provider_pb2.CheckResponse(inputs=struct(checked))

    def Diff(self, request, context):
        type_ = type_of(request.urn)
        replaced = REPLACED.get(type_, set())
        return difference(plain(request.old_inputs), plain(request.news), replaced)

    def Create(self, request, context):
        type_ = type_of(request.urn)
        if request.preview:
            made = dict.fromkeys(computed(type_, ""), UNKNOWN)
            return provider_pb2.CreateResponse(
                properties=struct({**made, **plain(request.properties)})
            )
        self.world.written.append(("create", request.urn))
        inputs = plain(request.properties)
        identifier = inputs.get(IDENTIFIED.get(type_, ""), None) or self.world.identifier(type_)
        outputs = state(type_, identifier, inputs)
        return provider_pb2.CreateResponse(id=identifier, properties=struct(outputs))

    def Read(self, request, context):
        return provider_pb2.ReadResponse(
            id=request.id, properties=request.properties, inputs=request.inputs
        )

    def Update(self, request, context):
        type_ = type_of(request.urn)
        if not request.preview:
            self.world.written.append(("update", request.urn))
        outputs = state(type_, request.id, plain(request.news))
        return provider_pb2.UpdateResponse(properties=struct(outputs))

    def Delete(self, request, context):
        self.world.written.append(("delete", request.urn))
        return empty_pb2.Empty()

    def _checked(self, request: Any, news: dict[str, Any], olds: Mapping[str, Any]) -> Any:
        type_ = type_of(request.urn)
        if self.package == "aws":
            return self._checked_by_bridge(type_, request, news, olds)
        if type_ == "kubernetes:helm.sh/v3:Release":
            return {**{key: value for key, value in news.items() if value not in (False, "")},
                    "timeout": 300, "compat": "true", "resourceNames": {}}  # fmt: skip
        if self.package == "kubernetes" and "name" not in news.get("metadata", {}):
            raise ValueError(f"{request.urn} leaves its name to the provider")
        return news

    def _checked_by_bridge(
        self, type_: str, request: Any, news: dict[str, Any], olds: Mapping[str, Any]
    ) -> dict[str, Any]:
        if not type_.startswith(_GLOBAL):
            news.setdefault("region", self.settings["region"])
        if "tags" in news:
            news["tagsAll"] = news["tags"]
        defaulted = {
            key: value for key, value in DEFAULTED.get(type_, {}).items() if key not in news
        }
        name = NAMED.get(type_)
        if name is not None and name not in news:
            random = hashlib.sha256(request.randomSeed).hexdigest()[:7]
            kept = olds.get(name) if name in olds.get("__defaults", ()) else None
            defaulted[name] = kept or f"{request.name}-{random}"
        listed = with_defaults(news)
        return {**listed, **defaulted, "__defaults": sorted(defaulted)}


def type_of(urn: str) -> str:
    """The resource's own type, without those of its ancestors."""
    return urn.split("::")[2].rsplit("$", 1)[-1]


def with_defaults(value: Any, key: str = "") -> Any:
    """The value with an empty list of defaults in each object, as the bridge leaves behind."""
    if isinstance(value, list):
        return [with_defaults(item) for item in value]
    if isinstance(value, Mapping) and SIGNATURE not in value and key not in _MAPS:
        return {"__defaults": [], **{name: with_defaults(value[name], name) for name in value}}
    return value


def difference(
    old: Mapping[str, Any], new: Mapping[str, Any], replaced: set[str]
) -> provider_pb2.DiffResponse:
    """What differs between two sets of inputs, by property."""
    changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
    some = provider_pb2.DiffResponse.DIFF_SOME
    return provider_pb2.DiffResponse(
        changes=some if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=sorted(replaced & set(changed)),
    )


def state(type_: str, identifier: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs of a resource that exists."""
    made = computed(type_, identifier)
    kept = {key: value for key, value in inputs.items() if key != "__defaults"}
    if type_ == "aws:eks/cluster:Cluster":
        kept["vpcConfig"] = {**kept["vpcConfig"], "clusterSecurityGroupId": f"sg-{identifier}"}
    return {**made, **kept}


def computed(type_: str, identifier: str) -> dict[str, Any]:
    """Outputs that only the provider knows."""
    made = COMPUTED.get(type_, {})
    if type_.startswith("aws:"):
        made = {"arn": "arn:aws:::ID", **made}
    text = json.dumps(made).replace("ID", identifier)
    found: dict[str, Any] = json.loads(text)
    return found


def plain(message: struct_pb2.Struct) -> dict[str, Any]:
    """A message as plain data; whole numbers come out as such."""
    found: dict[str, Any] = _whole(json_format.MessageToDict(message))
    return found


def _whole(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def struct(value: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain data as a message."""
    return json_format.ParseDict(dict(value), struct_pb2.Struct())


@contextmanager
def serving(world: World) -> Iterator[Mapping[str, int]]:
    """Serves every package on loopback and gives the ports by package."""
    size = 256 * 1024 * 1024
    limits = [("grpc.max_receive_message_length", size), ("grpc.max_send_message_length", size)]
    server = []
    ports = {}
    for package in VERSIONS:
        each = grpc.server(ThreadPoolExecutor(8), options=limits)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(package, world), each)
        ports[package] = each.add_insecure_port("127.0.0.1:0")
        each.start()
        server.append(each)
    try:
        yield ports
    finally:
        for each in server:
            each.stop(None).wait()

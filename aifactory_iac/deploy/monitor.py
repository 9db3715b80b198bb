"""A resource monitor of our own: what a Pulumi program talks to in place of the engine.

`pulumi.runtime.settings.Settings` takes any object with these methods. Every registration arrives
as the raw request, with parents, dependencies and options, and leaves as a `PlannedResource` whose
URN is the engine's own. Nothing is created: ids and outputs are unknown, except where the last
state knows them (`Prior`). Method names are the service's, hence not in this project's case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from google.protobuf import empty_pb2, struct_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import engine_pb2, provider_pb2, resource_pb2

from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy import wire
from aifactory_iac.deploy.registration import planned
from aifactory_iac.deploy.rules import found
from aifactory_iac.deploy.transforms import Transforms
from aifactory_iac.findings import Finding, Path
from aifactory_iac.program.planned import UNKNOWN, PlannedResource

FEATURES = (
    resource_pb2.RESOURCE_MONITOR_FEATURE_SECRETS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_DELETED_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_REPLACE_WITH,
    resource_pb2.RESOURCE_MONITOR_FEATURE_PARAMETERIZATION,
    resource_pb2.RESOURCE_MONITOR_FEATURE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_INVOKE_TRANSFORMS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_RESOURCE_HOOKS,
    resource_pb2.RESOURCE_MONITOR_FEATURE_ERROR_HOOKS,
)
"""What is announced to the SDK. Without references and output values, a program sends ids, URNs
and unknowns in their place: exactly the plain data that a plan wants."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the last state says of a registered resource.

    `outputs` count for more than the inputs of the same name, and may hold `UNKNOWN`. They and `id`
    are empty where a replacement is possible. `formerly` is the URN under which the state has the
    resource, when that is not today's.
    """

    id: str
    outputs: Mapping[str, Any]
    formerly: str | None = None


class Prior(Protocol):
    """The last state as a monitor asks for it, resource by resource, parents first."""

    def answer(self, resource: PlannedResource) -> Known | None:
        """What is known of the resource; None when it is new."""


@dataclass(frozen=True, slots=True)
class Read:
    """A resource that the program looks up but does not manage (`X.get`, stack references)."""

    urn: str
    type: str
    name: str
    id: Any


@dataclass(slots=True)
class Monitor:
    """Records what one program registers. Used once, in the event loop of that program."""

    stack: str
    project: str
    unit: str = ""
    origins: Mapping[str, Path] = field(default_factory=dict)
    prior: Prior | None = None
    registered: dict[str, PlannedResource] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    reads: list[Read] = field(default_factory=list)
    invoked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    transforms: Transforms = field(default_factory=Transforms)
    _found: dict[str, str] = field(default_factory=dict)

    def GetDeploymentInfo(self, _request: Any) -> resource_pb2.DeploymentInfo:  # noqa: N802
        """Names and features; config is passed to the program beside the monitor."""
        return resource_pb2.DeploymentInfo(
            project=self.project,
            stack=self.stack,
            organization="organization",
            dryRun=True,
            supportedFeatures=FEATURES,
        )

    def SupportsFeature(  # noqa: N802
        self, request: resource_pb2.SupportsFeatureRequest
    ) -> resource_pb2.SupportsFeatureResponse:
        """For SDKs from before `GetDeploymentInfo`, by the names that features had then."""
        known = {"secrets", "aliasSpecs", "deletedWith", "replaceWith", "parameterization"}
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in known)

    def RegisterResource(  # noqa: N802
        self, request: resource_pb2.RegisterResourceRequest
    ) -> Any:
        """The response, or a coroutine of it where transforms of the program have to run first."""
        parent = request.parent or None
        urn = urns.build(self.stack, self.project, request.type, request.name, parent)
        tokens = self.transforms.for_request(urn, parent, request, self.registered)
        if not tokens:
            return self._register(urn, request)

        async def transformed() -> resource_pb2.RegisterResourceResponse:
            return self._register(urn, await self.transforms.run(tokens, request))

        return transformed()

    def _register(
        self, urn: str, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Echoes the inputs: known on the outputs, where everything else stays unknown."""
        parent = request.parent or None
        if urn in self.registered:
            self.findings.append(_duplicate(self.registered[urn]))
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        resource = planned(
            request,
            urn=urn,
            unit=self.unit,
            origin=self._origin(request.name, parent),
            inherited=self._inherited(parent),
            found=self._found,
        )
        self.registered[urn] = resource
        if self.prior is None or request.type == urns.STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        known = self.prior.answer(resource)
        if known is None:
            return resource_pb2.RegisterResourceResponse(urn=urn, object=request.object)
        if known.formerly:
            self._found[urn] = known.formerly
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=known.id, object=_with_outputs(request.object, known.outputs)
        )

    def _inherited(self, parent: str | None) -> tuple[str, ...]:
        """The parent's former URNs: the one it was found under, or all where no state can tell."""
        if parent is None:
            return ()
        if self.prior is not None:
            return (self._found[parent],) if parent in self._found else ()
        above = self.registered.get(parent)
        return above.aliases if above else ()

    def _origin(self, name: str, parent: str | None) -> Path:
        """The blueprint path of the top-level construction that the resource belongs to."""
        above = self.registered.get(parent) if parent else None
        if above is None or above.type == urns.STACK_TYPE:
            return self.origins.get(name, ())
        return above.origin

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Outputs of a component, or of the stack: what `pulumi.export` gave."""
        self.outputs[request.urn] = wire.from_struct(request.outputs)
        return empty_pb2.Empty()

    def ReadResource(  # noqa: N802
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """What exists out there is unknown here, save what the program itself says of it."""
        parent = request.parent or None
        urn = urns.build(self.stack, self.project, request.type, request.name, parent)
        identifier = "" if request.id == wire.UNKNOWN_TEXT else request.id
        self.reads.append(Read(urn, request.type, request.name, identifier or UNKNOWN))
        return resource_pb2.ReadResourceResponse(
            urn=urn, id=identifier, properties=request.properties
        )

    def ExistsResource(self, _request: Any) -> resource_pb2.ExistsResourceResponse:  # noqa: N802
        """Only the world can say."""
        return resource_pb2.ExistsResourceResponse(unknown=True)

    def Invoke(  # noqa: N802
        self, request: resource_pb2.ResourceInvokeRequest
    ) -> resource_pb2.ResourceInvokeResponse:
        """Answers nothing but the program's own resources: any other look-up needs the world."""
        if request.tok == "pulumi:pulumi:getResource":
            return self._get_resource(wire.from_struct(request.args).get("urn"))
        self.invoked.append(request.tok)
        return resource_pb2.ResourceInvokeResponse(unknown=True)

    def _get_resource(self, urn: Any) -> resource_pb2.ResourceInvokeResponse:
        resource = self.registered.get(urn) if isinstance(urn, str) else None
        answer = struct_pb2.Struct()
        answer.fields["urn"].string_value = urn if isinstance(urn, str) else ""
        answer.fields["id"].string_value = ""
        answer.fields["state"].struct_value.CopyFrom(
            wire.to_struct(resource.inputs if resource else {})
        )
        return resource_pb2.ResourceInvokeResponse(**{"return": answer})

    def Call(self, request: resource_pb2.ResourceCallRequest) -> Any:  # noqa: N802
        """A method of a component: its result is unknown as a whole."""
        self.invoked.append(request.tok)
        unknown = wire.to_struct({"result": UNKNOWN})
        return provider_pb2.CallResponse(**{"return": unknown})

    def RegisterPackage(  # noqa: N802
        self, request: resource_pb2.RegisterPackageRequest
    ) -> resource_pb2.RegisterPackageResponse:
        """A reference that is the same in every run."""
        parameter = request.parameterization
        return resource_pb2.RegisterPackageResponse(
            ref=f"{request.name}@{request.version}/{parameter.name}@{parameter.version}"
        )

    def RegisterStackTransform(self, request: Any) -> empty_pb2.Empty:  # noqa: N802
        """A transform of every resource from now on."""
        self.transforms.of_stack.append(request.token)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, _request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Look-ups have no answer offline, so there is nothing to transform."""
        return empty_pb2.Empty()

    def RegisterResourceHook(self, _request: Any) -> empty_pb2.Empty:  # noqa: N802
        """Hooks run when something is made or deleted, never in a plan."""
        return empty_pb2.Empty()

    def RegisterErrorHook(self, _request: Any) -> empty_pb2.Empty:  # noqa: N802
        """As other hooks."""
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _request: Any) -> empty_pb2.Empty:  # noqa: N802
        """The program is done, and so is the monitor."""
        return empty_pb2.Empty()


_LOGGED = {
    engine_pb2.WARNING: ("AIF-PLN-002", "warns"),
    engine_pb2.ERROR: ("AIF-PLN-003", "reports an error"),
}
"""Rule and verb by severity of a log message."""


@dataclass(slots=True)
class Engine:
    """Takes the program's log messages; warnings and errors become findings of the unit."""

    unit: str
    findings: list[Finding]

    def Log(self, request: engine_pb2.LogRequest) -> empty_pb2.Empty:  # noqa: N802
        """Debug and info messages are dropped: they say nothing of the plan."""
        rule, says = _LOGGED.get(request.severity, ("", ""))
        if rule:
            message = f"The program of unit `{self.unit}` {says}: {_sentence(request.message)}"
            self.findings.append(found(rule, message))
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _request: Any) -> empty_pb2.Empty:  # noqa: N802
        """A program may ask for a CLI version; offline there is none to refuse."""
        return empty_pb2.Empty()


def _with_outputs(inputs: struct_pb2.Struct, outputs: Mapping[str, Any]) -> struct_pb2.Struct:
    merged = struct_pb2.Struct()
    merged.CopyFrom(inputs)
    for key, value in outputs.items():
        merged.fields[key].CopyFrom(wire.to_value(value))
    return merged


def _duplicate(first: PlannedResource) -> Finding:
    """The engine refuses a URN that it has seen; so does the plan, but it goes on to the end."""
    return found(
        "AIF-PLN-004",
        f"In unit `{first.unit}`, two resources of type {first.type} are called {first.name!r} "
        f"below the same parent, so both would be {first.urn}.",
        first.origin,
        hint="give each resource of a type its own name, or another parent",
    )


def _sentence(text: str) -> str:
    """What a program said, with a full stop at its end."""
    said = text.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."

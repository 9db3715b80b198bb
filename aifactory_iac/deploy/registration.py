"""From one raw registration request to the planned resource that it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulumi.runtime.proto import alias_pb2, resource_pb2

from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy import wire
from aifactory_iac.deploy.aliases import Alias, expand
from aifactory_iac.findings import Path
from aifactory_iac.program.planned import PlannedResource


def planned(
    request: resource_pb2.RegisterResourceRequest,
    *,
    urn: str,
    unit: str,
    origin: Path,
    inherited: Iterable[str],
    found: Mapping[str, str],
) -> PlannedResource:
    """The request as a value; sets come out sorted, since their order on the wire is random.

    `inherited` are the former URNs of the parent that count for its children, `found` maps URNs
    of today to those that the last state has them under.
    """
    dependencies = {
        key: tuple(sorted(value.urns))
        for key, value in request.propertyDependencies.items()
        if value.urns
    }
    parent = request.parent or None
    top_level = parent is None or urns.type_of(parent) == urns.STACK_TYPE
    return PlannedResource(
        unit=unit,
        urn=urn,
        type=request.type,
        name=request.name,
        parent=None if top_level else parent,
        custom=request.custom,
        inputs=wire.from_struct(request.object),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={key: dependencies[key] for key in sorted(dependencies)},
        provider=urns.provider_urn(request.provider) if request.provider else None,
        protect=request.protect,
        aliases=expand(urn, parent, _written(request), inherited, found),
        ignore_changes=tuple(sorted(request.ignoreChanges)),
        replace_on_changes=tuple(sorted(request.replaceOnChanges)),
        delete_before_replace=request.deleteBeforeReplace,
        retain_on_delete=request.retainOnDelete,
        additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
        version=request.version,
        import_id=request.importId,
        deleted_with=request.deletedWith,
        replace_with=tuple(sorted(request.replace_with)),
        remote=request.remote,
        origin=origin,
    )


def _written(request: resource_pb2.RegisterResourceRequest) -> tuple[Alias, ...]:
    """The aliases of the request, in the order of the program: the engine tries them in turn."""
    urns_only = tuple(Alias(urn=text) for text in request.aliasURNs)
    return urns_only + tuple(_alias(alias) for alias in request.aliases)


def _alias(alias: alias_pb2.Alias) -> Alias:
    if alias.WhichOneof("alias") == "urn":
        return Alias(urn=alias.urn)
    spec = alias.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )

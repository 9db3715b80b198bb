"""Inputs in a state that a provider's check made and no program sent.

The engine stores what a provider's `Check` returned: the program's inputs with defaults, generated
names and labels. A plan without a provider has to know them, or each would look like a removal.

Sources: pulumi-aws `provider/tags.go` and `provider/region.go` (`applyTags`, `applyRegion` run
before each check); pulumi-kubernetes `provider/pkg/metadata` and `Check` of `provider.go`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy.state import StateResource
from aifactory_iac.deploy.wire import has_unknown
from aifactory_iac.program.planned import UNKNOWN, PlannedResource, Secret, Unknown

DEFAULTS = "__defaults"
"""Bridged providers list here, at each level, the keys that they filled in."""

_INTERNAL = ("__internal", "version", "pluginDownloadURL")
"""Kept by the engine among the inputs of a provider resource (`providers.FilterProviderConfig`)."""

_AUTONAMED = "pulumi.com/autonamed"
_MANAGED_BY = "app.kubernetes.io/managed-by"
"""A generated name is marked by the annotation; the label is on objects applied client-side."""

_RELEASE = "kubernetes:helm.sh/v3:Release"
_RELEASE_MADE = ("name", "namespace", "timeout", "keyring", "checksum", "resourceNames")
"""`Check` and `setDefaults` of `helm_release.go` of pulumi-kubernetes."""


def aligned(
    old: StateResource, new: PlannedResource, provider: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Old and new inputs, such that what the provider makes of itself is no difference.

    `provider` are the new inputs of the explicit provider, empty for a default one.
    """
    before, after = dict(old.inputs), dict(new.inputs)
    package = old.type.split(":", 1)[0]
    if old.type.startswith(urns.PROVIDER_PREFIX):
        before = {key: before[key] for key in before if key not in _INTERNAL or key in after}
    elif package == "aws":
        _align_region(before, after, provider)
        _align_tags(before, after, provider)
    elif old.type == _RELEASE:
        _align_release(before, after)
    elif package == "kubernetes":
        before = _without_kubernetes(before, after, provider)
    return before, after


def _align_region(
    before: dict[str, Any], after: Mapping[str, Any], provider: Mapping[str, Any]
) -> None:
    """The provider's region is dropped; another one means that the resource moves."""
    if "region" not in before or after.get("region") is not None:
        return
    if provider.get("region", before["region"]) in (before["region"], UNKNOWN):
        del before["region"]


def _align_tags(before: dict[str, Any], after: dict[str, Any], provider: Mapping[str, Any]) -> None:
    """`tagsAll` is cut down to what the provider's default tags add to the resource's own."""
    if "tagsAll" not in before or "tagsAll" in after:
        return
    every, own = before.pop("tagsAll"), _mapping(before.get("tags"))
    added = {key: value for key, value in _mapping(every).items() if own.get(key) != value}
    defaults = _default_tags(provider.get("defaultTags"))
    if isinstance(defaults, Unknown):
        before["tagsAll"], after["tagsAll"] = added, UNKNOWN
        return
    wanted_own = _mapping(after.get("tags"))
    wanted = {key: value for key, value in defaults.items() if key not in wanted_own}
    if added != wanted:
        before["tagsAll"], after["tagsAll"] = added, wanted


def _default_tags(setting: Any) -> Mapping[str, Any] | Unknown:
    """`{"tags": {...}}`; settings of a provider travel as JSON texts."""
    if isinstance(setting, Secret):
        setting = setting.value
    if isinstance(setting, Unknown):
        return UNKNOWN
    if isinstance(setting, str):
        try:
            setting = json.loads(setting)
        except ValueError:
            return UNKNOWN
    tags = _mapping(setting).get("tags", {})
    return UNKNOWN if has_unknown(tags) else _mapping(tags)


def _align_release(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A Helm release's check names it, fills in a few settings and drops what is false or empty."""
    for key in _RELEASE_MADE:
        if after.get(key) is None:
            before.pop(key, None)
    for key in tuple(after):
        if key not in before and (key == "compat" or after[key] in (False, "", 0)):
            del after[key]


def _without_kubernetes(
    old: Mapping[str, Any], new: Mapping[str, Any], provider: Mapping[str, Any]
) -> dict[str, Any]:
    metadata = old.get("metadata")
    if not isinstance(metadata, Mapping):
        return dict(old)
    wanted = new.get("metadata")
    wanted = wanted if isinstance(wanted, Mapping) else {}
    kept = dict(metadata)
    annotations = _mapping(kept.get("annotations"))
    if annotations.get(_AUTONAMED) == "true" and "name" not in wanted:
        kept.pop("name", None)
        _drop(kept, "annotations", _AUTONAMED, wanted)
    _drop(kept, "labels", _MANAGED_BY, wanted)
    namespace = provider.get("namespace", "default")
    if "namespace" not in wanted and namespace in (kept.get("namespace"), UNKNOWN):
        kept.pop("namespace", None)
    inputs = {key: value for key, value in old.items() if key != "metadata"}
    if kept or wanted:
        inputs["metadata"] = kept
    return inputs


def _drop(metadata: dict[str, Any], part: str, key: str, wanted: Mapping[str, Any]) -> None:
    """Take one key out of a part of the metadata, and the part with it when it becomes empty."""
    held = _mapping(metadata.get(part))
    if key in held and key not in _mapping(wanted.get(part)):
        rest = {name: value for name, value in held.items() if name != key}
        if rest or part in wanted:
            metadata[part] = rest
        else:
            metadata.pop(part)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

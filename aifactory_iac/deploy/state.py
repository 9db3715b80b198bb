"""Pulumi's own checkpoint as a value: what a stack has, as the engine last wrote it.

Reads the file of the DIY backends (`checkpoint.latest`) and that of `pulumi stack export`
(`deployment`), version 3, and version 4 with the features listed below: what an unknown feature
changes cannot be known, so such a state is refused. Nothing raises; `State.findings` says what is
wrong, and a state that cannot be relied on has `readable` False.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy import wire
from aifactory_iac.deploy.rules import found
from aifactory_iac.deploy.secrets import Vault
from aifactory_iac.findings import Finding
from aifactory_iac.program.planned import UNKNOWN, Secret

_CORRUPT, _VERSION = "AIF-PLN-010", "AIF-PLN-011"
RESTORE = "restore it from the backend's backups, or write it anew with `pulumi stack export`"
_WAYS_OUT = {
    _CORRUPT: RESTORE,
    _VERSION: "upgrade aifactory, or write the state anew with the Pulumi version that it knows",
}

OLDEST, NEWEST = 3, 4
FEATURES = frozenset({"refreshBeforeUpdate", "views", "hooks", "taint", "replaceWith"})
"""Features of version 4 that change nothing in what is read here, or are read here."""


@dataclass(frozen=True, slots=True)
class StateResource:
    """One row of a checkpoint. `inputs` and `outputs` are plain data with `Secret`.

    A secret that could not be opened is `Secret(UNKNOWN)`. `provider` is the URN of the provider,
    without the id.
    """

    urn: str
    type: str
    custom: bool
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    parent: str | None = None
    provider: str | None = None
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    taint: bool = False
    retain_on_delete: bool = False
    view_of: str = ""
    has_init_errors: bool = False
    import_id: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """The last state of one stack. The empty state is that of a stack never applied.

    `resources` are the live rows by URN, without the stack itself; `leftovers` are rows that a
    replacement left to be deleted; `pending` names operations that were cut short, as
    `(type, urn)`. `digest` is the SHA-256 of the file, empty where there is none.
    """

    resources: Mapping[str, StateResource] = field(default_factory=dict)
    leftovers: tuple[StateResource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    pending: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    readable: bool = True


NEVER_APPLIED = State()


def read_state(data: bytes, name: str, passphrase: str | None = None) -> State:
    """The state in the bytes of a checkpoint or export file.

    `name` is how messages call it. An empty passphrase is a valid one; None leaves secrets closed.
    """
    digest = hashlib.sha256(data).hexdigest()
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        kind = "cut short or not JSON" if isinstance(error, ValueError) else "nested too deep"
        return _refused(_CORRUPT, f"`{name}` is {kind}.", digest)
    deployment, refusal = _deployment(document, name)
    if refusal:
        return _refused(*refusal, digest)
    if deployment is None:
        return State(digest=digest)
    return _Reader(deployment, name, passphrase).state(digest)


def _deployment(
    document: Any, name: str
) -> tuple[Mapping[str, Any] | None, tuple[str, str] | None]:
    """The deployment object, None for a stack without one, or rule and reason of a refusal."""
    if not isinstance(document, Mapping) or not isinstance(document.get("version"), int):
        return None, (_CORRUPT, f"`{name}` is not a Pulumi checkpoint.")
    version = document["version"]
    if not OLDEST <= version <= NEWEST:
        age = "newer" if version > NEWEST else "older"
        reason = f"`{name}` has version {version}, {age} than {OLDEST} and {NEWEST} known here."
        return None, (_VERSION, reason)
    features = document.get("features") or []
    unknown = sorted({str(feature) for feature in features} - FEATURES)
    if version == NEWEST and unknown:
        listed = ", ".join(f"`{feature}`" for feature in unknown)
        return None, (_VERSION, f"`{name}` uses features that are not known here: {listed}.")
    if "deployment" in document:
        deployment = document["deployment"]
    elif isinstance(document.get("checkpoint"), Mapping):
        deployment = document["checkpoint"].get("latest")
    else:
        return None, (_CORRUPT, f"`{name}` has neither a checkpoint nor a deployment.")
    if deployment is not None and not isinstance(deployment, Mapping):
        return None, (_CORRUPT, f"The deployment in `{name}` is not an object.")
    return deployment, None


def _refused(rule: str, reason: str, digest: str) -> State:
    return State(
        findings=(found(rule, reason, hint=_WAYS_OUT[rule]),), digest=digest, readable=False
    )


class _Reader:
    """Reads one deployment; collects what is wrong on the way."""

    def __init__(self, deployment: Mapping[str, Any], name: str, passphrase: str | None) -> None:
        self.deployment = deployment
        self.name = name
        provider = deployment.get("secrets_providers")
        self.vault = Vault(provider if isinstance(provider, Mapping) else None, passphrase)
        self.findings: list[Finding] = []

    def state(self, digest: str) -> State:
        rows = self.deployment.get("resources") or []
        if not isinstance(rows, list) or not all(_is_row(row) for row in rows):
            return _refused(
                _CORRUPT, f"`{self.name}` has a resource without a URN and type.", digest
            )
        live: dict[str, StateResource] = {}
        leftovers: list[StateResource] = []
        outputs: Mapping[str, Any] = {}
        for row in rows:
            resource = self._resource(row)
            if resource.type == urns.STACK_TYPE:
                outputs = resource.outputs
            elif resource.delete:
                leftovers.append(resource)
            elif resource.urn in live:
                self._damage(f"`{self.name}` has {resource.urn} twice.")
            else:
                live[resource.urn] = resource
        self._integrity(live)
        pending = self._pending()
        return State(
            resources=dict(sorted(live.items())),
            leftovers=tuple(sorted(leftovers, key=lambda row: (row.urn, row.id))),
            outputs=outputs,
            pending=pending,
            findings=(*self.findings, *self.vault.findings),
            digest=digest,
        )

    def _resource(self, row: Mapping[str, Any]) -> StateResource:
        provider = row.get("provider")
        return StateResource(
            urn=row["urn"],
            type=row["type"],
            custom=row.get("custom") is True,
            id=str(row.get("id") or ""),
            inputs=self._properties(row.get("inputs")),
            outputs=self._properties(row.get("outputs")),
            parent=row.get("parent") or None,
            provider=urns.provider_urn(provider)
            if isinstance(provider, str) and provider
            else None,
            protect=row.get("protect") is True,
            external=row.get("external") is True,
            delete=row.get("delete") is True,
            pending_replacement=row.get("pendingReplacement") is True,
            taint=row.get("taint") is True,
            retain_on_delete=row.get("retainOnDelete") is True,
            view_of=str(row.get("viewOf") or ""),
            has_init_errors=bool(row.get("initErrors")),
            import_id=str(row.get("importID") or ""),
        )

    def _properties(self, properties: Any) -> dict[str, Any]:
        plain = self._plain(properties) if isinstance(properties, Mapping) else {}
        return plain if isinstance(plain, dict) else {}

    def _plain(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if value.get(wire.SIGNATURE) == wire.SECRET:
                return self._secret(value)
            plain = {str(key): self._plain(value[key]) for key in sorted(value)}
            return wire.special(plain) if wire.SIGNATURE in plain else plain
        if isinstance(value, list):
            return [self._plain(item) for item in value]
        if isinstance(value, float):
            return wire.number(value)
        return UNKNOWN if value == wire.UNKNOWN_TEXT else value

    def _secret(self, value: Mapping[str, Any]) -> Secret:
        text = value.get("plaintext")
        if not isinstance(text, str):
            text = self.vault.open(str(value.get("ciphertext", "")))
        try:
            return Secret(UNKNOWN if text is None else self._plain(json.loads(text)))
        except (ValueError, RecursionError):
            return Secret(UNKNOWN)

    def _integrity(self, live: Mapping[str, StateResource]) -> None:
        metadata = self.deployment.get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("integrity_error"):
            self._damage(f"The engine marked `{self.name}` as damaged.")
        for resource in live.values():
            parent = resource.parent
            if parent is None or parent in live or not urns.is_urn(parent):
                continue
            if urns.type_of(parent) != urns.STACK_TYPE:
                self._damage(f"`{self.name}` lacks the parent of {resource.urn}.")

    def _pending(self) -> tuple[tuple[str, str], ...]:
        operations = self.deployment.get("pending_operations") or []
        pending = []
        for operation in operations if isinstance(operations, list) else []:
            if not isinstance(operation, Mapping):
                continue
            resource = operation.get("resource")
            urn = resource.get("urn", "") if isinstance(resource, Mapping) else ""
            pending.append((str(operation.get("type", "")), str(urn)))
        for kind, urn in sorted(pending):
            self.findings.append(
                found(
                    "AIF-PLN-013",
                    f"In `{self.name}`, {kind} of {urn} was cut short; whether it took effect is "
                    "not known.",
                    hint="refresh the stack with `pulumi refresh` before applying",
                )
            )
        return tuple(sorted(pending))

    def _damage(self, message: str) -> None:
        self.findings.append(found("AIF-PLN-012", message, hint="run `pulumi state repair`"))


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, Mapping)
        and isinstance(row.get("urn"), str)
        and urns.is_urn(row["urn"])
        and isinstance(row.get("type"), str)
    )

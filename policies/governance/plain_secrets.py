"""AIF-GOV-007."""

from __future__ import annotations

import re

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, texts

_SHAPES = {
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    "GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}\b"),
    "Hugging Face token": re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
    "NVIDIA NGC key": re.compile(r"\bnvapi-[A-Za-z0-9_-]{40,}\b"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b"),
    "Vault token": re.compile(r"\bhvs\.[A-Za-z0-9_-]{20,}\b"),
    "password in a URL": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@]{3,}@"),
}
_ANY_SHAPE = re.compile("|".join(shape.pattern for shape in _SHAPES.values()))
_SECRET_NAMES = re.compile(r"(?i)^(?:.*[-_.])?(?:password|passwd|secret_?key|api_?key|token)$")
_ASSUMED_NAMES = re.compile(r"(?i)[a-z](?:Password|SecretKey|ApiKey)$")


@rule(
    id="AIF-GOV-007",
    title="No secret stands in the blueprint or in a planned resource",
    severity=Severity.CRITICAL,
    controls=("soc2:CC6.1", "iso27001:A.5.17", "nist800-53:IA-5"),
    needs=("blueprint", "resources"),
)
def plain_secrets(factory: Context) -> Checks:
    """Texts have no known shape of a key or token, and inputs named like a secret are marked so.

    What is marked secret is not looked at. The message names the place and the kind, never the
    text.
    """
    written = texts(factory.blueprint.model_dump(mode="json", by_alias=True))
    for place, text in written:
        for kind in _kinds(text):
            yield failed(
                place,
                kind,
                f"the blueprint holds what looks like a {kind}",
                hint="take it out, revoke it, and refer to it: `{secret: vault, path: ...}`",
            )
    for resource in factory.resources:
        found = [
            (place, kind)
            for place, text in texts(resource)
            for kind in _kinds(text) or _named(place, text)
        ]
        for place, kind in found:
            where = ".".join(str(key) for key in place)
            yield failed(
                resource.origin,
                f"{resource.name}:{where}:{kind}",
                f"input `{where}` of `{resource.name}` holds what looks like a {kind} in plain "
                "text",
                hint="pass it as a secret",
            )
        if not found:
            yield passed(resource.origin, resource.name)


def _kinds(text: str) -> list[str]:
    if _ANY_SHAPE.search(text) is None:
        return []
    return [kind for kind, shape in _SHAPES.items() if shape.search(text)]


def _named(place: tuple[str | int, ...], text: str) -> list[str]:
    name = str(place[-1]) if place else ""
    named = _SECRET_NAMES.match(name) or _ASSUMED_NAMES.search(name)
    return [f"{name}"] if named and text and not text.startswith("${") else []

"""AIF-GOV-001."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule, value

_NAMES = {
    "type": "array",
    "items": {"type": "string", "minLength": 1},
    "uniqueItems": True,
}


@rule(
    id="AIF-GOV-001",
    title="Everything says whose it is, who pays, and what it holds",
    severity=Severity.MEDIUM,
    controls=("soc2:CC6.1", "iso27001:A.5.9", "iso27001:A.5.12", "nist800-53:CM-8"),
    needs=("blueprint", "resources"),
    parameters={
        "tags": {
            **_NAMES,
            "default": ["cost-center"],
            "description": "Tags that the blueprint gives to everything.",
        },
        "planned": {
            **_NAMES,
            "default": ["data-class", "environment", "owner", "zone"],
            "description": "Tags that every taggable planned resource carries.",
        },
    },
)
def tags(factory: Context, *, tags: Sequence[str], planned: Sequence[str]) -> Checks:
    """The blueprint names an owner and its tags, and planned resources carry all that is asked.

    Resources without tags in their inputs, and those whose tags are known only after apply, are not
    judged: nothing there tells whether they take any.
    """
    given = factory.blueprint.governance.tags
    owner = factory.blueprint.metadata.owner
    if owner is None:
        yield failed(
            ("metadata", "owner"),
            "owner",
            "the blueprint names no owner",
            hint="add `metadata.owner`",
        )
    for name in sorted(set(tags) - set(given)):
        yield failed(
            ("governance", "tags"),
            name,
            f"there is no tag `{name}`",
            hint=f"add `governance.tags: {{{name}: ...}}`",
        )
    if owner is not None and not set(tags) - set(given):
        yield passed(("governance", "tags"))
    wanted = set(planned) - ({"owner"} if owner is None else set())
    for resource in factory.resources:
        carried = value(resource, "tags")
        if not isinstance(carried, Mapping):
            continue
        missing = sorted(wanted - set(carried))
        if missing:
            yield failed(
                resource.origin,
                f"{resource.type.rsplit(':', 1)[-1]}:{resource.name}",
                f"`{resource.name}` lacks the tag(s) {', '.join(missing)}",
            )
        else:
            yield passed(resource.origin, resource.name)

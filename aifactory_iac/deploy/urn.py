"""The engine's names of resources: `urn:pulumi:<stack>::<project>::<qualified type>::<name>`.

The qualified type carries the types of all ancestors, joined by `$`, but not the stack's own type.
Source of the rules: `sdk/go/common/resource/urn` and `generateURN` of the engine's step generator.
"""

from __future__ import annotations

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
_PREFIX = "urn:pulumi:"


def build(stack: str, project: str, type_: str, name: str, parent: str | None) -> str:
    """The URN that the engine gives to a registration; `parent` is the parent's URN, if any."""
    ancestry = qualified_type(parent) if parent else STACK_TYPE
    qualified = type_ if ancestry == STACK_TYPE else f"{ancestry}${type_}"
    return f"{_PREFIX}{stack}::{project}::{qualified}::{name}"


def is_urn(text: str) -> bool:
    """Whether the text has the four parts of a URN."""
    return text.startswith(_PREFIX) and text.count("::") >= 3


def stack_of(urn: str) -> str:
    """Name of the stack."""
    return urn.split("::", 3)[0].removeprefix(_PREFIX)


def project_of(urn: str) -> str:
    """Name of the project."""
    return urn.split("::", 3)[1]


def qualified_type(urn: str) -> str:
    """The type with the types of all ancestors before it."""
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    """The resource's own type token."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The resource's own name, which may itself contain `::`."""
    return urn.split("::", 3)[3]


def provider_urn(reference: str) -> str:
    """The URN in a provider reference `<urn>::<id>`; an id never contains `::`."""
    return reference.rsplit("::", 1)[0]


def is_default_provider(urn: str) -> bool:
    """Whether the engine itself made the provider: such a one is never registered by a program."""
    name = name_of(urn)
    return type_of(urn).startswith(PROVIDER_PREFIX) and (
        name == "default" or name.startswith("default_")
    )

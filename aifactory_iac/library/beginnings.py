"""What `init` writes: a stack that deploys a library blueprint, or a blueprint that extends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from aifactory_iac.library.shelf import volumes

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model import Blueprint

_SCHEMA = "https://aifactory-iac.dev/schema/v1"

_STACK = """\
# yaml-language-server: $schema={{ schema }}/stack.schema.json
# One deployment of {{ source }}; `aifactory plan` on this file shows what it would do.
apiVersion: aifactory/v1
kind: Stack
metadata:
  name: {{ name }}
blueprint: {{ source }}@^{{ version }}

# Values of the blueprint's parameters; those behind a # have the default that is shown.
parameters:{{ "" if given else " {}" }}
{% for parameter in parameters %}
  # {{ parameter.description }}
  {{ "" if parameter.given else "# " }}{{ parameter.name }}: {{ parameter.value }}
{% endfor %}

# A partial blueprint, merged over {{ source }} by name.
overlay:
  governance:
    environment: development

backend:
  url: file://./.aifactory/state
"""

_BLUEPRINT = """\
# yaml-language-server: $schema={{ schema }}/blueprint.schema.json
# Extends {{ source }}: what is written here is merged over it by name.
apiVersion: aifactory/v1
kind: Blueprint
metadata:
  name: {{ name }}
  version: 0.1.0
  title: {{ title | tojson }}
extends: {{ source }}@^{{ version }}
{% if parameters %}

parameters:
{% for parameter in parameters %}
  {{ parameter.name }}:
    default: {{ parameter.value }}
{% endfor %}
{% endif %}
"""


def missing(source: str, library: Sequence[Path] = ()) -> Mapping[str, Mapping[str, Any]]:
    """Parameters of a library blueprint that have no default, with their schemas."""
    from aifactory_iac.blueprint import declared_parameters

    found = [volume for volume in volumes(library) if volume.name == source]
    if not found:
        return {}
    declared = declared_parameters(str(found[0].document), tuple(library))
    return {name: schema for name, schema in declared.items() if "default" not in schema}


def beginnings(
    blueprint: Blueprint, directory: str, given: Mapping[str, str], *, own: bool
) -> Mapping[str, str]:
    """File name to text. `given` holds the parameters that the user set, as YAML scalars."""
    # The text is YAML, not HTML; values are written as JSON, which is YAML.
    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    file = "blueprint.yaml" if own else "stack.yaml"
    shown = [
        {
            "name": name,
            "description": schema.get("description", ""),
            "given": name in given,
            "value": _yaml(given.get(name, schema.get("default"))),
        }
        for name, schema in sorted(blueprint.parameters.items())
    ]
    text = environment.from_string(_BLUEPRINT if own else _STACK).render(
        schema=_SCHEMA,
        source=blueprint.metadata.name,
        version=blueprint.metadata.version,
        title=blueprint.metadata.title or blueprint.metadata.name,
        name=_name(directory),
        given=given,
        parameters=shown,
    )
    return {file: text, ".gitignore": ".aifactory/\nplan.json\n"}


def _yaml(value: Any) -> str:
    import json

    return value if isinstance(value, str) and _plain(value) else json.dumps(value)


def _plain(text: str) -> bool:
    return (
        bool(text)
        and all(each.isalnum() or each in " ._/-" for each in text)
        and text == text.strip()
    )


def _name(directory: str) -> str:
    kept = "".join(each if each.isascii() and each.isalnum() else "-" for each in directory.lower())
    return kept.strip("-")[:60] or "factory"

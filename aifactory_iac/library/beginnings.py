"""What `init` writes: a stack that deploys a library blueprint, or a blueprint that extends it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aifactory_iac.blueprint.schema import editor_header, json_schema
from aifactory_iac.library.shelf import Volume, volumes

if TYPE_CHECKING:
    from aifactory_iac.blueprint.model import Blueprint

_STACK = """\
{{ header }}# One deployment of {{ source }}; `aifactory plan` on this file shows what it would do.
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
{{ header }}# Extends {{ source }}: what is written here is merged over it by name.
apiVersion: aifactory/v1
kind: Blueprint
metadata:
  name: {{ name }}
  version: 0.1.0
  title: {{ title }}
extends: {{ source }}@^{{ version }}
{% if parameters %}

parameters:
{% for parameter in parameters %}
  # {{ parameter.description }}
  {{ parameter.name }}:
    default: {{ parameter.value }}
{% endfor %}
{% endif %}
"""
IGNORE = ".gitignore"
_IGNORED = ".aifactory/\nplan.json\n"
_LONGEST_NAME = 40


def missing(source: str, library: Sequence[Path] = ()) -> Mapping[str, Mapping[str, Any]]:
    """Parameters of a library blueprint that have no default, with their schemas."""
    from aifactory_iac.blueprint import declared_parameters

    volume = _volume(source, library)
    if volume is None:
        return {}
    declared = declared_parameters(str(volume.document), tuple(library))
    return {name: schema for name, schema in declared.items() if "default" not in schema}


def fault(source: str, name: str, text: str, library: Sequence[Path] = ()) -> str | None:
    """What is wrong with a text as the value of a library blueprint's parameter, by its loader."""
    from aifactory_iac.blueprint import Request, load
    from aifactory_iac.catalog import Catalog

    volume = _volume(source, library)
    if volume is None:
        return None
    request = Request(str(volume.document), {name: text}, None, tuple(library))
    findings = load(request, Catalog.shipped()).findings
    return next((each.message for each in findings if each.path[:2] == ("parameters", name)), None)


def beginnings(
    blueprint: Blueprint, directory: str, given: Mapping[str, str], *, own: bool
) -> Mapping[str, str]:
    """File name to text: the document, the schema that editors check it by, what git ignores.

    `given` holds the parameters that the user set, as YAML scalars.
    """
    # The text is YAML, not HTML; every value that goes in is written as YAML by `_yaml`.
    environment = jinja2.Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701
    )
    kind = "blueprint" if own else "stack"
    schema = f"{kind}.schema.json"
    text = environment.from_string(_BLUEPRINT if own else _STACK).render(
        header=editor_header(schema),
        source=blueprint.metadata.name,
        version=blueprint.metadata.version,
        title=_json(blueprint.metadata.title or blueprint.metadata.name),
        name=_name(directory),
        given=given,
        parameters=[
            {
                "name": name,
                "description": " ".join(str(schema.get("description", "")).split()) or name,
                "given": name in given,
                "value": _given(given[name], schema) if name in given else _value(schema),
            }
            for name, schema in sorted(blueprint.parameters.items())
        ],
    )
    return {
        f"{kind}.yaml": text,
        schema: json.dumps(json_schema(kind), separators=(",", ":")) + "\n",
        IGNORE: _IGNORED,
    }


def _volume(source: str, library: Sequence[Path]) -> Volume | None:
    return next((each for each in volumes(library) if each.name == source), None)


def _value(schema: Mapping[str, Any]) -> str:
    """A default as YAML: text without quotes where it reads as the same text, all else as JSON."""
    default = schema.get("default")
    if isinstance(default, str) and _read(default) == default:
        return default
    return _json(default)


def _given(text: str, schema: Mapping[str, Any]) -> str:
    """What was given, so that the file says what `-p` said: text is never read as a number."""
    if schema.get("type") == "string":
        return text if _read(text) == text else _json(text)
    read = _read(text)
    return _json(text if read is _UNREADABLE else read)


_UNREADABLE = object()


def _read(text: str) -> Any:
    """What YAML reads where the text stands as a value on a line of its own."""
    if text != text.strip() or not text.isprintable():
        return _UNREADABLE
    try:
        document = YAML(typ="safe").load(f"value: {text}")
    except (YAMLError, ValueError):
        return _UNREADABLE
    return document.get("value") if isinstance(document, dict) else _UNREADABLE


def _json(value: Any) -> str:
    """JSON that YAML reads as the same: YAML knows no surrogate pairs, and breaks lines at more."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)


def _name(directory: str) -> str:
    """A name for a document from that of its folder."""
    kept = "".join(each if each.isascii() and each.isalnum() else "-" for each in directory.lower())
    return kept.strip("-")[:_LONGEST_NAME].strip("-") or "factory"

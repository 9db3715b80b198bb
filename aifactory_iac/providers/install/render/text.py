"""How files are written: YAML, JSON and templates that give the same bytes for the same values."""

from __future__ import annotations

import io
import json
import shlex
from functools import cache
from importlib import resources
from typing import Any


def yaml_text(document: object, header: str = "") -> bytes:
    """YAML in block style, keys in the order given, long lines unbroken, `header` as first line."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.Representer = _representer()
    writer.default_flow_style = False
    writer.width = 100_000
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    writer.dump(document, stream)
    return ((f"{header}\n" if header else "") + stream.getvalue()).encode()


@cache
def _representer() -> Any:
    """Texts of several lines as blocks, so that a script in a document can be read."""
    from ruamel.yaml.representer import SafeRepresenter

    class Blocks(SafeRepresenter):
        pass

    def represented(self: Any, text: str) -> Any:
        return self.represent_scalar(
            "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
        )

    Blocks.add_representer(str, represented)
    return Blocks


def json_text(document: object) -> bytes:
    """JSON with sorted keys."""
    return (json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def from_template(name: str, /, **values: Any) -> str:
    """A template of `templates/` with these values; a name that is not given is an error."""
    return str(_environment().get_template(name).render(**values))


@cache
def _environment() -> Any:
    from jinja2 import FunctionLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(_source),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    made.filters["sh"] = shlex.quote
    return made


def _source(name: str) -> str:
    folder = resources.files("aifactory_iac.providers.install").joinpath("templates")
    return folder.joinpath(name).read_text(encoding="utf-8")

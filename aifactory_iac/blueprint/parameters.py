"""Parameters: what is declared, which layer sets each, and whether the value fits.

A parameter is a JSON Schema (2020-12) with a `default`. Layers, each over the one before: default,
parent, blueprint, stack, values file, command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aifactory_iac.blueprint.composer import compose
from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.blueprint.nodes import Node, Place, Source, plain, walk
from aifactory_iac.blueprint.parameter_schema import as_declared, schema_problems, value_problems
from aifactory_iac.blueprint.rules import MOST_FINDINGS, first_of, found
from aifactory_iac.blueprint.secrets import quoted
from aifactory_iac.blueprint.suggest import did_you_mean_or_list
from aifactory_iac.findings import Finding

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}\Z")

COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared parameter: its schema as data, and the node of its declaration."""

    name: str
    schema: Mapping[str, Any]
    node: Node

    @property
    def is_text(self) -> bool:
        """Whether only text fits, so that a command line's value needs no quotes."""
        return self.schema.get("type") == "string"


def declarations(root: Node) -> tuple[dict[str, Declaration], tuple[Finding, ...]]:
    """The parameters that a merged document declares, by name, and what is wrong with them."""
    written = root.entries.get("parameters")
    declared: dict[str, Declaration] = {}
    findings: list[Finding] = []
    for name, node in sorted(written.entries.items()) if written is not None else ():
        if len(findings) > MOST_FINDINGS:
            break
        problems = list(_declaration_problems(name, node))
        findings.extend(problems)
        if not problems:
            schema = {key: plain(child) for key, child in node.entries.items()}
            declared[name] = Declaration(name, schema, node)
    return declared, first_of(findings)


def _declaration_problems(name: str, node: Node) -> Iterable[Finding]:
    path = ("parameters", name)
    key = (node.key or node.place).span()
    if not _NAME.match(name):
        message = f"{quoted(name)} is not a name for a parameter"
        hint = "use letters, digits and `_`, a letter first"
        yield found("044", message, path, hint=hint, span=key)
    elif name in Blueprint.model_fields or name == "env":
        message = f"a parameter cannot be called `{name}`: a section has that name"
        yield found("044", message, path, hint="choose another name", span=key)
    elif not isinstance(node.value, Mapping):
        message = f"parameter `{name}` is declared by {quoted(node.value, path)}, not by a schema"
        hint = f"write `{name}: {{default: ...}}` to set an inherited parameter's value"
        yield found("040", message, path, hint=hint, span=node.where.span())
    else:
        for below, message, way_out in schema_problems(plain(node)):
            yield found("040", f"parameter `{name}`: {message}", (*path, *below), hint=way_out)


def from_command_line(
    given: Mapping[str, str], declared: Mapping[str, Declaration]
) -> tuple[dict[str, Node], tuple[Finding, ...]]:
    """The values of `-p NAME=VALUE`, each read as a YAML value; text stays as it was typed."""
    values: dict[str, Node] = {}
    findings: list[Finding] = []
    for name, text in sorted(given.items()):
        prefix = f"-p {name}="
        source = Source("<command line>", COMMAND_LINE, prefix + text)
        place = Place(source, 1, len(prefix) + 1, max(1, len(text)))
        key = Place(source, 1, 4, max(1, len(name)))
        declaration = declared.get(name)
        if declaration is not None and declaration.is_text:
            values[name] = Node(text, place, key, raw=text, quoted=True)
            continue
        node, wrong = compose(Source("<command line>", COMMAND_LINE, text))
        if not text.strip():
            node, wrong = Node(None, place), ()
        findings.extend(replace(each, span=place.span()) for each in wrong)
        if node is not None:
            values[name] = replace(_moved(node, place), key=key)
    return values, tuple(findings)


def _moved(node: Node, place: Place) -> Node:
    """The tree with every node at one place."""
    if isinstance(node.value, tuple):
        moved: Any = tuple(_moved(item, place) for item in node.value)
    elif isinstance(node.value, Mapping):
        moved = {name: _moved(item, place) for name, item in node.value.items()}
    else:
        moved = node.value
    return replace(node, value=moved, place=place, key=None)


def values(
    declared: Mapping[str, Declaration], layers: Iterable[Mapping[str, Node]], undeclared: set[str]
) -> tuple[dict[str, Node], tuple[Finding, ...]]:
    """The value of each parameter from the last layer that sets it; earlier ones in `before`.

    `undeclared` are parameters whose declaration is itself wrong: values for them are not judged.
    """
    chosen: dict[str, Node] = {}
    findings: list[Finding] = []
    unknown: list[tuple[str, Node]] = []
    for name, declaration in declared.items():
        default = declaration.node.entries.get("default")
        if default is not None:
            chosen[name] = default
    for layer in layers:
        for name, node in sorted(layer.items()):
            if name in declared:
                before = chosen.get(name)
                chain = () if before is None else (*before.before, before)
                chosen[name] = replace(node, before=chain)
            elif name not in undeclared:
                unknown.append((name, node))
    findings.extend(first_of(_unknown(name, node, declared) for name, node in unknown))
    findings.extend(_missing(name, declared[name]) for name in declared if name not in chosen)
    return chosen, tuple(findings)


def _unknown(name: str, node: Node, declared: Mapping[str, Declaration]) -> Finding:
    message = f"the blueprint declares no parameter {quoted(name)}"
    hint = did_you_mean_or_list(name, declared, "parameters")
    span = (node.key or node.place).span()
    return found("041", message, ("parameters", name), hint=hint, span=span)


def _missing(name: str, declaration: Declaration) -> Finding:
    about = declaration.schema.get("description")
    message = f"parameter `{name}` has no default and no value is given"
    hint = f"give it with `-p {name}=...`" + (f" ({about})" if about else "")
    return found("043", message, ("parameters", name), hint=hint)


def checked(declaration: Declaration, value: Node) -> tuple[Node, tuple[Finding, ...]]:
    """The value as the schema means it (`2.0` is an integer), and how it does not fit."""
    if value.broken or any(node.deferred for _, node in walk(value)):
        return value, ()
    given = plain(value)
    path = ("parameters", declaration.name)
    findings: list[Finding] = []
    for below, message, hint in value_problems(declaration.schema, given):
        place = dict(walk(value)).get(below, value).where
        text = f"parameter `{declaration.name}`: {message(path)}"
        findings.append(found("042", text, path, hint=hint, span=place.span()))
    converted = as_declared(declaration.schema, value.value)
    if converted is not value.value:
        value = replace(value, value=converted)
    return value, tuple(findings)

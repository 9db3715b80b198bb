"""The data files on resource types: what replaces one, what a change does, what outlives it."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

from aifactory_iac.blueprint.spec import Impact
from aifactory_iac.deploy import property_path
from aifactory_iac.deploy.property_path import PropertyPath

When = Literal["any", "remove", "shrink"]


@dataclass(frozen=True, slots=True)
class Replacement:
    """Which property changes replace a resource of one type; patterns as in `property_path`.

    `complete` says that no other property does. `unless` are the patterns that a true provider
    setting takes out of `replaces`.
    """

    replaces: tuple[PropertyPath, ...] = ()
    may_replace: tuple[PropertyPath, ...] = ()
    complete: bool = False
    unless: Mapping[str, tuple[PropertyPath, ...]] | None = None


@dataclass(frozen=True, slots=True)
class PropertyImpact:
    """What a change of one property does, and for which kind of change."""

    pattern: PropertyPath
    impact: Impact
    when: When = "any"


@dataclass(frozen=True, slots=True)
class TypeImpact:
    """What a change of a resource of one type does; `gone` holds for deletion and replacement."""

    gone: Impact = Impact.REPLACE
    updates: tuple[PropertyImpact, ...] = ()
    reason: str = ""


UNLISTED = Replacement()
ORDINARY = TypeImpact()


def replacement_of(type_: str) -> Replacement:
    """The entry of a type, or that of its package (`aws:*`), or one that promises nothing."""
    table = _replacements()
    found = table.get(type_) or table.get(f"{type_.split(':', 1)[0]}:*")
    return found or UNLISTED


def impact_of(type_: str) -> TypeImpact:
    """The entry of a type, or the ordinary one."""
    return _impacts().get(type_, ORDINARY)


def stable_outputs(type_: str) -> tuple[PropertyPath, ...]:
    """Outputs that outlive an update: those of all types, of the package, and of the type."""
    table = _stable()
    package = f"{type_.split(':', 1)[0]}:*"
    return table[""] + table.get(package, ()) + table.get(type_, ())


@functools.cache
def digest() -> str:
    """SHA-256 over all tables: a plan made with others is another plan."""
    text = "".join(_text(f"{name}.yaml") for name in ("impact", "outputs", "replacement"))
    return hashlib.sha256(text.encode()).hexdigest()


@functools.cache
def _stable() -> Mapping[str, tuple[PropertyPath, ...]]:
    """Patterns by type, those of all types under the empty name."""
    document = _read("outputs.yaml")
    entries = {"": document["everywhere"], **document["types"]}
    return {type_: _patterns(entry["stable"]) for type_, entry in entries.items()}


@functools.cache
def _replacements() -> Mapping[str, Replacement]:
    return {
        type_: Replacement(
            replaces=_patterns(entry.get("replaces", ())),
            may_replace=_patterns(entry.get("may_replace", ())),
            complete=entry.get("complete", False),
            unless={
                setting: _patterns(patterns)
                for setting, patterns in entry.get("unless", {}).items()
            },
        )
        for type_, entry in _read("replacement.yaml")["types"].items()
    }


@functools.cache
def _impacts() -> Mapping[str, TypeImpact]:
    return {
        type_: TypeImpact(
            gone=Impact(entry.get("gone", Impact.REPLACE)),
            updates=tuple(
                PropertyImpact(
                    pattern=property_path.parse(update["property"]),
                    impact=Impact(update["impact"]),
                    when=update.get("when", "any"),
                )
                for update in entry.get("updates", ())
            ),
            reason=entry.get("reason", ""),
        )
        for type_, entry in _read("impact.yaml")["types"].items()
    }


def _patterns(texts: Sequence[str]) -> tuple[PropertyPath, ...]:
    return tuple(property_path.parse(text) for text in texts)


def _read(name: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe").load(_text(name))


def _text(name: str) -> str:
    return resources.files(__package__).joinpath("data", name).read_text(encoding="utf-8")

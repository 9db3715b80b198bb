"""Former names of a resource, as the engine expands them.

A program sends only the aliases that were written at the resource itself. The engine multiplies
them with those of the parent, so that renaming a component renames its children too. Rules:
`collapseAliasToUrn`, `inheritedChildAlias` and `generateAliases` of the engine's step generator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aifactory_iac.deploy import urn as urns


@dataclass(frozen=True, slots=True)
class Alias:
    """One alias as a program wrote it: a whole URN, or the parts that used to be different.

    An empty part means "as it is now". `no_parent` says that the resource used to have none.
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str = ""
    no_parent: bool = False


def own(alias: Alias, urn: str, parent: str | None, found: Mapping[str, str]) -> str:
    """The former URN that one written alias stands for, for the resource `urn` below `parent`.

    `found` maps a URN of today to the former one that the last state has it under: a written
    parent that was itself renamed is meant under its former name.
    """
    if alias.urn:
        return alias.urn
    written_parent = found.get(alias.parent, alias.parent)
    former_parent = None if alias.no_parent else written_parent or parent
    return urns.build(
        alias.stack or urns.stack_of(urn),
        alias.project or urns.project_of(urn),
        alias.type or urns.type_of(urn),
        alias.name or urns.name_of(urn),
        former_parent,
    )


def inherited(child_type: str, child_name: str, parent: str, parent_alias: str) -> str:
    """The former URN of a child whose parent used to be called `parent_alias`.

    A child whose name starts with its parent's name had its parent's former name there.
    """
    parent_name = urns.name_of(parent)
    name = child_name
    if child_name.startswith(parent_name):
        name = urns.name_of(parent_alias) + child_name[len(parent_name) :]
    return urns.build(
        urns.stack_of(parent), urns.project_of(parent), child_type, name, parent_alias
    )


def expand(
    urn: str,
    parent: str | None,
    written: Sequence[Alias],
    parent_aliases: Iterable[str],
    found: Mapping[str, str],
) -> tuple[str, ...]:
    """All former URNs of a resource, in the order in which the engine tries them.

    `parent_aliases` are the former URNs of the parent that count: the one it was found under in
    the last state, or all it has where there is no state to tell.
    """
    former = [own(alias, urn, parent, found) for alias in written]
    expanded = dict.fromkeys(former)
    if parent:
        for parent_alias in parent_aliases:
            for known in (urn, *former):
                alias = inherited(urns.type_of(known), urns.name_of(known), parent, parent_alias)
                expanded.setdefault(alias)
    expanded.pop(urn, None)
    return tuple(expanded)

"""Planned resources, indexed once: by type token, by URN, and along the edges of their inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aifactory_iac.program.planned import UNKNOWN, PlannedResource, Secret

Place = tuple[str | int, ...]
"""Keys and indexes from the inputs of a resource down to a value."""


@dataclass(frozen=True)
class Resources:
    """All planned resources, in order of their URN, so that no rule sees the order of a program."""

    items: tuple[PlannedResource, ...]

    @classmethod
    def of_plan(cls, planned: Iterable[PlannedResource]) -> Resources:
        """Sorts by URN."""
        return cls(tuple(sorted(planned, key=lambda resource: resource.urn)))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[PlannedResource]:
        return iter(self.items)

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[PlannedResource, ...]]:
        found: dict[str, list[PlannedResource]] = {}
        for resource in self.items:
            found.setdefault(resource.type, []).append(resource)
        return {token: tuple(resources) for token, resources in found.items()}

    @cached_property
    def by_urn(self) -> Mapping[str, PlannedResource]:
        """Every resource by its URN."""
        return {resource.urn: resource for resource in self.items}

    def of(self, *types: str) -> tuple[PlannedResource, ...]:
        """All resources of the given type tokens, by URN within a type."""
        return tuple(found for token in types for found in self._by_type.get(token, ()))

    def behind(self, resource: PlannedResource, name: str, kind: str) -> tuple[str, ...]:
        """URNs of the resources of type `kind` that the input `name` is made from.

        Ids are unknown before apply, but which resource they come from is not: a reference is
        followed by the property's dependencies.
        """
        edges = resource.property_dependencies.get(name, ())
        return tuple(urn for urn in sorted(edges) if _type_of(urn) == kind)

    def referring(
        self, kind: str, name: str, target: str
    ) -> Mapping[str, tuple[PlannedResource, ...]]:
        """Resources of type `kind`, grouped by the `target` typed resource behind input `name`."""
        found: dict[str, list[PlannedResource]] = {}
        for resource in self.of(kind):
            for urn in self.behind(resource, name, target):
                found.setdefault(urn, []).append(resource)
        return {urn: tuple(resources) for urn, resources in found.items()}


def value(inputs: Any, *keys: str | int) -> Any:
    """The input at that place: `UNKNOWN` if it, or anything on the way, is known only after apply.

    `None` where nothing is set. A secret is opened for judging; a rule never prints it.
    """
    current = inputs.inputs if isinstance(inputs, PlannedResource) else inputs
    for key in keys:
        current = _opened(current)
        if current is UNKNOWN:
            return UNKNOWN
        current = _step(current, key)
    return _opened(current)


def listed(inputs: Any, *keys: str | int) -> tuple[Any, ...]:
    """The items of the list at that place; none where it is unknown, not set, or no list."""
    found = value(inputs, *keys)
    return tuple(_opened(item) for item in found) if isinstance(found, list | tuple) else ()


def texts(inputs: Any) -> Iterator[tuple[Place, str]]:
    """Every plain text in the inputs with its place; what is marked secret is left out.

    A walk with a list of its own: a factory has hundreds of thousands of texts, and a generator
    inside a generator for each level of nesting would cost more than judging them.
    """
    waiting: list[tuple[Place, Any]] = [
        ((), inputs.inputs if isinstance(inputs, PlannedResource) else inputs)
    ]
    while waiting:
        place, current = waiting.pop()
        if isinstance(current, str):
            yield place, current
        elif isinstance(current, dict):
            waiting += [((*place, str(key)), current[key]) for key in reversed(current)]
        elif isinstance(current, list | tuple):
            waiting += [
                ((*place, position), current[position])
                for position in reversed(range(len(current)))
            ]
        elif isinstance(current, Mapping):
            waiting.append((place, dict(current)))


def _step(current: Any, key: str | int) -> Any:
    if isinstance(key, int):
        inside = isinstance(current, Sequence) and not isinstance(current, str)
        return current[key] if inside and -len(current) <= key < len(current) else None
    return current.get(key) if isinstance(current, Mapping) else None


def _opened(current: Any) -> Any:
    while isinstance(current, Secret):
        current = current.value
    return current


def _type_of(urn: str) -> str:
    """`urn:pulumi:stack::project::parent$type::name` has the type after the last `$`."""
    parts = urn.split("::")
    return parts[2].rsplit("$", 1)[-1] if len(parts) > 2 else ""

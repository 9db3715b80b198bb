"""Which handler answers which request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from aifactory_iac.lab.redfish.plant.refusal import RefusalError
from aifactory_iac.lab.redfish.plant.state import Machine
from aifactory_iac.lab.redfish.service.exchange import Answer, Request

Handler = Callable[[Machine, Request, Mapping[str, str]], Answer]
"""Machine, request and the names in the path → answer. Raises `RefusalError`."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; `{name}` stands for one segment."""

    method: str
    path: str
    handler: Handler
    anonymous: bool = False
    volatile: bool = False
    """Whether the answer may change while the machine does not, so that it is never kept."""


@dataclass(frozen=True, slots=True)
class Match:
    """The route that fits, and what its names stand for."""

    route: Route
    names: Mapping[str, str]


class Router:
    """Finds routes by method and path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        """Takes all routes; a fixed segment wins over a name."""
        self._by_length: dict[int, list[tuple[tuple[str, ...], dict[str, Route]]]] = {}
        table: dict[tuple[str, ...], dict[str, Route]] = {}
        self._open: set[tuple[str, str]] = set()
        for route in routes:
            if route.anonymous:
                self._open.add((route.method, route.path))
            table.setdefault(tuple(route.path.split("/")), {})[route.method] = route
        for segments, methods in sorted(table.items(), key=lambda item: _named(item[0])):
            self._by_length.setdefault(len(segments), []).append((segments, methods))

    def anonymous(self, method: str, path: str) -> bool:
        """Whether everyone may ask for it."""
        return (method, path) in self._open

    def find(self, method: str, path: str) -> Match | None:
        """The route, or None when the path is nobody's.

        Raises:
            RefusalError: The path exists, but not with that method.
        """
        given = path.split("/")
        allowed: set[str] = set()
        for segments, methods in self._by_length.get(len(given), ()):
            names = _names(segments, given)
            if names is None:
                continue
            if route := methods.get(method):
                return Match(route, names)
            allowed |= set(methods)
        if allowed:
            raise RefusalError(
                405,
                "OperationNotAllowed",
                f"The HTTP method {method} is not allowed on this resource.",
                headers={"Allow": ", ".join(sorted(allowed))},
            )
        return None


def _named(segments: tuple[str, ...]) -> int:
    return sum(segment.startswith("{") for segment in segments)


def _names(segments: tuple[str, ...], given: list[str]) -> dict[str, str] | None:
    names: dict[str, str] = {}
    for segment, word in zip(segments, given, strict=True):
        if segment.startswith("{"):
            names[segment[1:-1]] = word
        elif segment != word:
            return None
    return names
